"""The publisher against a broker that fails as it likes: whatever happens, nothing overtakes what it belongs behind."""

import asyncio
import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from chassis.aggregate.model import OutgoingEvent, reply_of
from chassis.errors import PermanentError, UnavailableError
from chassis.kafka.producer import Message
from chassis.outbox.publisher import Publisher
from chassis.outbox.queue import EventQueue

PARTITIONS = 3
POISON = b"poison"


class Broker:
    """Keeps what it takes. ``refuse`` says which error a batch meets, if any."""

    batch_bytes = 2000

    def __init__(self, refuse: Callable[[Sequence[Message]], Exception | None] = lambda _: None) -> None:
        self.records: list[tuple[int, bytes, bytes]] = []
        self.batches: list[int] = []
        self.most_at_once: dict[int, int] = {}
        self._under_way: dict[int, int] = {}
        self._refuse = refuse

    async def partitioner(self, _: str) -> Callable[[bytes], int]:
        return lambda key: sum(key) % PARTITIONS

    async def send_batch(self, _: str, partition: int, messages: Sequence[Message]) -> None:
        under_way = self._under_way[partition] = self._under_way.get(partition, 0) + 1
        self.most_at_once[partition] = max(self.most_at_once.get(partition, 0), under_way)
        await asyncio.sleep(0)
        self._under_way[partition] -= 1
        if (error := self._refuse(messages)) is not None:
            raise error
        self.batches.append(len(messages))
        self.records += [(partition, message.key or b"", message.value or b"") for message in messages]


class Owner:
    def __init__(self) -> None:
        self.gone: dict[str, list[str]] = {}
        self.lost: list[str] = []
        self.undelivered_replies: list[str] = []

    def acknowledged(self, event_queue: EventQueue, events: list[OutgoingEvent]) -> None:
        self.gone.setdefault(event_queue.id, []).extend(event.id for event in events)

    def undelivered(self, event_queue: EventQueue, replies: list[OutgoingEvent], error: Exception) -> bool:
        self.undelivered_replies += [reply.id for reply in replies]
        if isinstance(error, PermanentError):
            return True
        event_queue.replies.clear()
        return False

    async def failed(self, event_queues: list[EventQueue], error: Exception) -> None:
        self.lost += [event_queue.id for event_queue in event_queues]


def publisher(broker: Broker, owner: Owner, usable: float = 60.0) -> Publisher:
    producer: Any = broker
    return Publisher(producer, topic="t", usable=usable, owner=owner)


def event_queue(id: str, count: int, first: int = 1, value: bytes = b"", leased_at: float = float("inf")) -> EventQueue:
    made = EventQueue(id, "fast", leased_at, "ours")
    made.add(
        tuple(OutgoingEvent(f"{id}.{n}", n, "e", value or f"{id}.{n}".encode()) for n in range(first, first + count))
    )
    return made


def of(broker: Broker, id: str) -> list[bytes]:
    return [value for _, key, value in broker.records if key == id.encode()]


async def test_events_of_many_documents_go_out_in_order_batch_by_batch() -> None:
    broker, owner = Broker(), Owner()
    it = publisher(broker, owner)
    for number in range(40):
        it.add(event_queue(f"d{number}", 5))
    await it.drained()
    for number in range(40):
        assert of(broker, f"d{number}") == [f"d{number}.{n}".encode() for n in range(1, 6)]
        assert owner.gone[f"d{number}"] == [f"d{number}.{n}" for n in range(1, 6)]
    assert set(broker.most_at_once.values()) == {1}
    assert len(broker.batches) < 200
    assert owner.lost == []


async def test_what_comes_while_an_event_queue_is_on_its_way_goes_with_it() -> None:
    broker, owner = Broker(), Owner()
    it = publisher(broker, owner)
    one = event_queue("d", 1)
    it.add(one)
    for number in range(2, 50):
        await asyncio.sleep(0)
        one.add((OutgoingEvent(f"d.{number}", number, "e", f"d.{number}".encode()),))
        it.add(one)
    await it.drained()
    assert of(broker, "d") == [f"d.{n}".encode() for n in range(1, 50)]
    assert not one.running and not one.waiting


