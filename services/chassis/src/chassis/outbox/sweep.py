"""The sweep: what a crash, a stall or a broken broker left in the documents is claimed by lease and published."""

import asyncio
import random
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import structlog

from chassis.errors import TransientError
from chassis.kafka.producer import Producer
from chassis.mongo.outbox import Pending, Waiting
from chassis.mongo.pace import Pace
from chassis.observability.metrics import Metrics
from chassis.outbox.in_hand import PAUSE_SECONDS, InHand, OutboxStore
from chassis.outbox.publisher import Publisher
from chassis.outbox.queue import EventQueue

log = structlog.get_logger("chassis.outbox.sweep")

LOOK = 2000
"""Documents found by one look, from which claims are then made: a look may cost as much for a few as for many."""
CLAIM = 200
SWEPT_AT_ONCE = 5 * CLAIM
"""Documents that the sweep has in hand at most. How many it is that do not wait until their lease is over, rounds tell."""


@dataclass(frozen=True, slots=True)
class _Claim:
    """``at``: a moment before it was made."""

    lease: str
    at: float
    ids: list[str]


class Sweep:
    """``leases``: names for new ones. ``usable``: seconds after which nothing new is sent under a lease."""

    def __init__(
        self,
        store: OutboxStore,
        producer: Producer,
        publisher: Publisher,
        in_hand: InHand,
        *,
        leases: Iterator[str],
        interval: float,
        usable: float,
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._producer = producer
        self._publisher = publisher
        self._in_hand = in_hand
        self._leases = leases
        self._interval = interval
        self._usable = usable
        self._metrics = metrics
        # From the claim to the cleared document. Half of the usable time is slow: the other half is for what comes between.
        self.pace = Pace(SWEPT_AT_ONCE, slow=usable / 2)
        self._unanswered: list[_Claim] = []
        self._found: deque[Waiting] = deque()
        self.last = time.monotonic()

    async def run(self) -> None:
        """Returns when the relay stops."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._interval):
                    await self._in_hand.wake.wait()
            self._in_hand.wake.clear()
            if self._in_hand.stopping:
                return
            more = False
            try:
                more = await self._sweep_once()
            except Exception as error:
                known = isinstance(error, TransientError)
                log.warning("sweep_failed", error=str(error), exc_info=None if known else error, held=known)
                self._in_hand.failures += 1
                self._found.clear()
                self.pace.failed()
            self._metrics.relay_claims.set(self.pace.limit)
            self.last = time.monotonic()
            if self._in_hand.failures:
                await asyncio.sleep(PAUSE_SECONDS[min(self._in_hand.failures, len(PAUSE_SECONDS)) - 1])
            elif more:
                self._in_hand.wake.set()

    async def _sweep_once(self) -> bool:
        """Publish one claim's worth. True: there may be more at once."""
        await self._producer.ensure()
        await self._ask_again()
        room = self.pace.limit - sum(event_queue.path == "sweep" for event_queue in self._in_hand.queues.values())
        if room <= 0 or len(self._in_hand.queues) >= SWEPT_AT_ONCE:
            self._in_hand.full = True
            return False
        if not self._found and await self._is_anything_pending():
            self._found.extend(await self._store.waiting(LOOK))
        asked = [self._found.popleft() for _ in range(min(room, CLAIM, len(self._found)))]
        if asked:
            await self._claim(asked)
        else:
            # Nothing to publish and the broker reachable as far as we know: the fast path may be used again.
            self._in_hand.failures = 0
        if not self._in_hand.queues:
            # What others had in hand is theirs to publish.
            self._in_hand.behind.clear()
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
            if pending.id not in self._in_hand.queues:
                self._take(pending, claim)

    async def _ask_again(self) -> None:
        """What a claim got whose answer never came is published under its lease, if there is time left, or given back."""
        while self._unanswered:
            claim = self._unanswered[0]
            if time.monotonic() - claim.at < self._usable / 2:
                for pending in await self._store.held(claim.lease, claim.ids):
                    if pending.id not in self._in_hand.queues:
                        self._take(pending, claim)
            else:
                await self._store.release(dict.fromkeys(claim.ids, claim.lease))
            self._unanswered.pop(0)

    def _take(self, pending: Pending, claim: _Claim) -> None:
        event_queue = self._in_hand.queues[pending.id] = EventQueue(
            pending.id, "sweep", claim.at, claim.lease, again=pending.again, renewed=pending.renewed
        )
        event_queue.add(pending.records)
        self._publisher.add(event_queue)
