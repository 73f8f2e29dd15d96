"""The events of event queues to their topic, several at once and never out of order.

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
"""The first so many of the events that wait in an event queue."""

OVERHEAD = 200
"""Bytes of a record beside its key and value, at most."""


class Owner(Protocol):
    """Gets the outcome of a queue's events."""

    def acknowledged(self, event_queue: EventQueue, events: list[OutgoingEvent]) -> None:
        """These, the first that waited, are in the topic."""

    async def failed(self, event_queues: list[EventQueue], error: Exception) -> None:
        """The first event that waits in each did not make it, and nothing behind it was sent."""


class Publisher:
    """``usable``: seconds after which an event queue's lease is too old to send under it."""

    def __init__(self, producer: Producer, *, topic: str, usable: float, owner: Owner) -> None:
        self._producer = producer
        self._topic = topic
        self._usable = usable
        self._owner = owner
        self._new: list[EventQueue] = []
        self._queues: dict[int, deque[EventQueue]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, event_queue: EventQueue) -> None:
        """Publish what waits in the event queue. One that is on its way already takes along what was added to it."""
        if event_queue.running:
            return
        event_queue.running = True
        self._new.append(event_queue)
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
        except Exception as error:  # noqa: BLE001  whatever it is, no event queue may look as if it went on
            new, self._new = self._new, []
            await self._end(new, error)
            return
        new, self._new = self._new, []
        for event_queue in new:
            partition = partition_of(event_queue.id.encode())
            if (queue := self._queues.get(partition)) is not None:
                queue.append(event_queue)
            else:
                self._queues[partition] = deque([event_queue])
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
            event_queue = queue.popleft()
            if event_queue.failed or not event_queue.waiting:
                # Sent, or given up, with a batch that had to be divided.
                continue
            if time.monotonic() - event_queue.leased_at > self._usable:
                stale.append(event_queue)
                continue
            count = 0
            for record in event_queue.waiting:
                room -= len(record.value) + len(event_queue.id) + OVERHEAD
                if room < 0 and (parts or count):
                    break
                count += 1
            if not count:
                queue.appendleft(event_queue)
                break
            parts.append((event_queue, count))
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
            await self._end([event_queue for event_queue, _ in parts], error)
        else:
            for event_queue, count in parts:
                self._acknowledge(partition, event_queue, count)

    def _acknowledge(self, partition: int, event_queue: EventQueue, count: int) -> None:
        events = [event_queue.waiting.popleft() for _ in range(count)]
        event_queue.running = bool(event_queue.waiting)
        if event_queue.running and event_queue not in (queue := self._queues[partition]):
            # Some did not fit, or have come since.
            queue.append(event_queue)
        self._owner.acknowledged(event_queue, events)

    async def _end(self, event_queues: list[EventQueue], error: Exception) -> None:
        if not event_queues:
            return
        for event_queue in event_queues:
            event_queue.failed, event_queue.running = True, False
        await self._owner.failed(event_queues, error)


def _messages(parts: list[Part]) -> list[Message]:
    return [
        Message(event_queue.id.encode(), record.value, _headers(event_queue, record))
        for event_queue, count in parts
        for record in islice(event_queue.waiting, count)
    ]


def _headers(event_queue: EventQueue, record: OutgoingEvent) -> Sequence[tuple[str, Any]]:
    headers = wire_headers(record.type, record.id)
    return [*headers, REPUBLISHED] if event_queue.again else headers


def _divided(parts: list[Part]) -> list[Part]:
    """Event queues apart; a single event queue event by event."""
    if len(parts) > 1:
        return parts
    event_queue, count = parts[0]
    return [(event_queue, 1)] * count
