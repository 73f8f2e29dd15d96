"""A log line is written whatever is in it: a value that cannot be written never stops the code that logs it."""

import json
from typing import Any

import pytest

from chassis.observability.logging import render


class Mute:
    def __repr__(self) -> str:
        raise RuntimeError("no text")


CIRCLE: list[Any] = []
CIRCLE.append(CIRCLE)


@pytest.mark.parametrize(
    "odd", [2**70, -(2**70), "\ud800", Mute(), CIRCLE, {1: "a"}, {"a": "\udfff"}, [2**70], b"\xff", {2, 3}], ids=type
)
def test_a_line_is_written_whatever_is_in_it(odd: Any) -> None:
    line = json.loads(render(None, "error", {"event": "sequence_gap", "odd": odd, "after": 3}))
    assert (line["event"], line["after"]) == ("sequence_gap", 3)
    assert "odd" in line


def test_a_line_is_written_whatever_its_fields_are_named() -> None:
    line = json.loads(render(None, "error", {"event": "odd", "\ud800": 1, "after": 2**64 - 1}))
    assert (line["event"], line["after"]) == ("odd", 2**64 - 1)
