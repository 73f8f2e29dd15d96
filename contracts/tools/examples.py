"""The golden examples: one message per type and consumer group, added once and never edited."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from samples import envelope_for

from kontor_contracts import MalformedError, Payload, UnknownTypeError, decode, encode
from kontor_contracts.topics import TOPICS, Topic


def expected() -> Iterator[tuple[Topic, type[Payload], str]]:
    """Which examples there must be: by topic, message and consumer group ("any" where Kontor has none)."""
    for topic in TOPICS:
        for message in topic.messages:
            for consumer in topic.consumers or ("any",):
                yield topic, message, consumer


def missing(folder: Path) -> dict[Path, str]:
    """The examples that are not there yet, with their text."""
    absent = {}
    for topic, message, consumer in expected():
        path = folder / message.TYPE / f"{consumer}.json"
        if not path.exists():
            absent[path] = example(topic, message, consumer)
    return absent


def example(topic: Topic, message: type[Payload], consumer: str) -> str:
    """The record's value, indented for readers."""
    value, _ = encode(envelope_for(topic, message, consumer))
    return json.dumps(json.loads(value), indent=2, ensure_ascii=False) + "\n"


def broken(folder: Path, schemas: dict[str, dict[str, Any]]) -> Iterator[str]:
    """What no longer holds of the examples that are there: each must parse and validate, however old it is."""
    for path in sorted(folder.glob("*/*")):
        for wrong in _wrong_with(path, schemas):
            yield f"{path.parent.name}/{path.name}: {wrong}"


def _wrong_with(path: Path, schemas: dict[str, dict[str, Any]]) -> Iterator[str]:
    types = {message.TYPE: message for topic in TOPICS for message in topic.messages}
    value = path.read_bytes()
    try:
        envelope = decode(value, [], types)
    except (MalformedError, UnknownTypeError) as error:
        yield f"no longer understood, {error}"
        return
    if envelope.type != path.parent.name:
        yield f"is of type {envelope.type}"
    for breach in Draft202012Validator(schemas[envelope.type]).iter_errors(json.loads(value)):
        yield f"breaks its schema at {breach.json_path}: {breach.message}"
