"""What waits in the database, as metrics: unpublished events and overdue timers."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from chassis.errors import TransientError
from chassis.observability.metrics import Metrics

LOOK_SECONDS = 10.0
MOST_COUNTED = 1000


class Unpublished(Protocol):
    """`chassis.mongo.outbox.OutboxDocuments`, as far as it is needed here."""

    async def pending_ids(self, limit: int) -> list[str]: ...
    async def oldest_pending(self) -> datetime | None: ...


class Due(Protocol):
    """`chassis.mongo.store.MongoStore`, as far as it is needed here."""

    async def oldest_due(self, now: datetime) -> datetime | None: ...


class Backlog:
    """Looks by itself, whatever relay and timers do: while they stand still, these metrics matter most."""

    def __init__(self, outbox: Unpublished, timers: Due, metrics: Metrics, now: Callable[[], datetime]) -> None:
        self._outbox = outbox
        self._timers = timers
        self._metrics = metrics
        self._now = now

    async def watch(self) -> None:
        """Never returns."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        now = self._now()
        try:
            oldest = await self._outbox.oldest_pending()
            pending = len(await self._outbox.pending_ids(MOST_COUNTED)) if oldest else 0
            due = await self._timers.oldest_due(now)
        except TransientError:
            self._metrics.waiting_unknown()
            return
        self._metrics.outbox_age.set(_age(now, oldest))
        self._metrics.outbox_pending.set(pending)
        self._metrics.timers_overdue.set(_age(now, due))


def _age(now: datetime, since: datetime | None) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
