"""Messages for the tests of this folder, made from the samples behind the golden examples."""

import json
from collections.abc import Mapping
from typing import Any

from samples import envelope_for

from kontor_contracts import Envelope, Payload, encode
from kontor_contracts.identity import UserAdded
from kontor_contracts.topics import TOPICS, Topic

TYPES: Mapping[str, type[Payload]] = {message.TYPE: message for topic in TOPICS for message in topic.messages}
CARRIED: list[tuple[Topic, type[Payload]]] = [(topic, message) for topic in TOPICS for message in topic.messages]
BINARY = [("content-type", b"application/json")]


def envelopes() -> list[Envelope[Payload]]:
    """One envelope of every type."""
    return [envelope_for(topic, message, "notifications") for topic, message in CARRIED]


def user_added() -> Envelope[Payload]:
    topic = next(topic for topic, message in CARRIED if message is UserAdded)
    return envelope_for(topic, UserAdded, "notifications")


def body(**changes: Any) -> dict[str, Any]:
    """A valid structured message as a document, with changes; None takes an attribute away."""
    document: dict[str, Any] = json.loads(encode(user_added())[0])
    return {name: value for name, value in {**document, **changes}.items() if value is not None}


def structured(**changes: Any) -> bytes:
    return json.dumps(body(**changes)).encode()


def binary(**changes: bytes | None) -> tuple[bytes, list[tuple[str, bytes | None]]]:
    """The same message in binary mode; ``changes`` are attributes whose header is replaced."""
    document = body()
    data = document.pop("data")
    document.pop("datacontenttype")
    attributes: dict[str, bytes | None] = {name: str(value).encode() for name, value in document.items()}
    headers = [(f"ce_{name}", value) for name, value in {**attributes, **changes}.items()]
    return json.dumps(data).encode(), [*BINARY, *headers]
