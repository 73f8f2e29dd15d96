"""A later release of a producer writes values that no reader of today knows: no reader stops at one (contracts/README.md)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from harness.documents import Documents
from harness.mutations import Raw, written
from harness.rest import at_rest
from harness.running import Running
from harness.topics import Topics
from service.fuzz_witnesses import message
from service.test_fuzz_records import GROUPS, READ
from support import eventually

from kontor_contracts.topics import TOPICS, Topic

SCHEMAS = Path(__file__).parents[2] / "contracts" / "schemas"
OPEN = "x-extensible-enum"
NEWER = "a-value-of-a-later-release"
WITHIN = 60.0


@pytest.mark.parametrize("group", GROUPS)
async def test_an_unknown_value_of_an_event_stops_no_reader(
    group: str, service: Any, kafka: Topics, mongo: Documents
) -> None:
    """Whatever else may be said against the examples, such as that nobody has registered their companies, stays the same."""
    async with service(group) as running:
        topics = [topic for topic in TOPICS if group in topic.consumers and topic.kind == "events"]
        sent = [(topic, raw) for topic in topics for raw in records(topic, group)]
        assert sent
        for topic, raw in sent:
            await kafka.produce(running.topic(topic.name), raw.value, key=raw.key, headers=raw.headers)
        await eventually(lambda: at_rest(running, kafka, mongo, [topic.name for topic in topics]), timeout=WITHIN)
        parked = await errors(running, kafka)
        assert {one.removeprefix("newer-"): error for one, error in parked.items() if one.startswith("newer-")} == {
            one.removeprefix("known-"): error for one, error in parked.items() if one.startswith("known-")
        }


def records(topic: Topic, group: str) -> Iterator[Raw]:
    """For each open list of each type that the group reads: an event with a value that nobody knows, and its like without."""
    for type_, payload in topic.types.items():
        if payload not in READ[group]:
            continue
        schema = json.loads((SCHEMAS / f"{type_}.json").read_text())
        for place in open_places(schema, schema, message(type_, "known")):
            name = f"{payload.__name__}.{'.'.join(map(str, place))}"
            yield written(message(type_, f"known-{name}"))
            newer = message(type_, f"newer-{name}")
            put(newer, place)
            yield written(newer)


def open_places(schema: Any, root: Any, node: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where the document has a value of an open list."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    if OPEN in schema and isinstance(node, str):
        yield place
    for option in schema.get("anyOf", ()):
        yield from open_places(option, root, node, place)
    if isinstance(node, dict):
        for name, inner in schema.get("properties", {}).items():
            if name in node:
                yield from open_places(inner, root, node[name], (*place, name))
    if isinstance(node, list):
        for index, one in enumerate(node):
            yield from open_places(schema.get("items", {}), root, one, (*place, index))


def put(document: Any, place: tuple[Any, ...]) -> None:
    *way, last = place
    for step in way:
        document = document[step]
    document[last] = NEWER


async def errors(running: Running, kafka: Topics) -> dict[str, bytes | None]:
    """Those of the dead letters, by the id of the message."""
    dead = await kafka.read_all(running.topic(f"{running.name}.dlq"))
    return {json.loads(read.record.value or b"{}")["id"]: read.headers.get("dlq-error-message") for read in dead}
