"""The crash points of a command and of an event on its way: where a process may end, and nothing may be lost by it.

The numbers are the field's own way of counting them (ADR 2): C1 to C4 around the write, C5 to C8 around publishing,
C10 a relay that stalls, C11 a record the broker does not take, C12 a mail server's lost answer. C9, a database primary
that fails before the majority has the write, needs a replica set and is no point in a process.
"""

import asyncio
import os
import random
import signal
import time
from collections.abc import Callable, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from aiosmtplib import SMTP
from reliability.patching import patch

from chassis.aggregate.handler import Handler
from chassis.consumer.consumer import Consumer
from chassis.errors import PermanentError
from chassis.kafka.producer import Message, Producer
from chassis.mongo.outbox import OutboxDocuments
from chassis.mongo.store import MongoStore
from chassis.outbox.publisher import Lane, Publisher
from chassis.outbox.relay import Relay

DIED = 71
"""Exit code of a process that ended at its crash point."""
REFUSED_SECONDS = 0.3


class Trigger:
    """Counts the visits to one point. ``due`` is true at the n-th and never again."""

    def __init__(self, point: str, count: int) -> None:
        self.point = point
        self._left = count

    def due(self) -> bool:
        self._left -= 1
        return self._left == 0

    def crash(self) -> None:
        """End the process where it stands, if it is due: nothing is flushed, committed or said goodbye to."""
        if self.due():
            os._exit(DIED)


def before_the_write(trigger: Trigger) -> None:
    save = MongoStore.save

    async def crash_and_save(*arguments: Any) -> None:
        trigger.crash()
        await save(*arguments)

    patch(MongoStore, "save", crash_and_save)


def write_without_reply(trigger: Trigger) -> None:
    save = MongoStore.save

    async def save_unheard(*arguments: Any) -> None:
        if trigger.due():
            writing = asyncio.ensure_future(save(*arguments))
            await asyncio.sleep(random.random() * 0.005)
            writing.cancel()
            os._exit(DIED)
        await save(*arguments)

    patch(MongoStore, "save", save_unheard)


def before_the_offset(trigger: Trigger) -> None:
    settle = Consumer._settle

    async def crash_and_settle(*arguments: Any) -> None:
        trigger.crash()
        await settle(*arguments)

    patch(Consumer, "_settle", crash_and_settle)


def before_the_answer(trigger: Trigger) -> None:
    handle = Handler.handle

    async def handle_and_crash(self: Any, aggregate: Any, id: str, command: Any, cause: Any, **rest: Any) -> Any:
        outcome = await handle(self, aggregate, id, command, cause, **rest)
        if cause.key is not None and outcome.status == "applied":
            trigger.crash()
        return outcome

    patch(Handler, "handle", handle_and_crash)


def leased_and_not_published(trigger: Trigger) -> None:
    submit = Relay.submit

    def crash_and_submit(self: Relay, lease: Any, id: str, records: Any) -> None:
        if lease is not None:
            trigger.crash()
        submit(self, lease, id, records)

    patch(Relay, "submit", crash_and_submit)


def published_without_reply(trigger: Trigger) -> None:
    send = AIOKafkaProducer.send_batch

    async def send_unheard(*arguments: Any, **rest: Any) -> Any:
        sent = await send(*arguments, **rest)
        if trigger.due():
            await asyncio.sleep(random.random() * 0.01)
            os._exit(DIED)
        return sent

    patch(AIOKafkaProducer, "send_batch", send_unheard)


def published_in_part(trigger: Trigger) -> None:
    """Of a document's events that would go out together, the first goes alone."""
    fill, acknowledge = Publisher._next, Publisher._acknowledge

    async def one_of_each(self: Publisher, queue: Any) -> Any:
        return [(chain, 1) for chain, _ in await fill(self, queue)]

    def acknowledge_and_crash(self: Publisher, lane: Lane, chain: Any, count: int) -> None:
        if len(chain.waiting) > 1:
            trigger.crash()
        acknowledge(self, lane, chain, count)

    patch(Publisher, "_next", one_of_each)
    patch(Publisher, "_acknowledge", acknowledge_and_crash)


def published_and_not_cleared(trigger: Trigger) -> None:
    clear = OutboxDocuments.clear

    async def crash_and_clear(*arguments: Any) -> None:
        trigger.crash()
        await clear(*arguments)

    patch(OutboxDocuments, "clear", crash_and_clear)


def stalled_with_a_lease(trigger: Trigger) -> None:
    """Stands still until SIGCONT, longer than its lease, with an event in its hand."""
    send = Publisher._send

    async def stall_and_send(self: Publisher, lane: Lane, parts: Any) -> None:
        if parts and trigger.due():
            os.kill(os.getpid(), signal.SIGSTOP)
        await send(self, lane, parts)

    patch(Publisher, "_send", stall_and_send)


def not_taken_by_the_broker(trigger: Trigger) -> None:
    """One key's records are refused for good, as with a topic that is missing, and taken some seconds later."""
    send = Producer.send_batch
    refused: dict[bytes | None, float] = {}

    async def refuse(self: Producer, topic: str, partition: int, messages: Sequence[Message]) -> None:
        if trigger.due():
            refused[messages[0].key] = time.monotonic() + REFUSED_SECONDS
        if any(time.monotonic() < refused.get(message.key, 0.0) for message in messages):
            raise PermanentError(f"{topic}: refused by the rig")
        await send(self, topic, partition, messages)

    patch(Producer, "send_batch", refuse)


def mail_accepted_without_reply(trigger: Trigger) -> None:
    data = SMTP.data

    async def data_unheard(*arguments: Any, **rest: Any) -> Any:
        reply = await data(*arguments, **rest)
        trigger.crash()
        return reply

    patch(SMTP, "data", data_unheard)


POINTS: dict[str, Callable[[Trigger], None]] = {
    "C1": before_the_write,
    "C2": write_without_reply,
    "C3": before_the_offset,
    "C4": before_the_answer,
    "C5": leased_and_not_published,
    "C6": published_without_reply,
    "C7": published_in_part,
    "C8": published_and_not_cleared,
    "C10": stalled_with_a_lease,
    "C11": not_taken_by_the_broker,
    "C12": mail_accepted_without_reply,
}
RARE = {"C7", "C12"}
"""Points that a process seldom comes to: the first time is taken."""
AT: dict[str, tuple[str, ...]] = {
    # notifications takes no commands from people, and no event of it comes in one write with another.
    "identity": ("C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "C10", "C11"),
    "enrollment": ("C1", "C2", "C4", "C5", "C6", "C7", "C8", "C10", "C11"),
    "relationships": ("C1", "C2", "C3", "C4", "C5", "C6", "C8", "C10", "C11"),
    "notifications": ("C1", "C2", "C3", "C5", "C6", "C8", "C10", "C11", "C12"),
}
"""Which points each service comes to under the rig's load."""
