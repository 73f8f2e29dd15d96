"""Documents as a tally leaves them that saves and never publishes: what a crash or a broker's absence leaves behind."""

from datetime import UTC, datetime
from typing import Any

from harness.documents import Document, Documents
from harness.running import Running
from service.tally.aggregates import COUNTER
from service.tally.domain import AddAmount

from chassis.decider import Aggregate, Cause, Change, Loaded
from chassis.handler import Handler
from chassis.store import MongoStore


class _Unpublished:
    """An outbox that never publishes, over a store that writes down what would be saved."""

    token = "nobody"

    def __init__(self) -> None:
        self.documents: list[Document] = []

    def ticket(self, id: str, pending: tuple[str, ...]) -> None:
        return None

    def submit(self, ticket: Any, id: str, records: Any) -> None:
        """Leave it to others."""

    async def load(self, aggregate: Aggregate[Any, Any], id: str) -> Loaded[Any]:
        return Loaded(aggregate.initial)

    async def save(self, aggregate: Aggregate[Any, Any], id: str, loaded: Loaded[Any], change: Change) -> None:
        self.documents.append(
            {
                "_id": id,
                "kind": aggregate.kind,
                "v": 1,
                "seq": change.sequence,
                "state": change.document,
                "tenant": change.tenant,
                "out": [{"i": r.id, "n": r.number, "y": r.type, "b": r.value} for r in change.records],
                "ob": {"at": change.at},
            }
        )


def tally_store(running: Running, *, lease: float = 30) -> MongoStore:
    return MongoStore(running.env["KONTOR_MONGO_URL"], running.database, running.name, lease=lease)


async def leave_pending(mongo: Documents, running: Running, names: list[str], events: int) -> None:
    """For each name a counter with so many events that are not in the topic yet."""
    unpublished = _Unpublished()
    handler = Handler(unpublished, unpublished, service=running.name)
    for name in names:
        cause = Cause(id="seed", time=datetime.now(UTC), correlation_id="seed", actor="anonymous")
        await handler.handle(COUNTER, COUNTER.id(name), AddAmount(1, times=events), cause)
    await mongo.collection(running).insert_many(unpublished.documents)
