"""Documents as a tally leaves them that saves and never publishes: what a crash or a broker's absence leaves behind."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from harness.running import Running
from service.tally.aggregates import COUNTER
from service.tally.domain import AddAmount

from chassis.decider import Cause
from chassis.handler import Handler
from chassis.store import MongoStore

AT_ONCE = 50


class _Unpublished:
    """An outbox that never publishes."""

    token = "nobody"

    def ticket(self, id: str, pending: tuple[str, ...]) -> None:
        return None

    def submit(self, ticket: Any, id: str, records: Any) -> None:
        """Leave it to others."""


def tally_store(running: Running) -> MongoStore:
    return MongoStore(running.env["KONTOR_MONGO_URL"], running.database, running.name, lease=30)


async def leave_pending(running: Running, names: list[str], events: int) -> None:
    """For each name a counter with so many events that are not in the topic yet."""
    store = tally_store(running)
    handler = Handler(store, _Unpublished(), service=running.name)
    slots = asyncio.Semaphore(AT_ONCE)

    async def add(name: str) -> None:
        cause = Cause(id="seed", time=datetime.now(UTC), correlation_id="seed", actor="anonymous")
        async with slots:
            await handler.handle(COUNTER, COUNTER.id(name), AddAmount(1, times=events), cause)

    await asyncio.gather(*map(add, names))
    store.close()
