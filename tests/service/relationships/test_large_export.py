"""A partner with many customers exports them: the service holds one batch of them at a time.

KONTOR_EXPORT_CUSTOMERS sets another size than the small one here.
"""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from harness.documents import Documents
from harness.running import Running
from service.conftest import Service
from service.relationships.stage import WITHIN, Company, Stage
from support import eventually

pytest_plugins = ("service.relationships.fixtures",)

SMALL = 4000
MANY = int(os.environ.get("KONTOR_EXPORT_CUSTOMERS", str(SMALL)))
FEW = 400
CHUNK = 500
MAY_GROW = 6 * 1024
"""KiB, between the peaks of a short and a long export. Of all these customers, the service would need several KiB each."""


@pytest.fixture(scope="module")
async def relationships(service: Service, relationships: Running) -> AsyncIterator[Running]:
    """The embedded database sorts a whole list before its first document: a large one on a busy machine not in 10 seconds."""
    if MANY == SMALL:
        yield relationships
        return
    async with service("relationships", KONTOR_DATABASE_TIMEOUT="120", KONTOR_LEASE="360") as running:
        yield running


async def test_an_export_of_many_customers_holds_few_in_memory(
    stage: Stage, relationships: Running, mongo: Documents, reseller: Company
) -> None:
    customer = stage.company("customer")
    assert (await stage.accept(customer, await stage.invited(reseller, "customer"))).status_code == 200
    await stage.listed(reseller, "/v1/customers")
    await settled(mongo, relationships)
    await copied(mongo, relationships, customer, FEW)
    # Twice: what the first one makes ready stays.
    assert await exported(stage, reseller) == await exported(stage, reseller) == FEW + 1
    short = await peak_of(stage, reseller, FEW + 1)
    await copied(mongo, relationships, customer, MANY)
    long = await peak_of(stage, reseller, FEW + MANY + 1)
    assert long - short < MAY_GROW, f"{short} KiB at the peak of {FEW}, {long} KiB at that of {MANY}"


async def settled(mongo: Documents, running: Running) -> None:
    async def quiet() -> bool:
        return not await mongo.owes(running)

    await eventually(quiet, timeout=WITHIN)


async def copied(mongo: Documents, running: Running, customer: Company, count: int) -> None:
    """As many more of the partner's customers, as the service stores them."""
    pattern = await mongo.one(running, f"customer:{customer.organization_id}")
    bare = {name: value for name, value in pattern.items() if name not in {"out", "ob"}}
    for begin in range(0, count, CHUNK):
        documents = []
        for number in range(begin, min(begin + CHUNK, count)):
            id = str(uuid4())
            account = {**bare["state"]["account"], "customer_id": id, "name": f"Kunde {number}"}
            listed = {**bare["ls"], "o": f"kunde {number:06d}\t{id}"}
            state = {**bare["state"], "account": account}
            documents.append({**bare, "_id": f"customer:{id}", "tenant": id, "state": state, "ls": listed})
        await mongo.collection(running).insert_many(documents, ordered=False)


async def exported(stage: Stage, partner: Company) -> int:
    """Lines that came, read as they come."""
    lines = 0
    client = stage.running.client
    async with client.stream("GET", "/v1/customers/export", headers=stage.token(partner), timeout=600) as answer:
        assert answer.status_code == 200
        async for part in answer.aiter_bytes():
            lines += part.count(b"\n")
    return lines - 1


async def peak_of(stage: Stage, partner: Company, count: int) -> int:
    """KiB of the service's memory at most, while it exports so many."""
    proc = Path(f"/proc/{stage.running.process.pid}")
    # 5: forget the peak until now (proc(5)).
    (proc / "clear_refs").write_text("5")
    assert await exported(stage, partner) == count
    (line,) = (one for one in (proc / "status").read_text().splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1])
