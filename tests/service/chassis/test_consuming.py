"""Every record has exactly one outcome, in order per key, whatever it contains and whatever dies or is away."""

import asyncio
import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from harness.documents import Documents
from harness.running import Running, Services
from harness.topics import Read, Topics
from service.chassis.tally.calls import settled, state
from service.chassis.tally.messages import Measured
from support import eventually

from kontor_contracts import Envelope, encode, new_envelope
from kontor_local.connected import connected
from kontor_local.servers import Database

METER = "meter.events"
DEAD = "tally.dlq"
PACE = 0.05
"""Seconds between two records of one key."""
OUTCOMES = ("applied", "duplicate", "ignored", "parked")
ALONE = {"KONTOR_MIRROR": False}


def measured(counter: str, number: int, *, amount: int = 1, note: str = "", **rest: Any) -> Envelope[Measured]:
    """The ``number``-th measurement of this counter."""
    given = {"source": "/kontor/meter", "subject": counter, "sequence": number, "id": f"{counter}.{number}", **rest}
    data = Measured(counter_id=counter, amount=amount, note=note, organization_id=given.pop("organization_id", None))
    return new_envelope(data, time=datetime.now(UTC), correlationid=f"c.{counter}.{number}", **given)


def changed(envelope: Envelope[Measured], **attributes: Any) -> bytes:
    """The message with some attributes as no model would let them through."""
    document = json.loads(encode(envelope)[0])
    return json.dumps({**document, **attributes}).encode()


async def outcomes(running: Running, topic: str = METER) -> Counter[str]:
    of = {"topic": running.topic(topic)}
    return Counter({name: int(await running.metric("kontor_records_total", outcome=name, **of)) for name in OUTCOMES})


async def read_up(kafka: Topics, running: Running, topic: str = METER) -> bool:
    return await kafka.unread(running.group, running.topic(topic)) == 0


async def total(mongo: Documents, running: Running, counter: str) -> tuple[int, int]:
    """(sum, number of additions) as the counter has them."""
    found = await state(mongo, running, f"counter:{counter}")
    return found.get("total", 0), found.get("count", 0)


# Each has a key of its own, for what comes behind a dead letter of the same key waits.
POISON: dict[str, tuple[Any, str]] = {
    "bad JSON": ({"message": b"{", "key": "p1"}, "parse"),
    "not UTF-8": ({"message": b"\xff\xfe{}", "key": "p2"}, "parse"),
    "null value": ({"message": None, "key": "p3"}, "parse"),
    "neither key nor value": ({"message": None}, "parse"),
    "unknown version": ({"message": changed(measured("p4", 1), type="kontor.meter.measured.v9"), "key": "p4"}, "parse"),
    "900 KB": ({"message": b'{"data":"' + b"x" * 900_000 + b'"}', "key": "p5"}, "parse"),
    "wrong key": ({"message": measured("p6", 1), "key": "other"}, "validate"),
    "wrong source": ({"message": measured("p7", 1, source="/kontor/somebody")}, "validate"),
    "no sequence": ({"message": measured("p8", 0)}, "validate"),
    "wrong tenant": ({"message": measured("p9", 1, organization_id="org-a", tenantid="org-b")}, "validate"),
}
ODD_HEADERS = [("odd", None), ("worse", b"\xff\xfe"), ("fine", b"yes")]


async def test_every_malformed_record_is_parked_and_its_successors_applied(
    tally: Any, mongo: Documents, kafka: Topics
) -> None:
    async with tally(KONTOR_PARK_LIMIT=100, **ALONE) as running:
        topic = running.topic(METER)
        for number, (record, _) in enumerate(POISON.values(), 1):
            await kafka.produce(topic, **{"headers": ODD_HEADERS, **record}, partition=0)
            await kafka.produce(topic, measured("good", number), headers=ODD_HEADERS, partition=0)
        await kafka.produce(topic, changed(measured("q", 1), type="kontor.meter.calibrated.v1"), key="q", partition=0)
        await eventually(lambda: read_up(kafka, running))
        assert await total(mongo, running, "good") == (len(POISON), len(POISON))
        counted = await outcomes(running)
        assert counted == {"applied": len(POISON), "parked": len(POISON), "ignored": 1, "duplicate": 0}
        assert sum(counted.values()) == sum((await kafka.ends(topic)).values())
        dead = {
            int(read.headers["dlq-original-offset"] or b""): read for read in await kafka.read_all(running.topic(DEAD))
        }
        originals = [read for read in await kafka.read_all(topic) if read.record.offset in dead]
        assert len(originals) == len(dead) == len(POISON)
        for original, (_, stage) in zip(originals, POISON.values(), strict=True):
            is_parked(dead[original.record.offset], original, stage, running)


