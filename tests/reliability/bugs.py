"""Mistakes put into the services, one at a time: a checker that stays green with one of them in is worth nothing.

Each says what the nemesis must do for it to show, and which invariants must fall. Four mistakes of the literature are not
here. A claim that does not wait for the majority shows only where a primary can lose a write, so not without a replica
set. A lease in the wrong field makes two relays publish the same events, which consumers must stand anyway. Clearing by
place or count needs a crash within a millisecond; a run of 15 s did not meet it. Parking without holding up what comes
behind does no harm that can be seen yet: no document takes two kinds of events of one source.
"""

import asyncio
import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import orjson
from aiokafka import TopicPartition
from reliability.patching import patch

import chassis.aggregate.handler
import chassis.consumer.consumer
import chassis.outbox.publisher
import identity.api.people.users
import notifications.subscribers
from chassis.aggregate.model import Outcome, Published
from chassis.aggregate.unit_of_work import UnitOfWork
from chassis.consumer.consumer import Consumer
from chassis.consumer.dead_letters.parking import Parking
from chassis.kafka.faststream_adapter import Batch
from chassis.kafka.producer import Message, Producer
from chassis.mongo.outbox import OutboxDocuments
from chassis.mongo.store import MongoStore
from chassis.outbox.publisher import Lane, Publisher
from chassis.outbox.queue import Lease
from chassis.outbox.relay import Relay
from chassis.outbox.sweep import Sweep
from identity.credentials.password_hashing import Passwords
from identity.documents import USER
from kontor_contracts import wire_headers
from notifications.delivery import Delivery
from notifications.documents import MAIL

CRASHES = ("crash",)


@dataclass(frozen=True, slots=True)
class Bug:
    """``faults`` and ``breaks``: what it takes, and what must fall (any of them)."""

    put_in: Callable[[], None]
    faults: tuple[str, ...]
    breaks: tuple[str, ...]
    minutes: float = 0.0
    """The least time that it needs to show."""


def clear_before_publish() -> None:
    send = Publisher._send

    async def clear_and_send(self: Publisher, lane: Lane, parts: Sequence[Any]) -> None:
        relay: Any = self._owner
        published = [Published(c.id, [one.id for one in islice(c.waiting, n)], lease=None) for c, n in parts]
        await relay._store.clear(published)
        await asyncio.sleep(0.05)
        await send(self, lane, list(parts))

    patch(Publisher, "_send", clear_and_send)


def publish_before_the_write() -> None:
    save, init = MongoStore.save, Relay.__init__
    relays: list[Relay] = []

    def remember(self: Relay, *arguments: Any, **rest: Any) -> None:
        init(self, *arguments, **rest)
        relays.append(self)

    async def send_and_save(self: MongoStore, aggregate: Any, id: str, loaded: Any, change: Any) -> None:
        for record in [one for one in change.records if one.topic is None]:
            publisher = relays[-1]._publisher
            headers = wire_headers(record.type, record.id)
            await publisher._producer.send(publisher._topic, id.encode(), record.value, headers)
        await save(self, aggregate, id, loaded, change)

    patch(Relay, "__init__", remember)
    patch(MongoStore, "save", send_and_save)


def no_inbox() -> None:
    """Every delivery is taken for the first."""
    known = UnitOfWork._known

    def never_on_the_bus(self: UnitOfWork[Any], cause: Any) -> Outcome[Any] | None:
        return None if cause.position is not None else known(self, cause)

    patch(UnitOfWork, "_known", never_on_the_bus)


def inbox_of_eight() -> None:
    """Remembers the last eight deliveries, and no number."""
    known = UnitOfWork._known
    window: list[tuple[str, int]] = []

    def within_the_window(self: UnitOfWork[Any], cause: Any) -> Outcome[Any] | None:
        if cause.position is None:
            return known(self, cause)
        place = (cause.position.source, cause.position.number)
        if place in window:
            return known(self, cause)
        window.append(place)
        del window[:-8]
        return None

    patch(UnitOfWork, "_known", within_the_window)


def always_acknowledge() -> None:
    """What failed for the moment counts as done: nothing is read again."""
    settle = Consumer._settle

    async def settle_all(self: Consumer, batch: Batch, _: Sequence[Any]) -> None:
        await settle(self, batch, [])

    patch(Consumer, "_settle", settle_all)
    patch(chassis.consumer.consumer, "rewind", lambda *_: None)


def acknowledge_first() -> None:
    on_batch = Consumer.on_batch

    async def commit_and_go_on(self: Consumer, batch: Batch) -> None:
        ends: dict[TopicPartition, int] = {}
        for record in batch.records:
            ends[TopicPartition(record.topic, record.partition)] = record.offset + 1
        await batch.consumer.commit(ends)
        await on_batch(self, batch)

    patch(Consumer, "on_batch", commit_and_go_on)


