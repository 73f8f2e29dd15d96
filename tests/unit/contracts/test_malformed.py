"""Whatever a record holds, ``decode`` says what is wrong with it, names the place and repeats no value."""

from typing import Any

import pytest
from unit.contracts.messages import TYPES, binary, body, structured, user_added

from kontor_contracts import MAX_BYTES, MalformedError, UnknownTypeError, UnknownVersionError, decode

STRUCTURED = [("content-type", b"application/cloudevents+json")]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="null: a tombstone"),
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff\xfe", id="no UTF-8"),
        pytest.param(b'{"id": "\xff"}', id="no UTF-8 within a string"),
        pytest.param(b'{"id": "\\ud800"}', id="half a surrogate pair"),
        pytest.param(b"\xef\xbb\xbf{}", id="byte order mark"),
        pytest.param(b"{", id="no JSON"),
        pytest.param(b"[]", id="array"),
        pytest.param(b"null", id="JSON null"),
        pytest.param(b'"text"', id="string"),
        pytest.param(b"[" * 100_000, id="deep nesting"),
        pytest.param(b'{"a":' * 300 + b"1" + b"}" * 300, id="deep objects"),
        pytest.param(b"9" * 5_000, id="endless number"),
        pytest.param(b'{"id": NaN}', id="NaN"),
        pytest.param(b'{"id": -Infinity}', id="infinity"),
        pytest.param(b'{"id": "' + b"x" * 600 * 1024 + b'"}', id="600 KB"),
    ],
)
@pytest.mark.parametrize("headers", [[], STRUCTURED], ids=["no headers", "structured"])
def test_what_is_no_json_object_is_malformed(value: bytes | None, headers: list[tuple[str, bytes]]) -> None:
    with pytest.raises(MalformedError) as caught:
        decode(value, headers, TYPES)
    assert caught.value.field == "value"
    assert len(str(caught.value)) < 300


def test_the_size_limit_counts_bytes_to_the_last_one() -> None:
    padding = MAX_BYTES - len(structured(x=""))
    assert decode(structured(x="y" * padding), [], TYPES) == user_added()
    with pytest.raises(MalformedError, match="value: "):
        decode(structured(x="y" * (padding + 1)), [], TYPES)


@pytest.mark.parametrize(
    "attribute", ["specversion", "id", "source", "type", "subject", "time", "partitionkey", "correlationid", "data"]
)
def test_a_missing_attribute_is_named(attribute: str) -> None:
    with pytest.raises(MalformedError) as caught:
        decode(structured(**{attribute: None}), [], TYPES)
    assert caught.value.field == attribute


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("specversion", "0.3"),
        ("specversion", 1.0),
        ("id", ""),
        ("id", "a\n"),
        ("id", "x" * 129),
        ("id", 5),
        ("source", "/kontor/identity\r\nX-Injected: 1"),
        ("source", "/kontor/\x00"),
        ("type", ""),
        ("type", 7),
        ("type", "x" * 300_000),
        ("subject", "user/1"),
        ("time", "yesterday"),
        ("time", "2026-11-02T08:14:07"),
        ("time", "0001-01-01T00:00:00+14:00"),
        ("time", "9999-12-31T23:59:59-14:00"),
        ("datacontenttype", "application/xml"),
        ("sequence", "-1"),
        ("sequence", "one"),
        ("sequence", "\u00b2"),
        ("sequence", 2**63),
        ("traceparent", "0" * 129),
        ("data", []),
        ("data", "text"),
    ],
)
def test_a_wrong_attribute_is_named_and_not_repeated(attribute: str, value: Any) -> None:
    with pytest.raises(MalformedError) as caught:
        decode(structured(**{attribute: value}), [], TYPES)
    assert caught.value.field == attribute
    assert len(str(caught.value)) < 300


def test_a_wrong_field_of_the_data_is_named_with_its_path() -> None:
    with pytest.raises(MalformedError) as caught:
        decode(structured(data={**body()["data"], "email": "nobody"}), [], TYPES)
    assert caught.value.field == "data.email"


def test_no_value_gets_into_an_error_or_its_cause() -> None:
    secret = "geheim@"
    with pytest.raises(MalformedError) as caught:
        decode(structured(data={**body()["data"], "email": secret}), [], TYPES)
    assert secret not in str(caught.value)
    assert secret not in str(caught.value.__cause__)


def test_a_type_nobody_here_knows_is_not_malformed() -> None:
    with pytest.raises(UnknownTypeError) as caught:
        decode(structured(type="kontor.identity.user-levitated.v1"), [], TYPES)
    assert caught.value.type == "kontor.identity.user-levitated.v1"


@pytest.mark.parametrize("version", ["2", "10", "0", "01"])
def test_a_known_type_in_another_version_is_for_the_dead_letters(version: str) -> None:
    with pytest.raises(UnknownVersionError, match=r"send one of kontor\.identity\.user-added\.v1") as caught:
        decode(structured(type=f"kontor.identity.user-added.v{version}"), [], TYPES)
    assert isinstance(caught.value, MalformedError)
    assert caught.value.field == "type"


@pytest.mark.parametrize("type_", ["kontor.identity.user-added", "kontor.identity.user-added.vx", ".v2", "v2"])
def test_without_a_version_a_type_is_just_unknown(type_: str) -> None:
    with pytest.raises(UnknownTypeError):
        decode(structured(type=type_), [], TYPES)


@pytest.mark.parametrize("header", ["id", "source", "type", "subject", "time", "partitionkey", "correlationid"])
def test_in_binary_mode_a_null_header_is_an_absent_attribute(header: str) -> None:
    value, headers = binary(**{header: None})
    with pytest.raises(MalformedError) as caught:
        decode(value, headers, TYPES)
    assert caught.value.field == header


def test_in_binary_mode_a_header_that_matters_must_be_utf_8() -> None:
    value, headers = binary(subject=b"\xff")
    with pytest.raises(MalformedError) as caught:
        decode(value, headers, TYPES)
    assert caught.value.field == "ce_subject"


def test_in_binary_mode_other_headers_may_be_anything() -> None:
    value, headers = binary(tenantid=None, futureextension=b"\xff", otherextension=None)
    headers += [("x-null", None), ("x-bytes", b"\xff\x00")]
    assert decode(value, headers, TYPES) == user_added().model_copy(update={"tenantid": None})


def test_in_structured_mode_no_header_matters() -> None:
    headers = [("ce_id", None), ("ce_subject", b"\xff"), ("x", None), *STRUCTURED]
    assert decode(structured(), headers, TYPES) == user_added()


def test_in_binary_mode_the_data_is_json() -> None:
    value, headers = binary()
    for content_type in (b"text/plain", b"\xff"):
        with pytest.raises(MalformedError):
            decode(value, [*headers, ("content-type", content_type)], TYPES)
    assert decode(value, [*headers, ("content-type", None)], TYPES) == user_added()