def is_parked(dead: Read, original: Read, stage: str, running: Running) -> None:
    assert (dead.record.key, dead.record.value) == (original.record.key, original.record.value)
    assert list(dead.record.headers[: len(original.record.headers)]) == list(original.record.headers)
    headers = dead.headers
    assert headers["dlq-stage"] == stage.encode()
    assert headers["dlq-original-topic"] == original.record.topic.encode()
    assert headers["dlq-consumer-group"] == running.group.encode()
    assert {"dlq-error-class", "dlq-error-message", "dlq-fingerprint", "dlq-attempts", "dlq-failed-at"} <= set(headers)


class BadName(str):
    """A header's name that goes out as no UTF-8. Our client does not let it; others do."""

    __slots__ = ()

    def encode(self, *_: object) -> bytes:
        return b"\xff\xfe"


async def produce_badly_named(running: Running, envelope: Envelope[Measured], value: bytes) -> None:
    """Into partition 0 of the meter's topic."""
    headers = [*encode(envelope)[1], (BadName("?"), b"x")]
    async with connected(AIOKafkaProducer(bootstrap_servers=running.env["KONTOR_KAFKA_BOOTSTRAP"])) as producer:
        batch = producer.create_batch()
        batch._builder = _DefaultRecordBatchBuilderPy(2, 0, 0, -1, -1, -1, 100_000)
        batch.append(key=envelope.partitionkey.encode(), value=value, timestamp=None, headers=headers)
        await (await producer.send_batch(batch, running.topic(METER), partition=0))


async def test_a_header_name_that_is_no_utf8_neither_stops_nor_loses_anything(
    tally: Any, mongo: Documents, kafka: Topics
) -> None:
    async with tally(**ALONE) as running:
        topic = running.topic(METER)
        for number in (1, 3):
            await kafka.produce(topic, measured("before", number), partition=0)
            odd = measured("before", number + 1)
            await produce_badly_named(running, odd, encode(odd)[0])
        await produce_badly_named(running, measured("parked", 1), b"{")
        for number in range(10):
            await kafka.produce(topic, measured(f"after-{number}", 1))
        await eventually(lambda: read_up(kafka, running))
        assert await total(mongo, running, "before") == (4, 4)
        assert [await total(mongo, running, f"after-{n}") for n in range(10)] == [(1, 1)] * 10
        (dead,) = await kafka.read_all(running.topic(DEAD))
        assert (dead.record.value, dead.headers["\\xff\\xfe"]) == (b"{", b"x")


async def test_an_unforeseen_error_parks_the_record_after_three_tries(
    tally: Any, mongo: Documents, kafka: Topics
) -> None:
    retries = {"KONTOR_RETRY_DELAYS": "[0.01, 0.01, 0.01]"}
    async with tally(**retries, **ALONE) as running:
        await kafka.produce(running.topic(METER), measured("twice", 1, note="fail:2"))
        await kafka.produce(running.topic(METER), measured("always", 1, note="fail"))
        await eventually(lambda: read_up(kafka, running))
        assert await outcomes(running) == {"applied": 1, "parked": 1, "ignored": 0, "duplicate": 0}
        (dead,) = await kafka.read_all(running.topic(DEAD))
        assert (dead.record.key, dead.headers["dlq-attempts"]) == (b"always", b"3")
        assert not any(b"grete.muster" in (value or b"") for value in dead.headers.values())


async def test_faults_of_writers_are_parked_and_counted_and_stop_nothing(
    tally: Any, mongo: Documents, kafka: Topics
) -> None:
    async with tally(KONTOR_PARK_LIMIT=2, **ALONE) as running:
        for number in range(20):
            await kafka.produce(running.topic(METER), b'{"broken":1}', key="p", partition=0)
            foreign = measured("good", number + 1, source="/kontor/somebody")
            await kafka.produce(running.topic(METER), changed(foreign, data={}), key="good", partition=0)
            await kafka.produce(running.topic(METER), measured("good", number + 1), partition=0)
        await eventually(lambda: read_up(kafka, running))
        assert await outcomes(running) == {"applied": 20, "parked": 40, "ignored": 0, "duplicate": 0}
        assert await total(mongo, running, "good") == (20, 20)
        assert len(await kafka.read_all(running.topic(DEAD))) == 40
        topic = running.topic(METER)
        assert await running.metric("kontor_writer_faults_total", topic=topic, source="/kontor/somebody") == 20
        assert await running.metric("kontor_writer_faults_total", topic=topic, source="unknown") == 20
        assert await running.is_ready()
        assert await running.metric("kontor_blocked_lanes") == 0


