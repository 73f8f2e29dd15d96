"""The events of event queues to their topic, several at once and never out of order.

Of each partition one batch is on its way at a time. All events of a document go to one partition, so a later one cannot
arrive where an earlier one has failed, which a consumer that keeps a watermark would take for the end of the earlier one.
What goes to another topic takes its turn among them: a snapshot is sent when the events that it includes are in their topic.
Replies come last. A topic that takes none of them holds up nothing.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextvars import Context
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from chassis import tracing
from chassis.aggregate.model import OutgoingEvent
from chassis.errors import PermanentError, TransientError
from chassis.kafka.producer import Message, Producer
from chassis.outbox.queue import EventQueue
from kontor_contracts import REPUBLISHED, wire_headers

if TYPE_CHECKING:
    from chassis.tracing.spans import Span

Lane = tuple[str, int]
"""A topic, by the broker's name, and one of its partitions."""
Part = tuple[EventQueue, int]
"""The first so many of the events that wait in an event queue."""

OVERHEAD = 280
"""Bytes of a record beside its key and value, at most."""


class Owner(Protocol):
    """Gets the outcome of a queue's events."""

    def acknowledged(self, event_queue: EventQueue, events: list[OutgoingEvent]) -> None:
        """These, the first that waited, are in the topic."""

    def undelivered(self, event_queue: EventQueue, replies: list[OutgoingEvent], error: Exception) -> bool:
        """Their topic did not take these, the first replies that waited. True: it is not going to be asked again."""

    async def failed(self, event_queues: list[EventQueue], error: Exception) -> None:
        """The first event that waits in each did not make it, and nothing behind it was sent."""


