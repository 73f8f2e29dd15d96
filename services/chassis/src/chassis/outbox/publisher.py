"""Chains' events to their topic, several at once and never out of order.

Of each partition one batch is on its way at a time. All events of a document go to one partition, so a later one cannot
arrive where an earlier one has failed, which a consumer that keeps a watermark would take for the end of the earlier one.
"""

import asyncio
import time
from collections import deque
from collections.abc import Coroutine, Sequence
from contextvars import Context
from itertools import islice
from typing import Any, Protocol

from chassis.aggregate.model import OutgoingEvent
from chassis.errors import PermanentError, TransientError
from chassis.kafka.producer import Message, Producer
from chassis.outbox.queue import EventQueue
from kontor_contracts import REPUBLISHED, wire_headers

Part = tuple[EventQueue, int]
"""The first so many of the events that wait in a chain."""

OVERHEAD = 200
"""Bytes of a record beside its key and value, at most."""


class Owner(Protocol):
    """Gets the outcome of a queue's events."""

    def acknowledged(self, chain: EventQueue, event_ids: list[str]) -> None:
        """These, the first that waited, are in the topic."""

    async def failed(self, chains: list[EventQueue], error: Exception) -> None:
        """The first event that waits in each did not make it, and nothing behind it was sent."""


class Publisher:
    """``usable``: seconds after which a chain's lease is too old to send under it."""

    def __init__(self, producer: Producer, *, topic: str, usable: float, owner: Owner) -> None:
        self._producer = producer
        self._topic = topic
        self._usable = usable
        self._owner = owner
        self._new: list[EventQueue] = []
        self._queues: dict[int, deque[EventQueue]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, chain: EventQueue) -> None:
        """Publish what waits in the chain. One that is on its way already takes along what was added to it."""
        if chain.running:
            return
        chain.running = True
        self._new.append(chain)
        if len(self._new) == 1:
            self._spawn(self._sort())

    async def drained(self) -> None:
        """Return when nothing is on its way."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        # In a context of its own: what the task that added the first event works on is not what this one works on.
        task = asyncio.get_running_loop().create_task(work, context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _sort(self) -> None:
        """To the queues of their partitions with what has come since the last turn of the loop."""
        try:
            partition_of = await self._producer.partitioner(self._topic)
        except Exception as error:  # noqa: BLE001  whatever it is, no chain may look as if it went on
            new, self._new = self._new, []
            await self._end(new, error)
            return
        new, self._new = self._new, []
        for chain in new:
            partition = partition_of(chain.id.encode())
            if (queue := self._queues.get(partition)) is not None:
                queue.append(chain)
            else:
                self._queues[partition] = deque([chain])
                self._spawn(self._work(partition))

    async def _work(self, partition: int) -> None:
        queue = self._queues[partition]
        while queue:
            await self._send(partition, await self._next(queue))
        del self._queues[partition]

    async def _next(self, queue: deque[EventQueue]) -> list[Part]:
        """As much of what waits as one batch takes, from the front."""
        parts: list[Part] = []
        stale: list[EventQueue] = []
        room = self._producer.batch_bytes
        while queue and room > 0:
            chain = queue.popleft()
            if chain.failed or not chain.waiting:
                # Sent, or given up, with a batch that had to be divided.
                continue
            if time.monotonic() - chain.leased_at > self._usable:
                stale.append(chain)
                continue
            count = 0
            for record in chain.waiting:
                room -= len(record.value) + len(chain.id) + OVERHEAD
                if room < 0 and (parts or count):
                    break
                count += 1
            if not count:
                queue.appendleft(chain)
                break
            parts.append((chain, count))
        await self._end(stale, TransientError("too little of the lease is left"))
        return parts

    async def _send(self, partition: int, parts: list[Part]) -> None:
        if not parts:
            return
        try:
            await self._producer.send_batch(self._topic, partition, _messages(parts))
        except PermanentError as error:
            # One of them the broker never takes. The others are not to wait for it.
            smaller = _divided(parts)
            if len(smaller) == 1:
                await self._end([parts[0][0]], error)
                return
            for part in smaller:
                if not part[0].failed:
                    await self._send(partition, [part])
        except Exception as error:  # noqa: BLE001
            await self._end([chain for chain, _ in parts], error)
        else:
            for chain, count in parts:
                self._acknowledge(partition, chain, count)

    def _acknowledge(self, partition: int, chain: EventQueue, count: int) -> None:
        event_ids = [chain.waiting.popleft().id for _ in range(count)]
        chain.running = bool(chain.waiting)
        if chain.running and chain not in (queue := self._queues[partition]):
            # Some did not fit, or have come since.
            queue.append(chain)
        self._owner.acknowledged(chain, event_ids)

    async def _end(self, chains: list[EventQueue], error: Exception) -> None:
        if not chains:
            return
        for chain in chains:
            chain.failed, chain.running = True, False
        await self._owner.failed(chains, error)


def _messages(parts: list[Part]) -> list[Message]:
    return [
        Message(chain.id.encode(), record.value, _headers(chain, record))
        for chain, count in parts
        for record in islice(chain.waiting, count)
    ]


def _headers(chain: EventQueue, record: OutgoingEvent) -> Sequence[tuple[str, Any]]:
    headers = wire_headers(record.type, record.id)
    return [*headers, REPUBLISHED] if chain.again else headers


def _divided(parts: list[Part]) -> list[Part]:
    """Chains apart; a single chain event by event."""
    if len(parts) > 1:
        return parts
    chain, count = parts[0]
    return [(chain, 1)] * count
