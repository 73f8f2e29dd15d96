"""Documents as a service leaves them that saves and never publishes: what a crash or a broker's absence leaves behind."""

from dataclasses import replace
from typing import Any

from harness.documents import Document

from chassis.aggregate.model import Aggregate, DocumentUpdate, Loaded


class Unpublished:
    """An outbox that never publishes, over a store that writes down what would be saved. ``documents`` are by id."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}
        self._loaded: dict[str, Loaded[Any]] = {}

    def lease_for(self, id: str, pending: tuple[str, ...]) -> None:
        return None

    def submit(self, lease: Any, id: str, records: Any) -> None:
        """Leave it to others."""

    async def load(self, aggregate: Aggregate[Any, Any], id: str) -> Loaded[Any]:
        return self._loaded.get(id) or Loaded(aggregate.initial)

    async def save(self, aggregate: Aggregate[Any, Any], id: str, loaded: Loaded[Any], change: DocumentUpdate) -> None:
        events = [{"i": r.id, "n": r.number, "y": r.type, "b": r.value} for r in change.records]
        before = self.documents.get(id, {"out": [], "ob": {"at": change.at}})
        self.documents[id] = {
            "_id": id,
            "kind": aggregate.kind,
            "v": loaded.version + 1,
            "seq": change.sequence,
            "state": change.document,
            "tenant": change.tenant,
            "out": before["out"] + events,
            # As `chassis.mongo.document` writes it; who leaves out the newest has the relay clear its documents one by one.
            "ob": before["ob"] | ({"new": change.records[-1].id} if change.records else {}),
        }
        state = aggregate.parse(change.document)
        self._loaded[id] = replace(loaded, state=state, version=loaded.version + 1, sequence=change.sequence)