async def test_more_than_one_batch_takes_is_sent_in_several() -> None:
    broker, owner = Broker(), Owner()
    it = publisher(broker, owner)
    it.add(event_queue("large", 3, value=b"x" * 5000))
    it.add(event_queue("long", 30))
    await it.drained()
    assert len(of(broker, "large")) == 3 and len(of(broker, "long")) == 30
    assert max(broker.batches) < 15


async def test_a_failed_batch_ends_the_event_queues_in_it() -> None:
    broker, owner = Broker(lambda messages: UnavailableError("away") if messages[0].key == b"bad" else None), Owner()
    it = publisher(broker, owner)
    bad = event_queue("bad", 3)
    it.add(bad)
    await it.drained()
    assert (owner.lost, broker.records, len(bad.waiting)) == (["bad"], [], 3)
    assert bad.failed and not bad.running
    it.add(event_queue("good", 2))
    await it.drained()
    assert owner.gone == {"good": ["good.1", "good.2"]}


async def test_a_record_that_the_broker_refuses_blocks_its_document_alone() -> None:
    def refuse(messages: Sequence[Message]) -> Exception | None:
        return PermanentError("no") if any(message.value == POISON for message in messages) else None

    broker, owner = Broker(refuse), Owner()
    it = publisher(broker, owner)
    sick = event_queue("sick", 2)
    sick.add((OutgoingEvent("sick.3", 3, "e", POISON), OutgoingEvent("sick.4", 4, "e", b"sick.4")))
    for one in (event_queue("aaa", 2), sick, event_queue("bbb", 2)):
        it.add(one)
    await it.drained()
    assert of(broker, "sick") == [b"sick.1", b"sick.2"]
    assert owner.lost == ["sick"]
    assert [record.id for record in sick.waiting] == ["sick.3", "sick.4"]
    assert owner.gone["aaa"] == ["aaa.1", "aaa.2"] and owner.gone["bbb"] == ["bbb.1", "bbb.2"]


async def test_under_a_lease_that_is_too_old_nothing_is_sent() -> None:
    broker, owner = Broker(), Owner()
    it = publisher(broker, owner, usable=1.0)
    it.add(event_queue("old", 2, leased_at=0.0))
    await it.drained()
    assert (broker.records, owner.lost) == ([], ["old"])


@pytest.mark.parametrize("seed", range(30))
async def test_whatever_fails_the_first_copies_are_in_order(seed: int) -> None:
    """Failed event queues are published again by another one, from their first event that was not acknowledged on."""
    dice = random.Random(seed)
    errors = (None, None, None, UnavailableError("away"), PermanentError("no"))
    broker, owner = Broker(lambda _: dice.choice(errors)), Owner()
    it = publisher(broker, owner)
    waiting = {f"d{number}": 8 for number in range(9)}
    for id in waiting:
        it.add(event_queue(id, 8))
    for _ in range(400):
        await it.drained()
        again, owner.lost = dict.fromkeys(owner.lost), []
        for id in again:
            done = len(owner.gone.get(id, ()))
            it.add(event_queue(id, 8 - done, first=done + 1))
        if not again:
            break
    for id in waiting:
        assert list(dict.fromkeys(of(broker, id))) == [f"{id}.{n}".encode() for n in range(1, 9)]


class ByTopic(Broker):
    """Also keeps to which topic each record went, and its headers."""

    def __init__(self, refuse: Callable[[Sequence[Message]], Exception | None] = lambda _: None) -> None:
        super().__init__(refuse)
        self.sent: list[tuple[str, bytes | None, dict[str, Any]]] = []

    async def send_batch(self, topic: str, partition: int, messages: Sequence[Message]) -> None:
        await super().send_batch(topic, partition, messages)
        self.sent += [(topic, message.value, dict(message.headers)) for message in messages]


