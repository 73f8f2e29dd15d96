"""Faults of what stands in the topics, and of how it is read."""

import asyncio
import sys
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from reliability.history import Poison
from reliability.nemesis import READERS, Nemesis

from kontor_contracts.topics import TOPICS
from kontor_local.connected import connected
from kontor_local.environment import inherited
from kontor_local.stack import Stack
from kontor_local.together import together

CHOKED_SECONDS = 5.0


async def reread(nemesis: Nemesis, service: str | None = None) -> None:
    """A service's group is set back to the first record of all its topics."""
    service = service or nemesis.random.choice(READERS)
    async with nemesis.fault("reread", service):
        instances = nemesis.fleet.of(service)
        for instance in instances:
            await nemesis.busy[instance.name].acquire()
        try:
            await together(*(nemesis.fleet.stop(instance) for instance in instances))
            await nemesis.fleet.bury(instances[0])
            await _rewind(nemesis.fleet.stack, service)
            await together(*(nemesis.fleet.start(instance) for instance in instances))
        finally:
            for instance in instances:
                nemesis.busy[instance.name].release()


async def choked(nemesis: Nemesis) -> None:
    """Some messages cannot be applied for a while. The fault goes away, and an operator brings the dead letters back."""
    service = nemesis.random.choice(READERS)
    async with nemesis.fault("choke", service):
        for instance in nemesis.fleet.of(service):
            async with nemesis.busy[instance.name]:
                await nemesis.fleet.kill(instance)
                await nemesis.fleet.start(instance, plan={"CHAOS_CHOKE": "3"})
        await asyncio.sleep(CHOKED_SECONDS)
        for instance in nemesis.fleet.of(service):
            async with nemesis.busy[instance.name]:
                await nemesis.restart(instance)
        await replay_dead_letters(nemesis.fleet.stack)


async def replay_dead_letters(stack: Stack) -> None:
    """`kontor dlq replay --all`. What is poison fails again: whether all else came through is the checker's to say."""
    env = {"KONTOR_KAFKA_BOOTSTRAP": stack.kafka, "KONTOR_TOPIC_PREFIX": stack.topic(""), "KONTOR_OPERATOR": "rig"}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "kontor_cli",
        "dlq",
        "replay",
        "--all",
        env=inherited() | env,
        stdout=asyncio.subprocess.DEVNULL,
    )
    await process.wait()


async def _rewind(stack: Stack, service: str) -> None:
    names = [stack.topic(topic.name) for topic in TOPICS if service in topic.consumers and topic.kind != "replay"]
    async with connected(AIOKafkaAdminClient(bootstrap_servers=stack.kafka)) as admin:
        described = await admin.describe_topics(names)
        await _until_empty(admin, stack.topic(service))
    places = [TopicPartition(t["topic"], p["partition"]) for t in described for p in t["partitions"]]
    own: dict[str, Any] = {"group_id": stack.topic(service), "enable_auto_commit": False}
    async with connected(AIOKafkaConsumer(bootstrap_servers=stack.kafka, **own)) as group:
        group.assign(places)
        await group.commit(dict.fromkeys(places, 0))


async def _until_empty(admin: AIOKafkaAdminClient, group: str) -> None:
    while True:
        (answer,) = await admin.describe_consumer_groups([group])
        ((_, _, state, *_),) = answer.groups
        if state in {"Empty", "Dead"}:
            return
        await asyncio.sleep(0.2)


async def poisoned(nemesis: Nemesis) -> None:
    """Records that nobody can apply, in among the others."""
    topics = [topic for topic in TOPICS if topic.consumers and topic.kind != "replay"]
    async with (
        nemesis.fault("poison", "topics"),
        connected(AIOKafkaProducer(bootstrap_servers=nemesis.fleet.stack.kafka, acks="all")) as producer,
    ):
        for topic in topics:
            value = b'{"specversion":"1.0","poison":' + str(nemesis.random.random()).encode()
            await producer.send_and_wait(nemesis.fleet.stack.topic(topic.name), value, key=b"unruh")
            nemesis.poison.append(Poison(topic.name, value))