class Publisher:
    """``topic``: where events go that name none. ``named``: the broker's name of a topic that an event names.

    ``usable``: seconds after which an event queue's lease is too old to send under it.
    """

    def __init__(
        self, producer: Producer, *, topic: str, usable: float, owner: Owner, named: Callable[[str], str] = str
    ) -> None:
        self._producer = producer
        self._topic = topic
        self._named = named
        self._usable = usable
        self._owner = owner
        self._new: list[EventQueue] = []
        self._queues: dict[Lane, deque[EventQueue]] = {}
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
        known: dict[str, Callable[[bytes], int]] = {}
        while missing := {self._next_topic(event_queue) for event_queue in self._new} - known.keys():
            for topic in missing:
                try:
                    known[topic] = await self._producer.partitioner(topic)
                except Exception as error:  # noqa: BLE001  whatever it is, no event queue may look as if it went on
                    lost = [one for one in self._new if self._next_topic(one) == topic]
                    self._new = [one for one in self._new if one not in lost]
                    await self._end(lost, error)
        new, self._new = self._new, []
        for event_queue in new:
            topic = self._next_topic(event_queue)
            lane = topic, known[topic](event_queue.id.encode())
            if (queue := self._queues.get(lane)) is not None:
                queue.append(event_queue)
            else:
                self._queues[lane] = deque([event_queue])
                self._spawn(self._work(lane))

    def _next_topic(self, event_queue: EventQueue) -> str:
        return self._topic_of(event_queue.next[0]) if event_queue.next else self._topic

    def _topic_of(self, record: OutgoingEvent) -> str:
        if record.topic is None:
            return self._topic
        # The topic of a reply is somebody else's, and was named as the broker knows it.
        return record.topic if record.is_reply else self._named(record.topic)

    async def _work(self, lane: Lane) -> None:
        queue = self._queues[lane]
        while queue:
            await self._send(lane, await self._next(queue))
        del self._queues[lane]

    async def _next(self, queue: deque[EventQueue]) -> list[Part]:
        """As much of what waits as one batch takes, from the front."""
        parts: list[Part] = []
        stale: list[EventQueue] = []
        room = self._producer.batch_bytes
        while queue and room > 0:
            event_queue = queue.popleft()
            if event_queue.failed or not event_queue.next:
                # Sent, or given up, with a batch that had to be divided.
                continue
            if time.monotonic() - event_queue.leased_at > self._usable:
                stale.append(event_queue)
                continue
            count = 0
            for record in event_queue.next:
                if record.topic != event_queue.next[0].topic:
                    break
                room -= len(record.value or b"") + len(event_queue.id) + OVERHEAD
                if room < 0 and (parts or count):
                    break
                count += 1
            if not count:
                queue.appendleft(event_queue)
                break
            parts.append((event_queue, count))
        await self._end(stale, TransientError("too little of the lease is left"))
        return parts

    async def _send(self, lane: Lane, parts: list[Part]) -> None:
        if not parts:
            return
        error = await self._tried(lane, parts)
        if error is None:
            for event_queue, count in parts:
                self._acknowledge(lane, event_queue, count)
        elif isinstance(error, PermanentError):
            # One of them the broker never takes. The others are not to wait for it.
            smaller = _divided(parts)
            if len(smaller) == 1:
                await self._give_up(lane, parts, error)
                return
            for part in smaller:
                if not part[0].failed:
                    await self._send(lane, [part])
        else:
            await self._give_up(lane, parts, error)

    async def _tried(self, lane: Lane, parts: list[Part]) -> Exception | None:
        """Why they are not in the topic."""
        spans = self._spans(lane, parts)
        failed: Exception | None = None
        try:
            await self._producer.send_batch(*lane, _traced(_messages(parts), spans))
        except Exception as error:  # noqa: BLE001  whatever it is, it ends there
            failed = error
        for span in spans:
            if failed is not None:
                span.failed(type(failed).__name__)
            span.end()
        return failed

    def _spans(self, lane: Lane, parts: list[Part]) -> "list[Span]":
        """One for each event; none where traces are off. Those of events announced again are not followed."""
        if not tracing.is_on():
            return []
        return [
            tracing.publish(lane[0], record.type, record.value, again=event_queue.again)
            for event_queue, record in _events(parts)
        ]

    async def _give_up(self, lane: Lane, parts: list[Part], error: Exception) -> None:
        replies = [(event_queue, count) for event_queue, count in parts if self._are_replies(lane, event_queue)]
        for event_queue, count in replies:
            if self._owner.undelivered(event_queue, list(islice(event_queue.replies, count)), error):
                self._acknowledge(lane, event_queue, count)
            else:
                self._go_on(lane, event_queue)
        await self._end([part[0] for part in parts if part not in replies], error)

    def _are_replies(self, lane: Lane, event_queue: EventQueue) -> bool:
        """No topic of a service takes replies, so the lane tells them."""
        return bool(event_queue.replies) and self._topic_of(event_queue.replies[0]) == lane[0]

    def _acknowledge(self, lane: Lane, event_queue: EventQueue, count: int) -> None:
        sent = event_queue.replies if self._are_replies(lane, event_queue) else event_queue.waiting
        events = [sent.popleft() for _ in range(count)]
        self._go_on(lane, event_queue)
        self._owner.acknowledged(event_queue, events)

    def _go_on(self, lane: Lane, event_queue: EventQueue) -> None:
        event_queue.running = False
        if event_queue.next and self._next_topic(event_queue) != lane[0]:
            self.add(event_queue)
        elif event_queue.next:
            event_queue.running = True
            if event_queue not in (queue := self._queues[lane]):
                # Some did not fit, or have come since.
                queue.append(event_queue)

    async def _end(self, event_queues: list[EventQueue], error: Exception) -> None:
        if not event_queues:
            return
        for event_queue in event_queues:
            event_queue.failed, event_queue.running = True, False
        await self._owner.failed(event_queues, error)


def _events(parts: list[Part]) -> Iterator[tuple[EventQueue, OutgoingEvent]]:
    for event_queue, count in parts:
        for record in islice(event_queue.next, count):
            yield event_queue, record


def _messages(parts: list[Part]) -> list[Message]:
    return [
        Message(event_queue.id.encode(), record.value, _headers(event_queue, record))
        for event_queue, record in _events(parts)
    ]


def _traced(messages: list[Message], spans: "Sequence[Span]") -> list[Message]:
    if not spans:
        return messages
    return [
        message._replace(headers=[*message.headers, (tracing.HEADER, span.traceparent.encode())])
        for message, span in zip(messages, spans, strict=True)
    ]


def _headers(event_queue: EventQueue, record: OutgoingEvent) -> Sequence[tuple[str, Any]]:
    if record.value is None:
        # By its number a reader tells a late copy.
        return [("sequence", b"%010d" % record.number)]
    headers = wire_headers(record.type, record.message_id)
    return [*headers, REPUBLISHED] if event_queue.again else headers


def _divided(parts: list[Part]) -> list[Part]:
    """Event queues apart; a single event queue event by event."""
    if len(parts) > 1:
        return parts
    event_queue, count = parts[0]
    return [(event_queue, 1)] * count