def of_a_command(n: int, *, snapshot: bytes | None) -> tuple[OutgoingEvent, ...]:
    event = OutgoingEvent(f"e{n}", n, "e", f"event {n}".encode())
    return event, OutgoingEvent(f"s{n}", n, "s", snapshot, topic="snapshot")


async def test_a_snapshot_follows_the_event_that_it_includes() -> None:
    broker, owner = ByTopic(), Owner()
    it = publisher(broker, owner)
    one = EventQueue("d", "fast", float("inf"), "ours")
    one.add((*of_a_command(1, snapshot=b"after 1"), *of_a_command(2, snapshot=None)))
    it.add(one)
    it.add(event_queue("other", 3))
    await it.drained()
    sent = [(topic, value) for topic, value, _ in broker.sent if not (value or b"").startswith(b"other")]
    assert sent == [("t", b"event 1"), ("snapshot", b"after 1"), ("t", b"event 2"), ("snapshot", None)]
    assert broker.sent[-1][2] == {"sequence": b"0000000002"}
    assert owner.gone == {"d": ["e1", "s1", "e2", "s2"], "other": ["other.1", "other.2", "other.3"]}
    assert not one.running and not one.waiting


async def test_what_waits_behind_a_snapshot_that_failed_is_not_sent() -> None:
    broker = ByTopic(lambda messages: UnavailableError("away") if messages[0].value == b"after 1" else None)
    owner = Owner()
    it = publisher(broker, owner)
    one = EventQueue("d", "fast", float("inf"), "ours")
    one.add((*of_a_command(1, snapshot=b"after 1"), *of_a_command(2, snapshot=b"after 2")))
    it.add(one)
    await it.drained()
    assert [value for _, value, _ in broker.sent] == [b"event 1"]
    assert (owner.gone, owner.lost, one.failed) == ({"d": ["e1"]}, ["d"], True)
    assert [record.id for record in one.waiting] == ["s1", "e2", "s2"]


def answered(n: int) -> tuple[OutgoingEvent, ...]:
    event = OutgoingEvent(f"e{n}", n, "e", f"event {n}".encode())
    return event, reply_of(event, "office.answers")


async def test_a_reply_is_its_event_byte_for_byte_behind_all_events() -> None:
    broker, owner = ByTopic(), Owner()
    producer: Any = broker
    it = Publisher(producer, topic="t", usable=60.0, owner=owner, named=lambda name: f"prefix.{name}")
    one = EventQueue("d", "fast", float("inf"), "ours")
    one.add((*answered(1), *answered(2)))
    it.add(one)
    await it.drained()
    assert [(topic, value) for topic, value, _ in broker.sent] == [
        ("t", b"event 1"),
        ("t", b"event 2"),
        ("office.answers", b"event 1"),
        ("office.answers", b"event 2"),
    ]
    assert [headers["message-id"] for _, _, headers in broker.sent] == [b"e1", b"e2", b"e1", b"e2"]
    assert owner.gone == {"d": ["e1", "e2", "e1@office.answers", "e2@office.answers"]}


@pytest.mark.parametrize("error", [PermanentError("no such topic"), UnavailableError("away")])
async def test_a_topic_that_takes_no_replies_holds_up_no_event(error: Exception) -> None:
    class Refusing(ByTopic):
        async def send_batch(self, topic: str, partition: int, messages: Sequence[Message]) -> None:
            if topic == "office.answers":
                # What is said meanwhile goes out all the same.
                one.add(answered(2))
                raise error
            await super().send_batch(topic, partition, messages)

    broker, owner = Refusing(), Owner()
    it = publisher(broker, owner)
    one = EventQueue("d", "fast", float("inf"), "ours")
    one.add(answered(1))
    it.add(one)
    await it.drained()
    assert [value for _, value, _ in broker.sent] == [b"event 1", b"event 2"]
    assert (owner.lost, one.failed, one.running, list(one.next)) == ([], False, False, [])
    assert "e1@office.answers" in owner.undelivered_replies
    given_up = [id for id in owner.gone["d"] if "@" in id]
    assert given_up == (["e1@office.answers", "e2@office.answers"] if isinstance(error, PermanentError) else [])
