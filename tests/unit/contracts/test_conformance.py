"""The CloudEvents SDK is the judge of our two content modes."""

import json
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import (
    KafkaMessage,
    from_binary_event,
    from_kafka_event,
    from_structured_event,
    to_binary_event,
    to_structured_event,
)
from cloudevents.core.v1.event import CloudEvent
from jsonschema import Draft202012Validator
from unit.contracts.messages import TYPES, binary, envelopes, user_added

from kontor_contracts import Envelope, Payload, decode, encode

CORE = {"specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema"}


def sdk_event(envelope: Envelope[Payload]) -> CloudEvent:
    """The envelope as somebody would build it with the SDK."""
    document = envelope.model_dump(mode="json", exclude_none=True)
    data = document.pop("data")
    return CloudEvent({**document, "time": envelope.time}, data)


def attributes_of(envelope: Envelope[Payload]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(encode(envelope)[0])
    return {name: value for name, value in document.items() if name not in {"data", "time"}}


@pytest.mark.parametrize("envelope", envelopes(), ids=lambda envelope: envelope.type)
def test_the_sdk_reads_what_we_write(envelope: Envelope[Payload]) -> None:
    value, headers = encode(envelope)
    message = KafkaMessage(dict(headers), envelope.partitionkey, value)
    event = from_structured_event(message)
    assert dict(from_kafka_event(message).get_attributes()) == dict(event.get_attributes()), (
        "it must see the mode itself"
    )
    theirs = dict(event.get_attributes())
    assert theirs.pop("time") == envelope.time
    assert theirs == attributes_of(envelope)
    assert event.get_data() == json.loads(value)["data"]


@pytest.mark.parametrize("write", [to_structured_event, to_binary_event])
@pytest.mark.parametrize("envelope", envelopes(), ids=lambda envelope: envelope.type)
def test_we_read_what_the_sdk_writes(envelope: Envelope[Payload], write: Any) -> None:
    message = write(sdk_event(envelope))
    assert message.key == envelope.partitionkey
    assert decode(message.value, message.headers.items(), TYPES) == envelope


def test_the_sdk_reads_the_binary_mode_of_these_tests() -> None:
    value, headers = binary()
    event = from_binary_event(KafkaMessage({name: raw or b"" for name, raw in headers}, None, value))
    assert event.get_id() == user_added().id


def test_extension_names_are_lower_case_letters_and_digits() -> None:
    # CloudEvents 1.0, "Attribute naming convention"; not more than 20 characters are recommended.
    for name in Envelope.model_fields.keys() - CORE:
        assert name.isascii()
        assert name.isalnum()
        assert name == name.lower()
        assert len(name) <= 20


def test_every_message_is_a_cloud_event_by_the_specification_s_own_schema() -> None:
    for envelope in envelopes():
        Draft202012Validator(CLOUD_EVENT).validate(json.loads(encode(envelope)[0]))


# The constraints of the core attributes in the JSON Schema that the CloudEvents project publishes with version 1.0.2.
CLOUD_EVENT = {
    "type": "object",
    "required": ["id", "source", "specversion", "type"],
    "properties": {
        "id": {"type": "string", "minLength": 1},
        "source": {"type": "string", "minLength": 1, "format": "uri-reference"},
        "specversion": {"type": "string", "minLength": 1},
        "type": {"type": "string", "minLength": 1},
        "datacontenttype": {"type": ["string", "null"], "minLength": 1},
        "dataschema": {"type": ["string", "null"], "minLength": 1, "format": "uri"},
        "subject": {"type": ["string", "null"], "minLength": 1},
        "time": {"type": ["string", "null"], "minLength": 1, "format": "date-time"},
    },
}
