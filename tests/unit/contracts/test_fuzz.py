"""Arbitrary records and damaged messages: an answer or one of two errors, never anything else."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.contracts.messages import TYPES, binary, body, structured, user_added

from kontor_contracts import Envelope, MalformedError, Payload, UnknownTypeError, decode, encode
from kontor_contracts.envelope import MAX_BYTES
from kontor_contracts.envelope import Envelope as Shape
from kontor_contracts.identity import UserAdded, UserDisabled

NAMES = [f"ce_{name}" for name in Shape.model_fields] + ["content-type", "ce_", "CE_ID", "x"]
HEADER_VALUES = (
    st.none() | st.binary(max_size=40) | st.sampled_from([b"1.0", b"application/json", b"application/cloudevents+json"])
)
HEADERS = st.lists(st.tuples(st.sampled_from(NAMES) | st.text(max_size=20), HEADER_VALUES), max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(sorted(TYPES)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
VALID = structured()


def read(value: bytes | None, headers: list[tuple[str, bytes | None]]) -> Envelope[Payload] | None:
    """Decode; what comes out must go in again, errors must be of the two kinds, and announcing a type changes nothing."""
    found = outcome(value, headers)
    for type_ in (UserAdded.TYPE, getattr(found, "type", UserAdded.TYPE)):
        assert outcome(value, [*headers, ("message-type", type_.encode())]) == found
    if not isinstance(found, Envelope):
        return None
    assert decode(*encode(found), TYPES) == found
    return found


def outcome(value: bytes | None, headers: list[tuple[str, bytes | None]]) -> Envelope[Payload] | tuple[str, str]:
    """The message, or the kind of error and what it says."""
    try:
        return decode(value, headers, TYPES)
    except (MalformedError, UnknownTypeError) as error:
        return type(error).__name__, str(error)


@settings(max_examples=500)
@given(st.none() | st.binary(max_size=2_000), HEADERS)
def test_arbitrary_bytes(value: bytes | None, headers: list[tuple[str, bytes | None]]) -> None:
    read(value, headers)


@settings(max_examples=500)
@given(JSON, HEADERS)
def test_arbitrary_json(document: Any, headers: list[tuple[str, bytes | None]]) -> None:
    read(json.dumps(document).encode(), headers)


@settings(max_examples=500)
@given(st.sampled_from(sorted(body())), JSON)
def test_one_attribute_replaced(name: str, value: Any) -> None:
    read(json.dumps({**body(), name: value}).encode(), [])


@settings(max_examples=500)
@given(st.sampled_from(sorted(body()["data"])), JSON)
def test_one_field_of_the_data_replaced(name: str, value: Any) -> None:
    read(json.dumps(body(data={**body()["data"], name: value})).encode(), [])


@settings(max_examples=500)
@given(
    st.lists(st.tuples(st.integers(0, len(VALID) - 1), st.integers(0, 255)), min_size=1, max_size=4),
    st.integers(0, len(VALID)),
)
def test_bytes_flipped_and_the_end_cut_off(flips: list[tuple[int, int]], length: int) -> None:
    damaged = bytearray(VALID)
    for place, byte in flips:
        damaged[place] = byte
    read(bytes(damaged), [])
    read(bytes(damaged[:length]), [])


@pytest.mark.parametrize(
    ("value", "headers"),
    [
        pytest.param(structured(), [], id="all is well"),
        pytest.param(structured(type=UserDisabled.TYPE), [], id="another type than announced"),
        pytest.param(structured(specversion=None), [], id="no CloudEvent"),
        pytest.param(structured(x="y" * MAX_BYTES), [], id="too large"),
        pytest.param(structured()[:-1] + b', "x": NaN}', [], id="no JSON where nobody looks"),
        pytest.param(structured()[:-1] + b', "x": -Infinity}', [], id="nor here"),
        pytest.param(structured(), binary()[1], id="an envelope as the data of a binary message"),
        pytest.param(*binary(), id="binary"),
        pytest.param(b"\xff", [], id="no UTF-8"),
        pytest.param(None, [], id="null"),
    ],
)
def test_what_the_headers_announce_changes_nothing(
    value: bytes | None, headers: list[tuple[str, bytes | None]]
) -> None:
    read(value, headers)


def test_a_message_that_is_as_announced_is_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def long_way(*_: object) -> None:
        raise AssertionError("read the long way")

    monkeypatch.setattr("kontor_contracts.envelope._attributes", long_way)
    value, headers = encode(user_added())
    assert decode(value, headers, TYPES) == user_added()
