"""What a relay has in hand. Its fast path, its sweep and its clearing share it."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from chassis.aggregate.model import Published
from chassis.mongo.outbox import Pending, Waiting
from chassis.outbox.queue import EventQueue

PAUSE_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0)
"""After a first failure, a second, and so on."""


class OutboxStore(Protocol):
    async def waiting(self, limit: int) -> list[Waiting]: ...
    async def claim(self, lease: str, found: Sequence[Waiting]) -> list[Pending]: ...
    async def clear(self, published: Sequence[Published]) -> None: ...
    async def release(self, leases: Mapping[str, str]) -> None: ...
    async def oldest_pending(self) -> datetime | None: ...
    async def held(self, lease: str, ids: Sequence[str]) -> list[Pending]: ...
    async def uncleared(self, published: Sequence[Published]) -> list[Published]: ...
    async def pending_ids(self, limit: int) -> list[str]: ...


class InHand:
    """The event queues by document, and what the sweep has to know of the rest."""

    def __init__(self) -> None:
        self.queues: dict[str, EventQueue] = {}
        self.behind: set[str] = set()
        """Documents with events that wait until those before them are cleared."""
        self.wake = asyncio.Event()
        """The sweep is to look now."""
        self.full = False
        """The sweep waits until some of it is done."""
        self.failures = 0
        """In a row, of publishing and of the sweep."""
        self.stopping = False

    def forget(self, event_queues: Iterable[EventQueue]) -> None:
        """Let go of event queues that have nothing more to do, and see to the events that had to wait behind them."""
        for event_queue in event_queues:
            if event_queue.id in self.behind:
                self.behind.discard(event_queue.id)
                self.wake.set()
            if (
                not (event_queue.running or event_queue.next or event_queue.acknowledged)
                and self.queues.get(event_queue.id) is event_queue
            ):
                del self.queues[event_queue.id]
        if self.full:
            self.full = False
            self.wake.set()
