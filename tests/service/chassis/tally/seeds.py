"""Counters with events that nobody has published, and a store to look at them."""

from datetime import UTC, datetime

from harness.documents import Documents
from harness.pending import Unpublished
from harness.running import Running
from service.chassis.tally.aggregates import COUNTER
from service.chassis.tally.domain import AddAmount

from chassis.aggregate.handler import Handler
from chassis.aggregate.model import Cause
from chassis.mongo.store import MongoStore


def tally_store(running: Running, *, lease: float = 30) -> MongoStore:
    return MongoStore(running.env["KONTOR_MONGO_URL"], running.database, running.name, lease=lease)


async def leave_pending(mongo: Documents, running: Running, names: list[str], events: int) -> None:
    """For each name a counter with so many events that are not in the topic yet."""
    unpublished = Unpublished()
    handler = Handler(unpublished, unpublished, service=running.name)
    for name in names:
        cause = Cause(id="seed", time=datetime.now(UTC), correlation_id="seed", actor="anonymous")
        await handler.handle(COUNTER, COUNTER.id(name), AddAmount(1, times=events), cause)
    await mongo.collection(running).insert_many(unpublished.documents.values())
