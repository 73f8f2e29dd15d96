"""The outbox relay: saved events to their topic, in order per aggregate, at least once.

Two ways lead there. The fast path: the write that saves an event also takes the document's lease, so the process that
saved publishes at once what it has in its hand. The sweep (`chassis.outbox.sweep`) finds what was left behind.

`chassis.outbox.publisher` sends many events at once and keeps their order; `chassis.outbox.clearing` has the documents forget
what is in the topic.
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import structlog

from chassis.aggregate.model import OutgoingEvent
from chassis.aggregate.write_cache import WriteCache
from chassis.errors import PermanentError, TransientError
from chassis.kafka.producer import Producer
from chassis.observability.metrics import Metrics
from chassis.outbox.clearing import Clearing
from chassis.outbox.in_hand import InHand, OutboxStore
from chassis.outbox.publisher import Publisher
from chassis.outbox.queue import EventQueue, Lease
from chassis.outbox.sweep import Sweep

log = structlog.get_logger("chassis.outbox.relay")

MAX_EVENT_QUEUES = 2000
MOST_COUNTED = 1000
REPLIES_WAIT = timedelta(minutes=10)
"""For so long a reply is tried again, once in a lease."""


class Relay:
    """One per process. ``start`` begins the sweep, ``stop`` publishes what is in hand and ends it."""

    def __init__(
        self,
        store: OutboxStore,
        producer: Producer,
        *,
        topic: str,
        named: Callable[[str], str] = str,
        lease: float,
        interval: float,
        metrics: Metrics,
        now: Callable[[], datetime],
        write_cache: WriteCache | None = None,
    ) -> None:
        self._store = store
        # A third of the lease is one publish; past two thirds nothing new is sent under it.
        usable = lease * 2 / 3
        self._publisher = Publisher(producer, topic=topic, named=named, usable=usable, owner=self)
        self._metrics = metrics
        self._now = now
        self._leases = (f"{secrets.token_hex(8)}-{number}" for number in count())
        self._in_hand = InHand()
        self._sweep = Sweep(
            store,
            producer,
            self._publisher,
            self._in_hand,
            leases=self._leases,
            interval=interval,
            usable=usable,
            metrics=metrics,
        )
        self._clearing = Clearing(store, self._in_hand, write_cache=write_cache or WriteCache(0), pace=self._sweep.pace)
        self._releasing: set[asyncio.Task[None]] = set()
        self._loops: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._loops = [asyncio.create_task(self._sweep.run()), asyncio.create_task(self._clearing.run())]

    async def stop(self, timeout: float) -> None:
        """Publish and clear what is in hand. What does not make it in time stays in the documents for the next sweep."""
        self._in_hand.stopping = True
        self._in_hand.wake.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._publisher.drained()
                await self._clearing.drained()
        await self._publisher.stop()
        for task in (*self._loops, *self._releasing):
            task.cancel()
        await asyncio.gather(*self._loops, *self._releasing, return_exceptions=True)

    @property
    def last_sweep(self) -> float:
        """When the sweep looked last, by the monotonic clock."""
        return self._sweep.last

    async def report(self) -> dict[str, Any]:
        """How it is doing, for `chassis.lifecycle.management`. Counts documents up to a thousand; None: the database is away."""
        pending: int | None = None
        age: float | None = None
        with suppress(TransientError):
            pending = len(await self._store.pending_ids(MOST_COUNTED))
            oldest = await self._store.oldest_pending()
            age = max(0.0, (self._now() - oldest).total_seconds()) if oldest else 0.0
        return {
            "pending_documents": pending,
            "oldest_pending_seconds": age,
            "documents_in_hand": len(self._in_hand.queues),
            "failures_in_a_row": self._in_hand.failures,
            "last_sweep_seconds": round(time.monotonic() - self._sweep.last, 1),
        }

    # -- fast path

    def lease_for(self, id: str, pending: tuple[str, ...]) -> Lease | None:
        """May the writer of ``id`` publish at once? Not while older events wait that this process has not got in hand."""
        if self._in_hand.stopping or self._in_hand.failures or len(self._in_hand.queues) >= MAX_EVENT_QUEUES:
            return None
        event_queue = self._in_hand.queues.get(id)
        if pending and (event_queue is None or event_queue.failed or not event_queue.known.issuperset(pending)):
            return None
        return Lease(event_queue, time.monotonic(), next(self._leases))

    def submit(self, lease: Lease | None, id: str, records: tuple[OutgoingEvent, ...]) -> None:
        """Publish saved events. Call only after the save, without awaiting in between."""
        if lease is None:
            # For the sweep, which may have to wait until the events before these are cleared.
            self._in_hand.behind.add(id)
            self._in_hand.wake.set()
            return
        event_queue = self._in_hand.queues.get(id)
        if lease.event_queue is not None and lease.event_queue.failed:
            # Older events of this document did not make it; ours must not overtake them.
            task = asyncio.create_task(self._release({id: lease.lease}))
            self._releasing.add(task)
            task.add_done_callback(self._releasing.discard)
            return
        if event_queue is None or event_queue.failed:
            event_queue = self._in_hand.queues[id] = EventQueue(id, "fast", lease.at, lease.lease)
        event_queue.leased_at, event_queue.lease = lease.at, lease.lease
        event_queue.add(records)
        self._publisher.add(event_queue)

    # -- what the publisher tells

    def acknowledged(self, event_queue: EventQueue, events: list[OutgoingEvent]) -> None:
        self._in_hand.failures = 0
        self._metrics.published.labels(event_queue.path).inc(len(events))
        if not event_queue.again:
            now = self._now()
            self._metrics.events_published((now - event.at).total_seconds() for event in events if event.at)
        event_queue.acknowledged += [event.id for event in events]
        self._clearing.add(event_queue)

    def undelivered(self, event_queue: EventQueue, replies: list[OutgoingEvent], error: Exception) -> bool:
        """A reply is given up where its topic never takes it, or has not for long; the events have the answer."""
        oldest = min((reply.at for reply in replies if reply.at), default=None)
        is_late = oldest is not None and self._now() - oldest > REPLIES_WAIT
        over = isinstance(error, PermanentError) or is_late
        if over:
            for reply in replies:
                self._metrics.replies_given_up.labels(reply.topic or "").inc()
        else:
            # All its replies stay in the document until the lease is over. Its events go on.
            event_queue.replies.clear()
            event_queue.owes = True
            self._clearing.add(event_queue)
        log.warning("reply_not_delivered", topic=replies[0].topic, given_up=over, error=str(error), held=True)
        return over

    async def failed(self, event_queues: list[EventQueue], error: Exception) -> None:
        kind = "permanent" if isinstance(error, PermanentError) else "transient"
        known = isinstance(error, (TransientError, PermanentError))
        self._metrics.publish_failures.labels(kind).inc()
        for event_queue in event_queues:
            self._in_hand.queues.pop(event_queue.id, None)
        log.warning(
            "publish_failed",
            subject=event_queues[0].id,
            subjects=len(event_queues),
            waiting=sum(len(event_queue.waiting) for event_queue in event_queues),
            kind=kind,
            error=str(error),
            exc_info=None if known else error,
            held=kind == "transient" and known,
        )
        if kind == "transient":
            self._in_hand.failures += 1
            self._sweep.pace.failed(time.monotonic() - min(event_queue.leased_at for event_queue in event_queues))
            await self._release({event_queue.id: event_queue.lease for event_queue in event_queues})
        # A record the broker never takes keeps its lease: that aggregate is tried again at the lease's pace,
        # the others go on. It is never skipped, for order.

    async def _release(self, leases: Mapping[str, str]) -> None:
        with suppress(TransientError):
            await self._store.release(leases)
        self._in_hand.wake.set()
