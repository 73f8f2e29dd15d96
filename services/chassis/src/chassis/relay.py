"""The outbox relay: saved events to their topic, in order per aggregate, at least once.

Two ways lead there. The fast path: the write that saves an event also takes the document's lease, so the process that
saved publishes at once what it has in its hand. The sweep: what a crash, a stall or a broken broker left behind is
claimed by lease and published by whoever comes first.

One event of a document is in flight at a time. Sending several at once would let a later one arrive when an earlier one
fails, and a consumer that keeps a watermark would then drop the earlier one for good.
"""

import asyncio
import random
import secrets
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import datetime
from typing import Any, Protocol

import structlog

from chassis.chains import Chain, Ticket
from chassis.decider import Record
from chassis.failures import PermanentError, TransientError
from chassis.metrics import Metrics
from chassis.producer import Producer
from chassis.store import Pending
from kontor_contracts import wire_headers

log = structlog.get_logger("chassis.relay")

CLAIM = 200
LEAST_CLAIM = 10
FURTHEST = 2
"""Claims' worths to look past, at most, after another relay was quicker."""
CLEAR = 100
MAX_CHAINS = 2000
PAUSE_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0)


class OutboxStore(Protocol):
    async def claim(self, token: str, limit: int, skip: int) -> tuple[list[Pending], int]: ...
    async def clear(self, published: list[tuple[str, list[str], bool]], token: str) -> None: ...
    async def release(self, ids: list[str], token: str) -> None: ...
    async def oldest_pending(self) -> datetime | None: ...


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
    ) -> None:
        self._store = store
        self._producer = producer
        self._topic = topic
        # A third of the lease is one publish; past two thirds nothing new is sent under it.
        self._usable = lease * 2 / 3
        self._interval = interval
        self._metrics = metrics
        self._now = now
        self._token = secrets.token_hex(8)
        self._chains: dict[str, Chain] = {}
        self._behind: set[str] = set()
        self._publishing: set[asyncio.Task[None]] = set()
        self._done: asyncio.Queue[Chain] = asyncio.Queue()
        self._wake = asyncio.Event()
        self._stopping = False
        self._failures = 0
        self._limit = CLAIM
        self._skip = 0
        self._loops: list[asyncio.Task[None]] = []
        self.last_sweep = time.monotonic()

    @property
    def token(self) -> str:
        return self._token

    async def start(self) -> None:
        self._loops = [asyncio.create_task(self._sweep()), asyncio.create_task(self._clear())]

    async def stop(self, timeout: float) -> None:
        """Publish and clear what is in hand. What does not make it in time stays in the documents for the next sweep."""
        self._stopping = True
        self._wake.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while self._publishing:
                    await asyncio.wait(set(self._publishing))
                await self._done.join()
        for task in (*self._loops, *self._publishing):
            task.cancel()
        await asyncio.gather(*self._loops, *self._publishing, return_exceptions=True)

    # -- fast path

    def ticket(self, id: str, pending: tuple[str, ...]) -> Ticket | None:
        """May the writer of ``id`` publish at once? Not while older events wait that this process has not got in hand."""
        if self._stopping or self._failures or len(self._chains) >= MAX_CHAINS:
            return None
        chain = self._chains.get(id)
        if pending and (chain is None or chain.failed or not chain.known.issuperset(pending)):
            return None
        return Ticket(chain, time.monotonic())

    def submit(self, ticket: Ticket | None, id: str, records: tuple[Record, ...]) -> None:
        """Publish saved events. Call only after the save, without awaiting in between."""
        if ticket is None:
            # For the sweep, which may have to wait until the events before these are cleared.
            self._behind.add(id)
            self._wake.set()
            return
        chain = self._chains.get(id)
        if ticket.chain is not None and ticket.chain.failed:
            # Older events of this document did not make it; ours must not overtake them.
            self._spawn(self._release(id))
            return
        if chain is None or chain.failed:
            chain = self._chains[id] = Chain(id, "fast", ticket.at)
        chain.leased_at = ticket.at
        chain.add(records)
        if not chain.running:
            self._run(chain)

    def _run(self, chain: Chain) -> "asyncio.Task[None]":
        chain.running = True
        return self._spawn(self._publish(chain))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._publishing.add(task)
        task.add_done_callback(self._publishing.discard)
        return task

    async def _publish(self, chain: Chain) -> None:
        try:
            while chain.waiting:
                record = chain.waiting[0]
                if time.monotonic() - chain.leased_at > self._usable:
                    raise TransientError("too little of the lease is left")  # noqa: TRY301
                await self._send(chain.id, record)
                self._metrics.published.labels(chain.path).inc()
                chain.waiting.popleft()
                chain.acknowledged.append(record.id)
            self._failures = 0
        except Exception as error:  # noqa: BLE001  whatever it is, the chain must not look as if it went on
            await self._fail(chain, error)
        finally:
            chain.running = False
            if chain.acknowledged:
                self._done.put_nowait(chain)

    async def _send(self, id: str, record: Record) -> None:
        await self._producer.send(self._topic, id.encode(), record.value, wire_headers(record.type, record.id))

    async def _fail(self, chain: Chain, error: Exception) -> None:
        chain.failed = True
        self._chains.pop(chain.id, None)
        kind = "permanent" if isinstance(error, PermanentError) else "transient"
        self._metrics.publish_failures.labels(kind).inc()
        known = isinstance(error, (TransientError, PermanentError))
        log.warning(
            "publish failed",
            subject=chain.id,
            waiting=len(chain.waiting),
            kind=kind,
            error=str(error),
            exc_info=None if known else error,
        )
        if kind == "transient":
            self._failures += 1
            await self._release(chain.id)
        # A record the broker never takes keeps its lease: that aggregate is tried again at the lease's pace,
        # the others go on. It is never skipped, for order.

    async def _release(self, id: str) -> None:
        with suppress(TransientError):
            await self._store.release([id], self._token)
        self._wake.set()

    # -- clearing, batched over documents

    async def _clear(self) -> None:
        while True:
            chains = [await self._done.get()]
            while not self._done.empty() and len(chains) < CLEAR:
                chains.append(self._done.get_nowait())
            try:
                await self._clear_all(chains)
            except Exception:
                # The next ones are cleared all the same; these go out again when their lease has run out.
                log.exception("not cleared")
                for chain in chains:
                    chain.acknowledged.clear()
                self._forget(chains)
            finally:
                for _ in chains:
                    self._done.task_done()

    async def _clear_all(self, chains: list[Chain]) -> None:
        cleared = [(chain, list(chain.acknowledged)) for chain in chains if chain.acknowledged]
        for pause in PAUSE_SECONDS:
            try:
                await self._store.clear([(chain.id, ids, not chain.running) for chain, ids in cleared], self._token)
                break
            except TransientError as error:
                log.warning("clearing waits", error=str(error))
                await asyncio.sleep(pause)
        # Not cleared after all that: the lease runs out and the events go out again, as duplicates.
        for chain, ids in cleared:
            gone = set(ids)
            chain.acknowledged = [id for id in chain.acknowledged if id not in gone]
        self._forget(chains)

    def _forget(self, chains: list[Chain]) -> None:
        """Let go of chains that have nothing more to do, and see to the events that had to wait behind them."""
        for chain in chains:
            if chain.id in self._behind:
                self._behind.discard(chain.id)
                self._wake.set()
            if not (chain.running or chain.waiting or chain.acknowledged) and self._chains.get(chain.id) is chain:
                del self._chains[chain.id]

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
                self._limit = min(self._limit * 2, CLAIM)
            except Exception as error:
                known = isinstance(error, TransientError)
                log.warning("sweep failed", error=str(error), exc_info=None if known else error)
                self._failures += 1
                # A database too slow to answer in time has done it all the same: what it leased to us, we do not know.
                self._limit = max(self._limit // 2, LEAST_CLAIM)
            self.last_sweep = time.monotonic()
            if self._failures:
                await asyncio.sleep(PAUSE_SECONDS[min(self._failures, len(PAUSE_SECONDS)) - 1])
            elif more:
                self._wake.set()

    async def _sweep_once(self) -> bool:
        """Publish one claim's worth. True: there may be more at once."""
        await self._producer.ensure()
        if len(self._chains) >= MAX_CHAINS:
            return False
        leased_at = time.monotonic()
        limit, skip = self._limit, self._skip
        claimed, free = await self._store.claim(self._token, limit, skip)
        # Relays that look at the same time see the same ones first; one that came too late looks further down.
        self._skip = limit * random.randint(1, FURTHEST) if len(claimed) < free else 0  # noqa: S311  to spread them
        started = [self._take(pending, leased_at) for pending in claimed if pending.id not in self._chains]
        if started:
            # Not to the end of each: an aggregate that never stops changing would keep all others waiting.
            await asyncio.wait(started, timeout=self._interval)
        if not (free or skip):
            # Nothing to publish and the broker reachable as far as we know: the fast path may be used again.
            self._failures = 0
        if not self._chains:
            # What others had in hand is theirs to publish.
            self._behind.clear()
        oldest = await self._store.oldest_pending()
        self._metrics.outbox_age.set(max(0.0, (self._now() - oldest).total_seconds()) if oldest else 0.0)
        return free == limit or skip > 0

    def _take(self, pending: Pending, leased_at: float) -> "asyncio.Task[None]":
        chain = self._chains[pending.id] = Chain(pending.id, "sweep", leased_at)
        chain.add(pending.records)
        return self._run(chain)
