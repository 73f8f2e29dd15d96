"""Apache Kafka keeps its promises as we run it: what it acknowledged is there after any node's death, and it says no in time."""

import asyncio
import json
import os
import secrets
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError
from support import eventually

from kontor_local import kafka_program
from kontor_local.apache_kafka import ApacheKafka
from kontor_local.connected import connected
from kontor_local.environment import Surroundings, topics_environment
from kontor_local.kafka_program import KafkaUnavailableError
from kontor_local.ports import is_open
from kontor_local.processes import Process, run

pytestmark = pytest.mark.apache_kafka

PARTITIONS = 3
PARENT = """
import asyncio, json, sys
from pathlib import Path
from kontor_local.apache_kafka import ApacheKafka

async def main():
    kafka = ApacheKafka(Path(sys.argv[1]) / "kafka")
    await kafka.start()
    node = kafka.nodes[1]
    Path(sys.argv[1], "draft").write_text(json.dumps([node.process.pid, node.port.number]))
    Path(sys.argv[1], "draft").rename(Path(sys.argv[1], "child.json"))
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture(scope="module", autouse=True)
def _program() -> None:
    try:
        kafka_program.fetch()
    except KafkaUnavailableError as missing:
        pytest.skip(f"APACHE KAFKA CANNOT BE RUN HERE: {missing}")


@pytest.fixture(scope="module")
async def one(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ApacheKafka]:
    kafka = ApacheKafka(tmp_path_factory.mktemp("one") / "kafka")
    await kafka.start()
    yield kafka
    await kafka.stop()


@pytest.fixture(scope="module")
async def three_nodes(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ApacheKafka]:
    kafka = ApacheKafka(tmp_path_factory.mktemp("three") / "kafka", 3)
    await kafka.start()
    yield kafka
    await kafka.stop()


@pytest.fixture
async def three(three_nodes: ApacheKafka) -> ApacheKafka:
    """The cluster with all its nodes, whatever the test before did to them."""
    await three_nodes.start()
    return three_nodes


async def _stopped(kafka: ApacheKafka) -> None:
    await kafka.stop()


async def _killed(kafka: ApacheKafka) -> None:
    kafka.kill()


@pytest.mark.parametrize("end", [_stopped, _killed])
async def test_records_and_offsets_outlive_one_node(
    one: ApacheKafka, end: Callable[[ApacheKafka], Awaitable[None]]
) -> None:
    topic = await _new_topic(one)
    before = await _produce(one, topic, 50)
    assert await _consume(one, topic, count=50) == before
    await end(one)
    assert not is_open(one.nodes[1].port.number)
    await one.start()
    after = await _produce(one, topic, 20)
    assert await _consume(one, topic, count=20) == after, "the group goes on where it committed"
    assert await _all_in(one, topic) == Counter(before | after)


async def test_no_topic_is_made_by_accident(one: ApacheKafka) -> None:
    async with connected(AIOKafkaProducer(bootstrap_servers=one.url, request_timeout_ms=3000)) as producer:
        with pytest.raises(KafkaError):
            await producer.send_and_wait("misspelt", b"value")
    async with _admin(one) as admin:
        assert "misspelt" not in await admin.list_topics()


async def test_the_topics_job_makes_three_copies_of_which_two_must_be_written(
    three: ApacheKafka, tmp_path: Path
) -> None:
    around = Surroundings(
        kafka=three.url,
        mongo="",
        smtp_port=0,
        urls={},
        keys=tmp_path,
        topic_prefix="job.",
        replication=three.replication,
    )
    job = [sys.executable, "-m", "chassis", "topics"]
    await run("topics", job, env=topics_environment(around), log=tmp_path / "topics.log")
    async with _admin(three) as admin:
        (topic,) = await admin.describe_topics(["job.identity.events"])
        (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, "job.identity.events")])
    assert {len(set(partition["replicas"])) for partition in topic["partitions"]} == {3}
    settings = {entry[0]: entry[1] for entry in answer.resources[0][4]}
    assert settings["min.insync.replicas"] == "2"


async def test_one_dead_node_stops_nobody_and_two_dead_lose_nothing(three: ApacheKafka) -> None:
    topic = await _new_topic(three)
    async with connected(_producer(three)) as producer:
        acknowledged = await _send(producer, topic, 50)
        three.kill(1)
        acknowledged |= await _send(producer, topic, 50)
    async with connected(
        AIOKafkaProducer(bootstrap_servers=three.url, acks="all", request_timeout_ms=5000)
    ) as producer:
        three.kill(2)
        for partition in range(PARTITIONS):
            with pytest.raises(KafkaError):
                await producer.send_and_wait(topic, b"refused", partition=partition)
    await three.start()
    acknowledged |= await _produce(three, topic, 50)
    found = await _all_in(three, topic)
    found.pop(b"refused", None)  # no answer is no promise, either way
    assert found == Counter(acknowledged)


async def test_a_node_that_comes_back_gets_what_it_missed(three: ApacheKafka) -> None:
    topic = await _new_topic(three)
    await three.stop_node(3)
    acknowledged = await _produce(three, topic, 50)
    await three.start_node(3)
    await eventually(lambda: _is_in_sync(three, topic, 3), timeout=60, every=0.5)
    three.kill(1)
    acknowledged |= await _produce(three, topic, 50)
    assert await _all_in(three, topic) == Counter(acknowledged)


async def test_a_node_that_hangs_is_left_out_and_let_in_again(three: ApacheKafka) -> None:
    topic = await _new_topic(three)
    three.pause(2)
    acknowledged = await _produce(three, topic, 50)
    assert not await _is_in_sync(three, topic, 2)
    three.resume(2)
    await eventually(lambda: _is_in_sync(three, topic, 2), timeout=60, every=0.5)
    assert await _all_in(three, topic) == Counter(acknowledged)


async def test_no_node_outlives_a_killed_parent(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux ties a child's life to its parent's")
    child = tmp_path / "child.json"
    parent = Process("parent", [sys.executable, "-c", PARENT, str(tmp_path)], log=tmp_path / "parent.log")
    parent.start()
    try:
        await parent.until(lambda: asyncio.to_thread(child.exists), within=120)
        pid, port = json.loads(child.read_text())
        os.kill(pid, 0)
        assert is_open(port)
    finally:
        parent.kill()
    await eventually(lambda: not is_open(port))


def _producer(kafka: ApacheKafka) -> AIOKafkaProducer:
    # Repeats what has no answer after 5 s, for as long as its caller has patience; 40 s by default, too long for a test.
    return AIOKafkaProducer(bootstrap_servers=kafka.url, enable_idempotence=True, request_timeout_ms=5000)


def _admin(kafka: ApacheKafka) -> AbstractAsyncContextManager[AIOKafkaAdminClient]:
    return connected(AIOKafkaAdminClient(bootstrap_servers=kafka.url))


async def _new_topic(kafka: ApacheKafka) -> str:
    """As many copies as the cluster makes; how many must be written is its own default."""
    name = f"things-{secrets.token_hex(4)}"
    async with _admin(kafka) as admin:
        answer = await admin.create_topics([NewTopic(name, PARTITIONS, kafka.replication)])
    assert answer.topic_errors[0][1] == 0, answer
    return name


async def _send(producer: AIOKafkaProducer, topic: str, count: int) -> set[bytes]:
    """What was acknowledged, which is all, or an error within 90 seconds."""
    values = [secrets.token_bytes(8) for _ in range(count)]
    async with asyncio.timeout(90):
        for number, value in enumerate(values):
            await producer.send_and_wait(topic, value, partition=number % PARTITIONS)
    return set(values)


async def _produce(kafka: ApacheKafka, topic: str, count: int) -> set[bytes]:
    async with connected(_producer(kafka)) as producer:
        return await _send(producer, topic, count)


async def _consume(kafka: ApacheKafka, topic: str, *, count: int) -> set[bytes]:
    """The next records of one group, committed."""
    group: dict[str, Any] = {"group_id": "readers", "enable_auto_commit": False, "auto_offset_reset": "earliest"}
    found: list[bytes] = []
    async with (
        connected(AIOKafkaConsumer(topic, bootstrap_servers=kafka.url, **group)) as consumer,
        asyncio.timeout(60),
    ):
        while len(found) < count:
            found += [record.value for batch in (await consumer.getmany(timeout_ms=500)).values() for record in batch]
        await consumer.commit()
    assert len(found) == count
    return set(found)


async def _all_in(kafka: ApacheKafka, topic: str) -> Counter[bytes]:
    """How often each value is in the topic."""
    places = [TopicPartition(topic, partition) for partition in range(PARTITIONS)]
    found: Counter[bytes] = Counter()
    async with connected(AIOKafkaConsumer(bootstrap_servers=kafka.url)) as consumer, asyncio.timeout(60):
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        while [place for place in places if await consumer.position(place) < ends[place]]:
            for batch in (await consumer.getmany(timeout_ms=500)).values():
                found.update(record.value for record in batch)
    return found


async def _is_in_sync(kafka: ApacheKafka, topic: str, node: int) -> bool:
    async with _admin(kafka) as admin:
        (described,) = await admin.describe_topics([topic])
    return all(node in partition["isr"] for partition in described["partitions"])
