"""Clearing: documents forget the events that are in the topic, many documents in one call."""

import asyncio
import time
from collections.abc import Sequence

import structlog

from chassis.aggregate.model import Published
from chassis.aggregate.write_cache import WriteCache
from chassis.errors import TransientError
from chassis.mongo.pace import Pace
from chassis.outbox.in_hand import PAUSE_SECONDS, InHand, OutboxStore
from chassis.outbox.queue import EventQueue

log = structlog.get_logger("chassis.outbox.clearing")

CLEAR = 200
GATHER_SECONDS = 0.02
"""How long events that are in the topic may stand in their document, for others to be cleared with them."""


class Clearing:
    """``pace``: the sweep's, which takes less in hand while clearing is slow."""

    def __init__(self, store: OutboxStore, in_hand: InHand, *, write_cache: WriteCache, pace: Pace) -> None:
        self._store = store
        self._in_hand = in_hand
        self._write_cache = write_cache
        self._pace = pace
        self._done: asyncio.Queue[EventQueue] = asyncio.Queue()

    def add(self, event_queue: EventQueue) -> None:
        """Some of its events are in the topic."""
        self._done.put_nowait(event_queue)

    async def drained(self) -> None:
        """Return when everything that was added is cleared or given up."""
        await self._done.join()

    async def run(self) -> None:
        """Never returns."""
        while True:
            event_queues = [await self._done.get()]
            if self._done.qsize() < CLEAR and not self._in_hand.stopping:
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
                self._in_hand.forget(event_queues)
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
                published = [
                    # The snapshot comes last, so it is there when nothing waits any more.
                    Published(
                        c.id,
                        ids,
                        None if c.running or c.next or c.owes else c.lease,
                        renewed=c.renewed and not c.waiting,
                    )
                    for c, ids in cleared
                ]
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
        self._in_hand.forget(event_queues)

    def _note_round(self, cleared: Sequence[EventQueue]) -> None:
        """How long the slowest of these took from its claim on."""
        claimed = [event_queue.leased_at for event_queue in cleared if event_queue.path == "sweep"]
        if claimed:
            self._pace.took(time.monotonic() - min(claimed))