async def test_a_sequence_gap_is_parked_until_an_operator_replays_it(
    tally: Any, mongo: Documents, kafka: Topics
) -> None:
    async with tally(**ALONE) as running:
        topic = running.topic(METER)
        for number in (1, 2**63 - 1, 2, 20_000):
            await kafka.produce(topic, measured("a", number), partition=0)
        await eventually(lambda: read_up(kafka, running))
        assert await total(mongo, running, "a") == (2, 2)
        dead = await kafka.read_all(running.topic(DEAD))
        assert [read.headers["dlq-stage"] for read in dead] == [b"validate"] * 2
        assert await running.metric("kontor_blocked_lanes") == 0
        assert await running.metric("kontor_writer_faults_total", topic=topic, source="/kontor/meter") == 2
        late = next(read.record for read in dead if b"0000020000" in (read.record.value or b""))
        await kafka.produce(running.topic("tally.replay"), late.value, key=late.key, headers=late.headers)
        await eventually(lambda: read_up(kafka, running, "tally.replay"))
        assert await total(mongo, running, "a") == (3, 3)


async def test_a_flood_of_own_failures_pauses_one_partition_for_a_while(
    tally: Any, mongo: Documents, kafka: Topics
) -> None:
    flood = {"KONTOR_PARK_LIMIT": 3, "KONTOR_RETRY_DELAYS": "[]", "KONTOR_PARK_PAUSE": 0.2}
    async with tally(**flood, **ALONE) as running:
        topic = running.topic(METER)
        for number in range(6):
            await kafka.produce(topic, measured(f"f{number}", 1, note="fail"), partition=0)
        for number in range(5):
            await kafka.produce(topic, measured(f"late{number}", 1), partition=0)
        await eventually(lambda: is_paused(running))
        for number in range(5):
            await kafka.produce(topic, measured(f"g{number}", 1), partition=1)
        await eventually(lambda: has(mongo, running, "g4"))
        assert await is_paused(running) and await running.is_ready()
        (reported,) = (await running.management.get("/status")).json()["consumer"]["paused_partitions"]
        assert (reported["topic"], reported["partition"]) == (topic, 0) and reported["since"] and reported["reason"]
        (paused, *_) = [line for line in running.logs() if line.get("event") == "partition_paused"]
        assert paused["reason"].startswith("RuntimeError ") and paused["since"]
        await eventually(lambda: read_up(kafka, running), timeout=60)
        assert await outcomes(running) == {"applied": 10, "parked": 6, "ignored": 0, "duplicate": 0}
        assert [await total(mongo, running, f"late{number}") for number in range(5)] == [(1, 1)] * 5
        assert not await is_paused(running)


async def is_paused(running: Running) -> bool:
    return await running.metric("kontor_partition_paused_since_seconds", partition="0") > 0


async def has(mongo: Documents, running: Running, counter: str) -> bool:
    return await total(mongo, running, counter) == (1, 1)


async def test_the_same_record_thrice_and_the_whole_topic_again_change_nothing(
    tally: Any, mongo: Documents, kafka: Topics
) -> None:
    async with tally(**ALONE) as running:
        topic = running.topic(METER)
        for number in range(1, 6):
            for _ in range(3):
                await kafka.produce(topic, measured("a", number, amount=number))
        await eventually(lambda: read_up(kafka, running))
        await eventually(lambda: settled(mongo, running))
        before = await mongo.all(running)
        assert await total(mongo, running, "a") == (15, 5)
        await running.stop()
        await kafka.rewind(running.group, topic)
        await running.start()
        await eventually(lambda: read_up(kafka, running))
        assert (await outcomes(running))["duplicate"] == 15
        assert await mongo.all(running) == before


async def test_records_wait_for_the_database_and_are_applied_when_it_is_back(
    tally: Any, mongo: Documents, kafka: Topics, own_database: Database
) -> None:
    away = {"KONTOR_MONGO_URL": own_database.url, "KONTOR_RETRY_DELAYS": "[0.1, 0.1]"}
    async with tally(**away, **ALONE) as running, Documents(own_database.url) as theirs:
        await kafka.produce(running.topic(METER), measured("a", 1))
        await eventually(lambda: read_up(kafka, running))
        await own_database.stop()
        for number in range(2, 12):
            await kafka.produce(running.topic(METER), measured("a", number))
        await eventually(lambda: given_back(running), timeout=60)
        await eventually(lambda: halted(running), timeout=60)
        assert await kafka.unread(running.group, running.topic(METER)) == 10
        assert (await running.management.get("/readyz")).status_code == 503
        await own_database.start()
        await eventually(lambda: read_up(kafka, running), timeout=60)
        assert await total(theirs, running, "a") == (11, 11)
        assert await running.metric("kontor_dead_letters_total") == 0
        await eventually(lambda: moves_again(running), timeout=60)


async def halted(running: Running) -> bool:
    return await running.metric("kontor_consumer_halted_since_seconds") > 0


