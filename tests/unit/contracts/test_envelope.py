"""What goes in comes out: structured and binary, with every attribute."""

import json
from datetime import UTC, datetime

import pytest
from unit.contracts.messages import TYPES, binary, body, envelopes, structured, user_added

from kontor_contracts import MAX_BYTES, Envelope, MalformedError, Payload, decode, encode, new_envelope, schema_id
from kontor_contracts.identity import UserPasswordChanged

CHANGED = UserPasswordChanged(user_id="u-1", organization_id="o-1")
TIME = datetime(2026, 11, 2, 8, 14, 7, tzinfo=UTC)


@pytest.mark.parametrize("envelope", envelopes(), ids=lambda envelope: envelope.type)
def test_every_message_survives_the_structured_mode(envelope: Envelope[Payload]) -> None:
    value, headers = encode(envelope)
    assert decode(value, headers, TYPES) == envelope


def test_the_binary_mode_says_the_same_as_the_structured_one() -> None:
    value, headers = binary()
    assert decode(value, headers, TYPES) == user_added()


def test_umlauts_are_written_as_utf_8() -> None:
    value, _ = encode(user_added())
    assert "Müller & Söhne GmbH".encode() in value


def test_headers_say_the_mode_and_repeat_type_and_id() -> None:
    envelope = user_added()
    _, headers = encode(envelope)
    assert dict(headers) == {
        "content-type": b"application/cloudevents+json; charset=UTF-8",
        "message-type": envelope.type.encode(),
        "message-id": envelope.id.encode(),
    }


def test_the_body_decides_whatever_the_copied_headers_say() -> None:
    value, headers = encode(user_added())
    lies = [*headers, ("ce_type", b"kontor.other.v1"), ("ce_id", b"\xff"), ("ce_specversion", b"1.0")]
    assert decode(value, lies, TYPES) == user_added()


def test_absent_attributes_are_not_written_as_null() -> None:
    envelope = new_envelope(CHANGED, source="/kontor/identity", subject="u", id="m", time=TIME, correlationid="c")
    assert set(json.loads(encode(envelope)[0])) == {
        *("specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema"),
        *("partitionkey", "sequence", "correlationid", "data"),
    }


def test_an_envelope_knows_its_type_schema_and_partition_key_by_itself() -> None:
    envelope = new_envelope(CHANGED, source="/kontor/identity", subject="u", id="m", time=TIME, correlationid="c")
    assert (envelope.type, envelope.dataschema) == (CHANGED.TYPE, schema_id(CHANGED.TYPE))
    assert envelope.partitionkey == "u"


def test_a_misspelled_attribute_is_not_dropped_in_silence() -> None:
    with pytest.raises(TypeError, match="sequnce"):
        new_envelope(CHANGED, source="/s", subject="u", id="m", time=TIME, correlationid="c", sequnce=4)


def test_a_payload_keeps_its_fields_in_an_envelope_of_the_general_type() -> None:
    general = Envelope[Payload](
        id="m",
        source="/s",
        type=CHANGED.TYPE,
        subject="u",
        time=TIME,
        partitionkey="u",
        correlationid="c",
        data=CHANGED,
    )
    assert json.loads(encode(general)[0])["data"] == {"user_id": "u-1", "organization_id": "o-1"}


def test_sequence_is_a_string_that_sorts_as_it_counts() -> None:
    written = [json.loads(encode(user_added().model_copy(update={"sequence": n}))[0])["sequence"] for n in (9, 10, 100)]
    assert written == ["0000000009", "0000000010", "0000000100"]
    assert written == sorted(written)
    assert decode(structured(sequence=written[2]), [], TYPES).sequence == 100


def test_a_time_keeps_its_offset_and_names_the_same_moment() -> None:
    envelope = decode(structured(time="2026-11-02T10:14:07+02:00"), [], TYPES)
    assert envelope.time == TIME
    assert decode(encode(envelope)[0], [], TYPES) == envelope


@pytest.mark.parametrize("said", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_the_media_type_may_have_parameters(said: str) -> None:
    assert decode(structured(datacontenttype=said), [], TYPES).datacontenttype == "application/json"
    value, headers = binary()
    assert decode(value, [("content-type", said.encode()), *headers[1:]], TYPES) == user_added()


def test_unknown_attributes_and_fields_are_passed_over() -> None:
    data = {**body()["data"], "nickname": "Zo"}
    value = structured(data=data, tracestate="a=b", futureextension="x")
    assert decode(value, [], TYPES) == user_added()


def test_of_a_key_given_twice_the_last_one_counts() -> None:
    value = structured().replace(b'"id":', b'"id": "first", "id":', 1)
    assert decode(value, [], TYPES).id == user_added().id


def test_producers_refuse_what_consumers_would_park() -> None:
    wide = user_added().model_copy(update={"dataschema": "x" * MAX_BYTES})
    with pytest.raises(MalformedError, match="value: "):
        encode(wide)
