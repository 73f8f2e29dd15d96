"""A store in memory, for one question alone: what does Kontor cost by itself? It keeps all promises but to last."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from chassis.aggregate.model import Aggregate, DocumentUpdate, Loaded, OutgoingEvent, Published, VersionConflictError
from chassis.mongo.outbox import Pending, Waiting

S = TypeVar("S")


class MemoryStore:
    def __init__(self, *_: Any, **__: Any) -> None:
        self._states: dict[str, Loaded[Any]] = {}
        self._out: dict[str, list[OutgoingEvent]] = {}
        self.outbox = self

    def close(self) -> None:
        """Nothing to close."""

    async def ping(self) -> None:
        """Always there."""

    async def ensure_indexes(self, aggregates: Any) -> None:
        """None needed."""

    async def load(self, aggregate: Aggregate[S, Any], id: str) -> Loaded[S]:
        return self._states.get(id) or Loaded(aggregate.initial)

    async def save(self, aggregate: Aggregate[S, Any], id: str, loaded: Loaded[S], change: DocumentUpdate) -> None:
        current = self._states.get(id)
        if (current.version if current else 0) != loaded.version:
            raise VersionConflictError(id)
        if change.records:
            self._out.setdefault(id, []).extend(change.records)
        answers = {**loaded.answers, **change.answers}
        for stale in list(answers)[:-50]:
            del answers[stale]
        self._states[id] = Loaded(
            state=aggregate.parse(change.document),
            version=loaded.version + 1,
            sequence=change.sequence,
            pending=tuple(record.id for record in self._out.get(id, ())),
            watermarks={**loaded.watermarks, **change.positions},
            answers=answers,
        )

    async def waiting(self, limit: int) -> list[Waiting]:
        return []

    async def claim(self, lease: str, found: Sequence[Waiting]) -> list[Pending]:
        return []

    async def clear(self, published: Sequence[Published]) -> None:
        for one in published:
            self._out[one.id] = [record for record in self._out.get(one.id, ()) if record.id not in one.event_ids]

    async def release(self, leases: Mapping[str, str]) -> None:
        """Nobody else is there to take them."""

    async def oldest_pending(self) -> datetime | None:
        return None

    async def due(self, now: datetime, limit: int) -> list[tuple[str, str]]:
        return []

    async def find(self, aggregate: Any, where: Any, **how: Any) -> list[Any]:
        return []
