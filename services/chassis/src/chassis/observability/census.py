"""Documents of a kind by status, and the age of the oldest in each, as metrics."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Gauge

from chassis.aggregate.model import Aggregate
from chassis.errors import TransientError
from chassis.mongo.store import MongoStore

log = structlog.get_logger("chassis.observability.census")

COUNT_SECONDS = 60.0
UNKNOWN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """``status``: where the state has it, with an index. ``aged``: the statuses in which documents are not meant to stay.

    ``field`` of the state is read of each document in these, and ``since`` makes of its stored value the time that counts.
    """

    metric: str
    what: str
    status: str
    statuses: Sequence[str]
    aged: Collection[str]
    field: str
    since: Callable[[Any], datetime | None]


class Counting:
    """Counts once a minute: an index answers how many there are, and of those that wait each is read, one field of it."""

    def __init__(
        self,
        census: Census,
        aggregate: Aggregate[Any, Any],
        store: MongoStore,
        registry: CollectorRegistry,
        now: Callable[[], datetime],
    ) -> None:
        self._census = census
        self._aggregate = aggregate
        self._store = store
        self._now = now
        self._counts = Gauge(census.metric, f"{census.what} by status; NaN: unknown", ["status"], registry=registry)
        self._oldest = Gauge(
            f"{census.metric}_oldest_seconds",
            f"{census.what}: age of the oldest in a status; 0: none; NaN: unknown",
            ["status"],
            registry=registry,
        )
        self._unknown()

    async def watch(self) -> None:
        """Never returns."""
        while True:
            await self.look()
            await asyncio.sleep(COUNT_SECONDS)

    async def look(self) -> None:
        try:
            counts = {status: await self._count(status) for status in self._census.statuses}
            ages = {status: await self._age(status) for status in self._census.aged}
        except TransientError:
            self._unknown()
            return
        _set(self._counts, counts)
        _set(self._oldest, ages)

    async def _count(self, status: str) -> int:
        return await self._store.count(self._aggregate, {self._census.status: status}, limit=None)

    async def _age(self, status: str) -> float:
        oldest: datetime | None = None
        async for value in self._store.values(self._aggregate, {self._census.status: status}, self._census.field):
            since = self._census.since(value)
            if since is not None and (oldest is None or since < oldest):
                oldest = since
        return max(0.0, (self._now() - oldest).total_seconds()) if oldest else 0.0

    def _unknown(self) -> None:
        """0 would be a lie."""
        _set(self._counts, dict.fromkeys(self._census.statuses, UNKNOWN))
        _set(self._oldest, dict.fromkeys(self._census.aged, UNKNOWN))


def _set(gauge: Gauge, values: Mapping[str, float]) -> None:
    for status, value in values.items():
        gauge.labels(status).set(value)
