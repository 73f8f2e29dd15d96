"""``relationships.snapshot``: what is so now, in the same write as the change, and a reader that answers from it."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, get_args
from uuid import uuid4

import pytest
from harness.command_line import kontor
from harness.documents import Documents
from harness.topics import Read, firsts
from service.relationships.stage import WITHIN, Company, Stage
from service.relationships.test_checks import importing
from support import eventually

from kontor_contracts.authz import StaleError
from kontor_contracts.authz.reader import Reader
from kontor_contracts.customers import Action
from kontor_contracts.enrollment import EnrollmentSuspended

pytest_plugins = ("service.relationships.fixtures",)


async def records(stage: Stage, key: str) -> list[Read]:
    found = await stage.kafka.read_all(stage.running.topic("relationships.snapshot"))
    return [one for one in found if one.record.key == key.encode()]


async def said(stage: Stage, key: str, count: int) -> list[Read]:
    """The same without later copies of one: these tests ask for none."""
    by_id: dict[Any, Read] = {}
    for one in await newest(stage, key, count):
        by_id.setdefault(one.envelope.id if one.envelope else one.headers["sequence"], one)
    return list(by_id.values())


async def newest(stage: Stage, key: str, count: int) -> list[Read]:
    """The records of a key, once there are so many."""

    async def there() -> list[Read]:
        found = await records(stage, key)
        return found if len(found) >= count else []

    return await eventually(there, timeout=WITHIN)


async def events_of(stage: Stage, key: str) -> list[Any]:
    found = await stage.kafka.envelopes(stage.running.topic("relationships.events"))
    return [one for one in found if one.subject == key]


async def imported(stage: Stage, partner: Company) -> tuple[str, str]:
    """A customer of the partner: its number in the portal and its id."""
    number = f"K-{uuid4()}"
    await stage.ask_for_import(importing(partner, number, "administer"))
    (customer,) = await stage.listed(partner, "/v1/customers")
    return number, str(customer["customer_id"])


async def end(stage: Stage, partner: Company, customer_id: str) -> None:
    answer = await stage.post(partner, f"/v1/customers/{customer_id}/end", {})
    assert answer.status_code == 200, answer.text


@asynccontextmanager
async def reading(stage: Stage, **options: Any) -> AsyncIterator[Reader]:
    bootstrap = stage.running.env["KONTOR_KAFKA_BOOTSTRAP"]
    topic = stage.running.topic("relationships.snapshot")
    reader = Reader(topic=topic, bootstrap_servers=bootstrap, every=0.05, **{"fresh_within": 60.0, **options})
    async with reader:
        await reader.ready()
        yield reader


async def agrees(stage: Stage, reader: Reader, partners: list[Company], customers: list[str]) -> bool:
    """Whether every check and every list has the answer that the service gives over HTTP."""
    asked = [(one, about, action) for one in partners for about in customers for action in get_args(Action)]
    for one, about, action in asked:
        answer = await stage.get(
            one, "/v1/authorizations/check", customer_id=about, action=action, consistency="latest"
        )
        here = reader.may(one.organization_id, action, about)._asdict()
        if answer.json() != {name: value for name, value in here.items() if value is not None}:
            return False
    for one in partners:
        listed = (await stage.get(one, "/v1/customers")).json()["items"]
        if reader.customers_of(one.organization_id) != sorted(item["customer_id"] for item in listed):
            return False
    return True


async def test_a_snapshot_has_the_number_of_the_last_event(stage: Stage, reseller: Company, mongo: Documents) -> None:
    number, customer_id = await imported(stage, reseller)
    key = f"customer:{customer_id}"
    (first,) = await said(stage, key, 1)
    await stage.ask_for_import(importing(reseller, number, "order"))

    async def both() -> list[Read]:
        found = await said(stage, key, 1)
        return found if len(found) == 2 else []

    _, second = await eventually(both, timeout=WITHIN)
    assert first.envelope is not None and second.envelope is not None
    assert [edge.permissions for edge in second.envelope.data.edges] == [("order",)]
    for snapshot in (first.envelope, second.envelope):
        event = next(one for one in await events_of(stage, key) if one.sequence == snapshot.sequence)
        assert (event.time, event.causationid, event.correlationid) == (
            snapshot.time,
            snapshot.causationid,
            snapshot.correlationid,
        )
    assert firsts(await events_of(stage, key)) == {key: [1, 2]}

    async def cleared() -> bool:
        document = await mongo.one(stage.running, key)
        return "ob" not in document and [one["n"] for one in document["out"]] == [1, 2]

    await eventually(cleared, timeout=WITHIN)


async def test_the_end_of_the_last_relationship_leaves_a_tombstone(stage: Stage, reseller: Company) -> None:
    _, customer_id = await imported(stage, reseller)
    await end(stage, reseller, customer_id)
    tombstone = (await newest(stage, f"customer:{customer_id}", 2))[-1]
    assert tombstone.record.value is None
    assert tombstone.headers == {"sequence": b"0000000002"}


async def test_republish_fills_the_snapshot_topic(stage: Stage, reseller: Company, mongo: Documents) -> None:
    _, kept = await imported(stage, reseller)
    gone = await stage.partner("reseller")
    _, ended = await imported(stage, gone)
    await end(stage, gone, ended)
    before = {id: await newest(stage, f"customer:{id}", count) for id, count in ((kept, 1), (ended, 2))}
    variables = {
        "KONTOR_MONGO_URL": stage.running.env["KONTOR_MONGO_URL"],
        "KONTOR_MONGO_DATABASE": stage.running.database,
    }

    async def republish(*arguments: str) -> Any:
        return await kontor(stage.running, "republish", "relationships", "--snapshots", *arguments, **variables)

    documents = ["--document", f"customer:{kept}", "--document", f"customer:{ended}"]
    counted = await republish(*documents, "--dry-run", "--json")
    assert counted.document == {"documents": 2, "dry_run": True}, counted.err
    said = await republish(*documents, "--document", "invitation:x", "--json")
    assert said.document == {"documents": 2, "dry_run": False}, said.err
    again = {id: await newest(stage, f"customer:{id}", len(found) + 1) for id, found in before.items()}
    for id, found in again.items():
        last, renewed = before[id][-1], found[-1]
        assert (renewed.record.value is None) == (last.record.value is None) == (id == ended)
        assert renewed.headers.get("sequence") == last.headers.get("sequence")
        assert renewed.envelope is None or renewed.envelope.id == last.envelope.id  # type: ignore[union-attr]
    assert firsts(await events_of(stage, f"customer:{kept}")) == {f"customer:{kept}": [1]}

    async def settled() -> bool:
        return not await mongo.collection(stage.running).count_documents({"ob.snap": True})

    await eventually(settled, timeout=WITHIN)
    # Its next event goes out as ever.
    await end(stage, reseller, kept)
    assert (await newest(stage, f"customer:{kept}", 3))[-1].record.value is None
    refused = await kontor(stage.running, "republish", "identity", "--snapshots", **variables)
    assert refused.code == 2


async def test_a_reader_gives_the_answers_of_the_service(
    stage: Stage, provider: Company, reseller: Company, tmp_path: Path
) -> None:
    customer = stage.company("customer")
    await stage.connected(provider, reseller)
    joint = await stage.invited(reseller, "customer-joint", provider_id=provider.organization_id)
    assert (await stage.accept(customer, joint)).status_code == 200
    await stage.listed(provider, "/v1/customers")
    stranger, file = await stage.partner("reseller"), tmp_path / "view"
    partners, customers = [provider, reseller, stranger], [customer.organization_id, "nobody"]
    late = [0.0]
    async with reading(stage, file=file, clock=lambda: time.monotonic() + late[0]) as reader:
        await eventually(lambda: agrees(stage, reader, partners, customers), timeout=WITHIN)
        assert reader.partners_of(customer.organization_id) == sorted([provider.partner_id, reseller.partner_id])
        found = reader.partnership(provider.organization_id, reseller.organization_id)
        assert found is not None and found.active and found.admin_access
        await end(stage, reseller, customer.organization_id)
        await eventually(lambda: agrees(stage, reader, partners, customers), timeout=WITHIN)
        assert reader.partners_of(customer.organization_id) == [provider.partner_id]
    # Nothing is read any more.
    late[0] = 61.0
    with pytest.raises(StaleError, match="60 s are allowed"):
        reader.may(provider.organization_id, "order", customer.organization_id)
    suspended = EnrollmentSuspended(
        enrollment_id="e",
        partner=provider.partner,
        country="DE",
        region="europe",
        reason="abuse",
        suspended_by="u",
    )
    await stage.announce("enrollment", f"enrollment:{provider.organization_id}", suspended)
    tombstone = (await newest(stage, f"partner:{provider.organization_id}", 2))[-1]
    assert tombstone.record.value is None
    # From where it stood: what came meanwhile is read, what was before comes from the file.
    async with reading(stage, file=file) as reader:
        assert reader.may(provider.organization_id, "order", customer.organization_id).reason == "partner-not-active"
        assert await agrees(stage, reader, partners, customers)
