"""What the sender of a command that breaks the contract hears: what is wrong, and nothing where it cannot be named."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from chassis import Cause
from chassis.consumer.bad_commands import BadCommand, bad_command, cause_of
from chassis.consumer.dead_letters.headers import Failure
from chassis.consumer.decoder import portal_actor
from chassis.consumer.judgement import InvalidError
from kontor_contracts import MalformedError, UnknownTypeError, UnknownVersionError

CLAIMS = {"id": "m-1", "source": "/office-portal", "type": "kontor.relationships.import-customer.v1"}
NOW = datetime(2026, 11, 28, tzinfo=UTC)


def answer(error: Exception, **claims: Any) -> BadCommand | None:
    return bad_command(Failure("parse", error, claims={**CLAIMS, **claims}))


@pytest.mark.parametrize(
    ("error", "fault", "field", "detail"),
    [
        (MalformedError("data.name", "Field required"), "malformed", "data.name", "Field required"),
        (UnknownTypeError("x.v1"), "unknown-type", "type", "'x.v1' is not known here"),
        (
            UnknownVersionError("type", "version 9 is not understood"),
            "unknown-version",
            "type",
            "version 9 is not understood",
        ),
        (InvalidError("source: portal x is not registered"), "rule-broken", "source", "portal x is not registered"),
    ],
)
def test_an_answer_names_the_fault_and_its_field(error: Exception, fault: str, field: str | None, detail: str) -> None:
    bad = answer(error)
    assert bad is not None and (bad.id, bad.source) == ("m-1", "/office-portal")
    assert (bad.fault, bad.field, bad.detail) == (fault, field, detail)


@pytest.mark.parametrize("claims", [{"id": None}, {"id": 7}, {"id": "a b"}, {"source": ""}, {"source": "x" * 300}])
def test_nobody_is_answered_who_cannot_be_named(claims: dict[str, Any]) -> None:
    assert answer(MalformedError("id", "wrong"), **claims) is None


def test_an_answer_repeats_no_more_of_a_type_than_a_line_holds() -> None:
    bad = answer(UnknownTypeError("x"), type="x\ny")
    assert bad is not None and bad.type is None
    long = answer(InvalidError("source: " + "y" * 900))
    assert long is not None and len(long.detail) == 200


@pytest.mark.parametrize(
    ("source", "actor"),
    [
        ("/portals/nordlicht", "portal:nordlicht"),
        ("/office-portal", "portal:office-portal"),
        ("https://portal.example/a?b=c d/", "portal:a-b-c-d"),
        ("/", "portal"),
        ("user:u1", "portal:user-u1"),
    ],
)
def test_a_command_is_the_act_of_its_portal(source: str, actor: str) -> None:
    assert portal_actor(source) == actor


def test_a_record_that_is_read_again_has_the_same_answer() -> None:
    bad = answer(InvalidError("source: wrong"))
    assert bad is not None

    def cause(offset: int, correlation: str = "story") -> Cause:
        record: Any = SimpleNamespace(topic="t", partition=1, offset=offset)
        return cause_of(bad, {"correlationid": correlation}, record, NOW, {})

    first = cause(5)
    assert first == cause(5) and first.key != cause(6).key
    assert (first.id, first.correlation_id, first.on_bus) == ("m-1", "story", True)
    assert cause(5, "two\nlines").correlation_id == "m-1"