async def moves_again(running: Running) -> bool:
    return not await halted(running)


async def given_back(running: Running) -> bool:
    return await running.metric("kontor_batches_given_back_total") > 0


async def test_two_instances_share_the_work_until_one_leaves(
    tally: Any, services: Services, quiet: Any, mongo: Documents, kafka: Topics
) -> None:
    counters = [f"c{n}" for n in range(16)]
    async with tally(**ALONE) as first, services.another(first) as second:
        await eventually(lambda: kafka.is_stable(first.group, 2), timeout=60)
        for counter in counters:
            await kafka.produce(first.topic(METER), measured(counter, 1))
        await eventually(lambda: read_up(kafka, first), timeout=60)
        assert await working(first) and await working(second)
        await quiet(first)  # or the one that stays may be committing when the other leaves: see `beside`
        assert await first.stop() <= 0
        await eventually(lambda: kafka.is_stable(first.group, 1), timeout=60)
        for counter in counters:
            await kafka.produce(first.topic(METER), measured(counter, 2))
        await eventually(lambda: read_up(kafka, second), timeout=60)
        assert {await total(mongo, second, counter) for counter in counters} == {(2, 2)}
        assert await second.metric("kontor_dead_letters_total") == 0


@pytest.mark.apache_kafka
async def test_a_takeover_under_load_applies_every_event_once(
    tally: Any, services: Services, mongo: Documents, kafka: Topics
) -> None:
    # Not on the embedded broker: it answers a commit during a rebalance as if the member were unknown, and then
    # waits for ever for the member that it has made to join again (docs/adr/0006).
    counters = {f"c{n}": 0 for n in range(8)}
    enough = asyncio.Event()

    async with tally(KONTOR_BATCH_RECORDS=20, **ALONE) as first:

        async def measure(counter: str) -> None:
            while not enough.is_set():
                counters[counter] += 1
                await kafka.produce(first.topic(METER), measured(counter, counters[counter]))
                # As much as can be applied: the test is about the handover, not about a backlog.
                await asyncio.sleep(PACE)

        load = asyncio.gather(*(measure(counter) for counter in counters))
        async with services.another(first) as second:
            await eventually(lambda: working(second), timeout=60)
            assert await first.stop() <= 0
            enough.set()
            await load
            await eventually(lambda: read_up(kafka, second), timeout=120)
            assert {name: await total(mongo, second, name) for name in counters} == {
                name: (count, count) for name, count in counters.items()
            }
            assert await second.metric("kontor_dead_letters_total") == 0


async def working(running: Running) -> bool:
    return (await outcomes(running)).total() > 0


async def test_a_service_stopped_within_a_batch_finishes_it(tally: Any, mongo: Documents, kafka: Topics) -> None:
    async with tally(start=False, TALLY_FAULT="slow-save:0.5", **ALONE) as running:
        # More than one write takes.
        for number in range(1, 401):
            await kafka.produce(running.topic(METER), measured("a", number))
        await running.start()
        await eventually(lambda: begun(mongo, running), every=0.005)
        assert await running.stop() in {0, -15}
        applied, _ = await total(mongo, running, "a")
        committed = 400 - await kafka.unread(running.group, running.topic(METER))
        assert 0 < committed == applied < 400
        await running.start()
        await eventually(lambda: read_up(kafka, running), timeout=60)
        assert await total(mongo, running, "a") == (400, 400)


async def test_what_has_gathered_for_one_aggregate_is_applied_in_a_few_writes(
    tally: Any, mongo: Documents, kafka: Topics
) -> None:
    async with tally(start=False, **ALONE) as running:
        for number in [*range(1, 101), *range(50, 151)]:
            await kafka.produce(running.topic(METER), measured("a", number))
        await running.start()
        await eventually(lambda: read_up(kafka, running))
        assert await total(mongo, running, "a") == (150, 150)
        found = await outcomes(running)
        assert (found["applied"], found["duplicate"]) == (150, 51)
        assert (await mongo.one(running, "counter:a"))["v"] < 50
        # Nor is there a line for each batch, as FastStream would write it.
        assert not [line for line in running.logs() if line.get("logger") == "faststream"]


async def begun(mongo: Documents, running: Running) -> bool:
    return (await total(mongo, running, "a"))[0] > 3


async def test_a_reaction_with_two_commands_for_one_aggregate_is_parked(
    tally: Any, mongo: Documents, kafka: Topics
) -> None:
    # The watermark is the aggregate's: the second order would be taken for a repetition of the first.
    async with tally(**ALONE) as running:
        await kafka.produce(running.topic(METER), measured("a", 1, note="twice"))
        await eventually(lambda: read_up(kafka, running))
        assert (await outcomes(running))["parked"] == 1
        assert await total(mongo, running, "a") == (0, 0)
