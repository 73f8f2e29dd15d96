"""The outbox relay: saved events to their topic, in order per aggregate, at least once.

Two ways lead there. The fast path: the write that saves an event also takes the document's lease, so the process that
saved publishes at once what it has in its hand. The sweep: what a crash, a stall or a broken broker left behind is
claimed by lease and published by the first process that comes.

`chassis.outbox.publisher` sends many events at once and keeps their order.
"""

import asyncio
import random
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any, Protocol

import structlog

from chassis.aggregate.model import OutgoingEvent, Published
from chassis.aggregate.write_cache import WriteCache
from chassis.errors import PermanentError, TransientError
from chassis.kafka.producer import Producer
from chassis.mongo.pace import Pace
from chassis.mongo.store import Pending, Waiting
from chassis.observability.metrics import Metrics
from chassis.outbox.publisher import Publisher
from chassis.outbox.queue import EventQueue, Lease

log = structlog.get_logger("chassis.outbox.relay")

LOOK = 2000
"""Documents found by one look, from which claims are then made: a look may cost as much for a few as for many."""
CLAIM = 200
CLEAR = 200
GATHER_SECONDS = 0.02
"""How long events that are in the topic may stand in their document, for others to be cleared with them."""
MAX_EVENT_QUEUES = 2000
SWEPT_AT_ONCE = 5 * CLAIM
"""Documents that the sweep has in hand at most. How many it is that do not wait until their lease is over, rounds tell."""
MOST_COUNTED = 1000
PAUSE_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0)


class OutboxStore(Protocol):
    async def waiting(self, limit: int) -> list[Waiting]: ...
    async def claim(self, lease: str, found: Sequence[Waiting]) -> list[Pending]: ...
    async def clear(self, published: Sequence[Published]) -> None: ...
    async def release(self, leases: Mapping[str, str]) -> None: ...
    async def oldest_pending(self) -> datetime | None: ...
    async def held(self, lease: str, ids: Sequence[str]) -> list[Pending]: ...
    async def uncleared(self, published: Sequence[Published]) -> list[Published]: ...
    async def pending_ids(self, limit: int) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class _Claim:
    """``at``: a moment before it was made."""

    lease: str
    at: float
    ids: list[str]


