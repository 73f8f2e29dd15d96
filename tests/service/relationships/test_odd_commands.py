"""Commands as strangers write them: each is carried out or refused with field and reason, and none stays without an answer."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from harness.running import Running
from service.relationships.stage import WITHIN, Company, Stage
from support import eventually

from kontor_contracts import encode, new_envelope
from kontor_contracts.customers import ReportSubscriptions
from kontor_contracts.refused_commands import CommandRefused
from kontor_contracts.relationships import ImportCustomer

pytest_plugins = ("service.relationships.fixtures",)

Document = dict[str, Any]
LONG = "x" * 300
ODD: tuple[Any, ...] = (
    None,
    "",
    " ",
    0,
    -1,
    1.5,
    True,
    [],
    {},
    ["x"],
    {"x": 1},
    LONG,
    "ein Text mit Leerzeichen",
    "\u202e",
)
ODD_ATTRIBUTES: tuple[Any, ...] = (None, "", 7, [], LONG)
# Without id and source nobody could recognize an answer.
ATTRIBUTES = (
    "specversion",
    "type",
    "subject",
    "time",
    "datacontenttype",
    "partitionkey",
    "correlationid",
    "tenantid",
    "data",
)


def without(name: str) -> Callable[[Document], None]:
    return lambda document: document.pop(name, None)


def with_(name: str, value: Any) -> Callable[[Document], None]:
    return lambda document: document.update({name: value})


def in_data(name: str, value: Any) -> Callable[[Document], None]:
    return lambda document: document["data"].update({name: value})


def oddities(document: Document) -> Iterator[tuple[str, Callable[[Document], None]]]:
    for name in ATTRIBUTES:
        yield f"without {name}", without(name)
        yield from ((f"{name}={value!r:.30}", with_(name, value)) for value in ODD_ATTRIBUTES)
    for name in document["data"]:
        yield from ((f"data.{name}={value!r:.30}", in_data(name, value)) for value in ODD)
    yield "type of an event", with_("type", "kontor.relationships.customer-imported.v1")
    yield "type in another version", with_("type", document["type"].replace(".v1", ".v9"))
    yield "type of nobody", with_("type", "kontor.relationships.sing-a-song.v1")
    yield "another portal's source", with_("source", "/portals/somebody-else")
    yield "a key of another customer", with_("partitionkey", "office:another")
    yield "a time that was never", with_("time", "2026-02-30T10:00:00Z")
    yield "a leap second", with_("time", "2016-12-31T23:59:60Z")
    yield "a number for a time", with_("time", 1_790_000_000)


def commands(reseller: Company, customer_id: str) -> Iterator[Document]:
    """Good ones, each of a subject and an id of its own."""
    imported = ImportCustomer(
        portal="office", external_id=f"K-{uuid4()}", name="Köhler", country="DE", partner_id=reseller.partner_id
    )
    told = ReportSubscriptions(portal="office", customer_id=customer_id, partner_id=reseller.partner_id, active=1)
    for command, subject in ((imported, f"office:{imported.external_id}"), (told, f"office:{customer_id}")):
        envelope = new_envelope(
            command,
            id=str(uuid4()),
            source="/office-portal",
            subject=subject,
            time=datetime.now(UTC),
            correlationid=str(uuid4()),
        )
        yield json.loads(encode(envelope)[0])


async def test_every_odd_command_is_carried_out_or_refused_by_name(
    stage: Stage, relationships: Running, reseller: Company
) -> None:
    topic, asked = relationships.topic("relationships.commands"), dict[str, str]()
    for number in range(2):
        for what, change in oddities([*commands(reseller, "c1")][number]):
            document = [*commands(reseller, str(uuid4()))][number]
            change(document)
            asked[document["id"]] = what
            key = document.get("partitionkey")
            raw = key.encode() if isinstance(key, str) else b"office:somebody"
            await stage.kafka.produce(topic, json.dumps(document).encode(), key=raw)
    assert len(asked) >= 150

    async def unanswered() -> bool:
        envelopes = await stage.kafka.envelopes(relationships.topic("relationships.events"))
        answered = {one.causationid for one in envelopes}
        left.clear()
        left.update({id: what for id, what in asked.items() if id not in answered})
        return not left

    left: dict[str, str] = {}
    try:
        await eventually(unanswered, timeout=WITHIN)
    finally:
        assert sorted(left.values()) == []
    refused = await stage.events(CommandRefused.TYPE, lambda data: data.command_id in asked)
    assert all(one.detail and one.command_source for one in refused)
    assert {one.reason for one in refused} == {"malformed", "unknown-type", "unknown-version", "rule-broken"}
