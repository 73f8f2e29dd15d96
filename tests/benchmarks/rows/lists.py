"""Pages of lists, searches and checks among 100,000 customers, beside the same among 1,000.

Both programs are loaded through the topics, by the same service on the same servers. Half of the customers are the asking
partner's own. KONTOR_BENCH_CUSTOMERS sets another size than 100,000, for a machine with less time.
"""

import os
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx2
from harness.program import Program, announce, customer_records, partner_records, partnership_records, program
from harness.running import Running
from harness.topics import Topics
from support import eventually

from benchmarks import load
from benchmarks.ground import Ground
from benchmarks.measure import Figures, Goal, Row, by_turns

MANY = int(os.environ.get("KONTOR_BENCH_CUSTOMERS", "100000"))
FEW = 1_000
CUSTOMERS_OF_RESELLER = 100
RESELLERS_OF_PROVIDER = 20
FLAT = Goal(ratio=1.5, better="less")
CALLERS = 2
"""Few, so that what is measured is the answer and not the queue before it."""
PER_SECOND = int(os.environ.get("KONTOR_BENCH_LOAD_RATE", "50"))
"""Customers that are there at least: else the load is given up. KONTOR_BENCH_LOAD_RATE: less, for a busy machine."""

ASKED: dict[str, str] = {
    "a page of customers": "/v1/customers?limit=50",
    "a page of customers in the middle": "/v1/customers?limit=50&cursor={cursor}",
    "a search for customers": "/v1/customers?limit=50&q={word}",
    "customers shared with a provider": "/v1/providers/{provider}/customers?limit=50",
    "a check": "/v1/authorizations/check?customer_id={customer}&action=view&consistency=latest",
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A service with a program. ``names``: what the requests ask for. ``took``: seconds until all of it was there."""

    running: Running
    bearer: str
    names: dict[str, str]
    took: float


async def measure(ground: Ground, rounds: int, seconds: float) -> list[Row]:
    async with AsyncExitStack() as stack:
        topics = await stack.enter_async_context(ground.topics())
        sides = []
        for count in (FEW, MANY):
            running = await stack.enter_async_context(ground.services.run("relationships"))
            sides.append(await _loaded(ground, topics, running, count))
        few, many = sides
        rate = Row(
            name=f"customers loaded through the topics, of {MANY:,}",
            unit="1/s",
            kontor={"value": MANY / many.took},
            floor={"value": FEW / few.took},
        )
        return [rate, *[await _row(what, few, many, rounds, seconds) for what in ASKED]]


async def _row(what: str, few: Loaded, many: Loaded, rounds: int, seconds: float) -> Row:
    floor, ours = (partial(_took, side, ASKED[what], seconds) for side in (few, many))
    await floor()
    await ours()
    floors, figures = await by_turns(floor, ours, rounds)
    return Row(
        name=f"{what} among {MANY:,}",
        unit="ms",
        goal=FLAT,
        kontor=figures,
        floor=floors,
        note=f"median; floor: among {FEW:,}",
    )


async def _took(side: Loaded, path: str, seconds: float) -> Figures:
    request = load.get(path.format(**side.names), authorization=side.bearer)
    answers = await load.run(side.running.port.number, lambda _: request, callers=CALLERS, seconds=seconds)
    if answers.refused:
        raise RuntimeError(f"{path}: {answers.refused} requests were refused")
    return {
        "value": answers.percentile(0.5) * 1e3,
        "p95_ms": answers.percentile(0.95) * 1e3,
        "per_second": answers.rate,
    }


async def _loaded(ground: Ground, topics: Topics, running: Running, count: int) -> Loaded:
    resellers = max(1, count // CUSTOMERS_OF_RESELLER)
    made = program(count, customers=count, resellers=resellers, providers=max(1, resellers // RESELLERS_OF_PROVIDER))
    began = time.perf_counter()
    for records, kind, number in (
        (partner_records(made), "partner", len(made.partners)),
        (partnership_records(made), "partnership", len(made.resellers)),
        (customer_records(made), "customer", count),
    ):
        await announce(topics, running, records)
        await eventually(_there(ground, running, kind, number), timeout=120 + number / PER_SECOND, every=0.5)
    took = time.perf_counter() - began
    asking = made.resellers[0]
    bearer = ground.tokens.bearer(
        asking.organization_id, organization_kind="reseller", permissions=("customers:read", "authorizations:check")
    )["Authorization"]
    return Loaded(running, bearer, await _names(running, made, bearer), took)


def _there(ground: Ground, running: Running, kind: str, count: int) -> Callable[[], Any]:
    async def there() -> bool:
        return await ground.documents.collection(running).count_documents({"kind": kind}) >= count

    return there


async def _names(running: Running, made: Program, bearer: str) -> dict[str, str]:
    """A customer of the asking partner, a cursor some pages on, and a word that few of its customers have."""
    async with httpx2.AsyncClient(base_url=running.url, headers={"Authorization": bearer}, timeout=120) as client:
        page = (await client.get("/v1/customers", params={"limit": "200"})).json()
    asking = made.resellers[0]
    own = made.names_of(asking)
    return {
        "cursor": page["next_cursor"],
        "customer": page["items"][0]["customer_id"],
        "provider": made.provider_of(asking).organization_id,
        # The number at its end: nobody else has it.
        "word": own[len(own) // 2].rpartition(" ")[2],
    }