def never_clear() -> None:
    async def leave(*_: Any) -> None: ...

    patch(OutboxDocuments, "clear", leave)


def no_sweep() -> None:
    """What a crash leaves behind stays there."""

    async def sleep(_: Sweep) -> None:
        await asyncio.Event().wait()

    patch(Sweep, "run", sleep)


def overtake() -> None:
    """The fast path does not mind older events of the same aggregate that are still waiting."""
    lease_for = Relay.lease_for

    def always(self: Relay, id: str, pending: tuple[str, ...]) -> Lease | None:
        return lease_for(self, id, ())

    patch(Relay, "lease_for", always)


def new_id_each_time() -> None:
    messages = chassis.outbox.publisher._messages

    def restamped(parts: Any) -> list[Message]:
        found = []
        for message in messages(parts):
            if message.value is None:
                found.append(message)
                continue
            envelope = orjson.loads(message.value) | {"id": str(uuid.uuid4())}
            headers = wire_headers(envelope["type"], envelope["id"])
            found.append(Message(message.key, orjson.dumps(envelope), headers))
        return found

    patch(chassis.outbox.publisher, "_messages", restamped)


def any_partition() -> None:
    partitioner = Producer.partitioner

    async def any_of_them(self: Producer, topic: str) -> Callable[[bytes], int]:
        of = await partitioner(self, topic)
        return lambda key: of(key + random.randbytes(4))

    patch(Producer, "partitioner", any_of_them)


def mail_written_down_afterwards() -> None:
    """The attempt is in the database only when it is over.

    Within one process its timers keep attempts apart, so it shows only between two of them: ``BACKEND=kafka``.
    """

    async def only_in_memory(self: Delivery, id: str, owner: str, _timer: Any) -> Any:
        mail: Any = await self._store.get(MAIL, id)
        return replace(mail, owner=owner, attempts=mail.attempts + 1)

    patch(Delivery, "_start", only_in_memory)


def mail_by_chance() -> None:
    """The same message again is another mail."""
    patch(notifications.subscribers, "derived_id", lambda *_: str(uuid.uuid4()))


def dead_letters_vanish() -> None:
    async def forget(*_: Any) -> None: ...

    patch(Parking, "_send", forget)


def neighbours_see() -> None:
    """Anybody who knows a user's id can read the user."""

    async def anybody(running: Any, _: Any, user_id: str) -> Any:
        return await running.store.get(USER, USER.id(user_id))

    patch(identity.api.people.users, "colleague", anybody)


def talkative() -> None:
    hash_it = Passwords.hash

    async def say_and_hash(self: Passwords, password: str) -> str:
        print(f"hashing {password}")  # noqa: T201
        return await hash_it(self, password)

    patch(Passwords, "hash", say_and_hash)


def lose_some() -> None:
    """Every thirtieth event is acknowledged by nobody and cleared all the same."""
    messages = chassis.outbox.publisher._messages

    def most(parts: Any) -> list[Message]:
        found = messages(parts)
        return [message for message in found if random.random() > 1 / 30]

    patch(chassis.outbox.publisher, "_messages", most)


BUGS: dict[str, Bug] = {
    "clear-before-publish": Bug(clear_before_publish, ("crash:C6", "crash:C4", "kill"), ("I2",)),
    "publish-before-the-write": Bug(publish_before_the_write, ("crash:C1",), ("I4",)),
    "no-inbox": Bug(no_inbox, ("reread",), ("I5",)),
    "inbox-of-eight": Bug(inbox_of_eight, ("reread",), ("I5",)),
    "always-acknowledge": Bug(always_acknowledge, ("database-behind",), ("I1", "I6", "I12")),
    "acknowledge-first": Bug(acknowledge_first, ("crash:C1", "crash:C2"), ("I1", "I6", "I12")),
    "never-clear": Bug(never_clear, (), ("I2", "I8")),
    "no-sweep": Bug(no_sweep, ("crash:C5",), ("I2", "I8")),
    "overtake": Bug(overtake, ("crash:C11",), ("I3",), minutes=0.8),
    "new-id-each-time": Bug(new_id_each_time, ("crash:C8",), ("I4",)),
    "any-partition": Bug(any_partition, (), ("I3",)),
    "mail-written-down-afterwards": Bug(mail_written_down_afterwards, ("smtp-network",), ("I6",)),
    "mail-by-chance": Bug(mail_by_chance, ("reread",), ("I6",)),
    "dead-letters-vanish": Bug(dead_letters_vanish, ("poison",), ("I12",)),
    "neighbours-see": Bug(neighbours_see, (), ("I9",)),
    "talkative": Bug(talkative, (), ("I10",)),
    "lose-some": Bug(lose_some, (), ("I1", "I2")),
}