class Relay:
    """One per process. ``start`` begins the sweep, ``stop`` publishes what is in hand and ends it."""

    def __init__(
        self,
        store: OutboxStore,
        producer: Producer,
        *,
        topic: str,
        lease: float,
        interval: float,
        metrics: Metrics,
        now: Callable[[], datetime],
        write_cache: WriteCache | None = None,
    ) -> None:
        self._store = store
        self._producer = producer
        self._write_cache = write_cache or WriteCache(0)
        # A third of the lease is one publish; past two thirds nothing new is sent under it.
        self._publisher = Publisher(producer, topic=topic, usable=lease * 2 / 3, owner=self)
        self._interval = interval
        self._metrics = metrics
        self._now = now
        self._leases = (f"{secrets.token_hex(8)}-{number}" for number in count())
        self._event_queues: dict[str, EventQueue] = {}
        self._behind: set[str] = set()
        self._releasing: set[asyncio.Task[None]] = set()
        self._done: asyncio.Queue[EventQueue] = asyncio.Queue()
        self._wake = asyncio.Event()
        self._stopping = False
        self._full = False
        self._failures = 0
        self._usable = lease * 2 / 3
        # From the claim to the cleared document. Half of the usable time is slow: the other half is for what comes between.
        self._pace = Pace(SWEPT_AT_ONCE, slow=self._usable / 2)
        self._unanswered: list[_Claim] = []
        self._found: deque[Waiting] = deque()
        self._loops: list[asyncio.Task[None]] = []
        self.last_sweep = time.monotonic()

    async def start(self) -> None:
        self._loops = [asyncio.create_task(self._sweep()), asyncio.create_task(self._clear())]

    async def stop(self, timeout: float) -> None:
        """Publish and clear what is in hand. What does not make it in time stays in the documents for the next sweep."""
        self._stopping = True
        self._wake.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._publisher.drained()
                await self._done.join()
        await self._publisher.stop()
        for task in (*self._loops, *self._releasing):
            task.cancel()
        await asyncio.gather(*self._loops, *self._releasing, return_exceptions=True)

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
            "documents_in_hand": len(self._event_queues),
            "failures_in_a_row": self._failures,
            "last_sweep_seconds": round(time.monotonic() - self.last_sweep, 1),
        }

    # -- fast path

    def lease_for(self, id: str, pending: tuple[str, ...]) -> Lease | None:
        """May the writer of ``id`` publish at once? Not while older events wait that this process has not got in hand."""
        if self._stopping or self._failures or len(self._event_queues) >= MAX_EVENT_QUEUES:
            return None
        event_queue = self._event_queues.get(id)
        if pending and (event_queue is None or event_queue.failed or not event_queue.known.issuperset(pending)):
            return None
        return Lease(event_queue, time.monotonic(), next(self._leases))

    def submit(self, lease: Lease | None, id: str, records: tuple[OutgoingEvent, ...]) -> None:
        """Publish saved events. Call only after the save, without awaiting in between."""
        if lease is None:
            # For the sweep, which may have to wait until the events before these are cleared.
            self._behind.add(id)
            self._wake.set()
            return
        event_queue = self._event_queues.get(id)
        if lease.event_queue is not None and lease.event_queue.failed:
            # Older events of this document did not make it; ours must not overtake them.
            task = asyncio.create_task(self._release({id: lease.lease}))
            self._releasing.add(task)
            task.add_done_callback(self._releasing.discard)
            return
        if event_queue is None or event_queue.failed:
            event_queue = self._event_queues[id] = EventQueue(id, "fast", lease.at, lease.lease)
        event_queue.leased_at, event_queue.lease = lease.at, lease.lease
        event_queue.add(records)
        self._publisher.add(event_queue)

    # -- what the publisher tells

    def acknowledged(self, event_queue: EventQueue, events: list[OutgoingEvent]) -> None:
        self._failures = 0
        self._metrics.published.labels(event_queue.path).inc(len(events))
        if not event_queue.again:
            now = self._now()
            self._metrics.events_published((now - event.at).total_seconds() for event in events if event.at)
        event_queue.acknowledged += [event.id for event in events]
        self._done.put_nowait(event_queue)

    async def failed(self, event_queues: list[EventQueue], error: Exception) -> None:
        kind = "permanent" if isinstance(error, PermanentError) else "transient"
        known = isinstance(error, (TransientError, PermanentError))
        self._metrics.publish_failures.labels(kind).inc()
        for event_queue in event_queues:
            self._event_queues.pop(event_queue.id, None)
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
            self._failures += 1
            self._pace.failed(time.monotonic() - min(event_queue.leased_at for event_queue in event_queues))
            await self._release({event_queue.id: event_queue.lease for event_queue in event_queues})
        # A record the broker never takes keeps its lease: that aggregate is tried again at the lease's pace,
        # the others go on. It is never skipped, for order.

    async def _release(self, leases: Mapping[str, str]) -> None:
        with suppress(TransientError):
            await self._store.release(leases)
        self._wake.set()

    # -- clearing, batched over documents

    async def _clear(self) -> None:
        while True:
            event_queues = [await self._done.get()]
            if self._done.qsize() < CLEAR and not self._stopping:
                # Nobody waits for it, and one call for many costs little more than one for each.
                await asyncio.sleep(GATHER_SECONDS)
            while not self._done.empty() and len(event_queues) < CLEAR:
                event_queues.append(self._done.get_nowait())
            try:
                await self._clear_all(event_queues)
            except Exception:
                # The next ones are cleared all the same; these go out again when their lease has run out.
                log.exception("outbox_not_cleared")
                for event_queue in event_queues:
                    event_queue.acknowledged.clear()
                self._forget(event_queues)
            finally:
                for _ in event_queues:
                    self._done.task_done()

    async def _clear_all(self, event_queues: list[EventQueue]) -> None:
        # One may have been told of more than once.
        cleared = [
            (event_queue, list(event_queue.acknowledged))
            for event_queue in dict.fromkeys(event_queues)
            if event_queue.acknowledged
        ]
        asked = False
        for pause in PAUSE_SECONDS:
            began = time.monotonic()
            try:
                # The lease by its name: who writes the document meanwhile takes another, and publishes under that.
                published = [Published(c.id, ids, None if c.running else c.lease) for c, ids in cleared]
                if asked:
                    # A call whose answer never came may have done it; the same again would only be more work.
                    published = await self._store.uncleared(published)
                asked = True
                if published:
                    await self._store.clear(published)
                for event_queue, ids in cleared:
                    self._write_cache.cleared(event_queue.id, ids)
                self._note_round([event_queue for event_queue, _ in cleared])
                break
            except TransientError as error:
                log.warning("outbox_clearing_delayed", error=str(error), held=True)
                self._pace.failed(time.monotonic() - began)
                # As long again as it took: a server that is behind catches up only where it is asked for less.
                await asyncio.sleep(max(pause, time.monotonic() - began))
        # Not cleared after all that: the lease runs out and the events go out again, as duplicates.
        for event_queue, ids in cleared:
            gone = set(ids)
            event_queue.acknowledged = [id for id in event_queue.acknowledged if id not in gone]
        self._forget(event_queues)

    def _note_round(self, cleared: Sequence[EventQueue]) -> None:
        """How long the slowest of these took from its claim on."""
        claimed = [event_queue.leased_at for event_queue in cleared if event_queue.path == "sweep"]
        if claimed:
            self._pace.took(time.monotonic() - min(claimed))

    def _forget(self, event_queues: Iterable[EventQueue]) -> None:
        """Let go of event queues that have nothing more to do, and see to the events that had to wait behind them."""
        for event_queue in event_queues:
            if event_queue.id in self._behind:
                self._behind.discard(event_queue.id)
                self._wake.set()
            if (
                not (event_queue.running or event_queue.waiting or event_queue.acknowledged)
                and self._event_queues.get(event_queue.id) is event_queue
            ):
                del self._event_queues[event_queue.id]
        if self._full:
            self._full = False
            self._wake.set()

    # -- sweep

    async def _sweep(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._interval):
                    await self._wake.wait()
            self._wake.clear()
            if self._stopping:
                return
            more = False
            try:
                more = await self._sweep_once()
            except Exception as error:
                known = isinstance(error, TransientError)
                log.warning("sweep_failed", error=str(error), exc_info=None if known else error, held=known)
                self._failures += 1
                self._found.clear()
                self._pace.failed()
            self._metrics.relay_claims.set(self._pace.limit)
            self.last_sweep = time.monotonic()
            if self._failures:
                await asyncio.sleep(PAUSE_SECONDS[min(self._failures, len(PAUSE_SECONDS)) - 1])
            elif more:
                self._wake.set()

    async def _sweep_once(self) -> bool:
        """Publish one claim's worth. True: there may be more at once."""
        await self._producer.ensure()
        await self._ask_again()
        room = self._pace.limit - sum(event_queue.path == "sweep" for event_queue in self._event_queues.values())
        if room <= 0 or len(self._event_queues) >= SWEPT_AT_ONCE:
            self._full = True
            return False
        if not self._found and await self._is_anything_pending():
            self._found.extend(await self._store.waiting(LOOK))
        asked = [self._found.popleft() for _ in range(min(room, CLAIM, len(self._found)))]
        if asked:
            await self._claim(asked)
        else:
            # Nothing to publish and the broker reachable as far as we know: the fast path may be used again.
            self._failures = 0
        if not self._event_queues:
            # What others had in hand is theirs to publish.
            self._behind.clear()
        return bool(asked)

    async def _is_anything_pending(self) -> bool:
        """Asked first, because nearly always there is nothing: an idle look is this one alone."""
        return await self._store.oldest_pending() is not None

    async def _claim(self, asked: list[Waiting]) -> None:
        claim = _Claim(next(self._leases), time.monotonic(), [one.id for one in asked])
        try:
            claimed = await self._store.claim(claim.lease, asked)
        except TransientError:
            # A database too slow to answer in time may have done it all the same.
            self._unanswered.append(claim)
            raise
        if len(claimed) < len(asked):
            # Another relay looks at the same list. From here on we go through it in another order.
            rest = list(self._found)
            random.shuffle(rest)
            self._found = deque(rest)
        for pending in claimed:
            if pending.id not in self._event_queues:
                self._take(pending, claim)

    async def _ask_again(self) -> None:
        """What a claim got whose answer never came is published under its lease, if there is time left, or given back."""
        while self._unanswered:
            claim = self._unanswered[0]
            if time.monotonic() - claim.at < self._usable / 2:
                for pending in await self._store.held(claim.lease, claim.ids):
                    if pending.id not in self._event_queues:
                        self._take(pending, claim)
            else:
                await self._store.release(dict.fromkeys(claim.ids, claim.lease))
            self._unanswered.pop(0)

    def _take(self, pending: Pending, claim: "_Claim") -> None:
        event_queue = self._event_queues[pending.id] = EventQueue(
            pending.id, "sweep", claim.at, claim.lease, again=pending.again
        )
        event_queue.add(pending.records)
        self._publisher.add(event_queue)
