"""What every measurement stands on: servers, keys, the tally (docs/write-a-service.md), and the floors beside it as processes."""

import json
import os
import secrets
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from harness.documents import Documents
from harness.running import Running, Services
from harness.tokens import Tokens
from harness.topics import Topics
from service.chassis.tally.aggregates import AGGREGATES
from service.chassis.tally.messages import OWN, TOPICS
from service.chassis.tally.settings import Settings

from chassis.service import Chassis
from kontor_contracts.topics import TOPICS as KONTORS
from kontor_local.backends import Backends
from kontor_local.connected import connected
from kontor_local.environment import Surroundings, inherited
from kontor_local.keys import SIGNING, write_keys
from kontor_local.mailbox import Mailbox
from kontor_local.ports import HOST, Port, is_open
from kontor_local.processes import Process, spawn

TESTS = Path(__file__).parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
READY_WITHIN = 30.0
PARTITIONS = 12


class Ground:
    """``kafka`` and ``mongo`` are addresses; ``backends.description`` says what is behind them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.backends = Backends(directory, keep_data=False, ports={})
        self.mailbox = Mailbox(directory / "mails")

    @property
    def kafka(self) -> str:
        return self.backends.kafka

    @property
    def mongo(self) -> str:
        return self.backends.mongo

    @asynccontextmanager
    async def standing(self) -> AsyncIterator["Ground"]:
        write_keys(self.directory / "keys")
        self.tokens = Tokens(self.directory / "keys" / SIGNING)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.backends.stop)
            await self.backends.start()
            self.tokens.start()
            stack.callback(self.tokens.stop)
            await self.mailbox.start()
            stack.push_async_callback(self.mailbox.stop)
            self._admin = await stack.enter_async_context(connected(AIOKafkaAdminClient(bootstrap_servers=self.kafka)))
            self._reader = await stack.enter_async_context(connected(AIOKafkaConsumer(bootstrap_servers=self.kafka)))
            self.documents = await stack.enter_async_context(Documents(self.mongo))
            self.services = Services(self._surroundings(), self._issuer(), self.directory / "logs", starter=spawn)
            yield self

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            kafka=self.kafka,
            mongo=self.mongo,
            smtp_port=self.mailbox.port.number,
            urls={"identity": self.tokens.url},
            keys=self.directory / "keys",
            topic_prefix=self.backends.topic_prefix,
            database_suffix=self.backends.database_suffix,
            replication=self.backends.replication,
        )

    def _issuer(self) -> Mapping[str, str]:
        return {"KONTOR_ISSUER": self.tokens.issuer, "KONTOR_JWKS_URL": self.tokens.jwks_url}

    # -- processes

    @asynccontextmanager
    async def tally(
        self, *, follows: bool = False, start: bool = True, partitions: int = PARTITIONS, **env: object
    ) -> AsyncIterator[Running]:
        """The measured service, on topics and documents of its own. ``follows``: whether it reads its own events (`Mirror`)."""

        async def migrate(running: Running) -> None:
            await tally_chassis(running).migrate()

        path = os.pathsep.join([str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])])
        given: Any = {"PYTHONPATH": path, "KONTOR_MIRROR": follows, **env}
        topics = [replace(topic, partitions=partitions) for topic in TOPICS]
        async with self.services.run(
            "tally", module="benchmarks.tally", topics=topics, migrate=migrate, start=start, **given
        ) as running:
            yield running

    @asynccontextmanager
    async def floor(
        self, module: str, *, serves: bool = False, start: bool = True, **env: object
    ) -> AsyncIterator["Floor"]:
        """A program of `benchmarks.floors`, on a topic and a database of its own."""
        run = secrets.token_hex(4)
        topic = f"{self.backends.topic_prefix}floor-{run}"
        await self.create_topic(topic)
        given = {
            "FLOOR_KAFKA": self.kafka,
            "FLOOR_MONGO": self.mongo,
            "FLOOR_TOPIC": topic,
            "FLOOR_GROUP": topic,
            "FLOOR_DATABASE": f"kontor_floor_{run}{self.backends.database_suffix}",
            **env,
        }
        floor = Floor(module, topic, {name: str(value) for name, value in given.items()}, self.directory / "logs")
        try:
            if start:
                await floor.start(serves=serves)
            yield floor
        finally:
            await floor.stop()

    # -- topics

    def topics(self) -> Topics:
        return Topics(self.kafka, {type_: payload for topic in KONTORS for type_, payload in topic.types.items()})

    async def create_topic(self, name: str, partitions: int = PARTITIONS) -> None:
        await self._admin.create_topics([NewTopic(name, partitions, self.backends.replication)])

    async def records(self, topic: str) -> int:
        """How many records the topic has got so far."""
        places = await self._places(topic)
        return sum((await self._reader.end_offsets(places)).values())

    async def committed(self, group: str, topic: str) -> int:
        """Up to how many of them the group has committed."""
        found = await self._admin.list_consumer_group_offsets(group)
        return sum(max(0, at.offset) for place, at in found.items() if place.topic == topic)

    async def _places(self, topic: str) -> list[TopicPartition]:
        self._reader.assign([TopicPartition(topic, 0)])
        await self._reader._client.force_metadata_update()
        return [TopicPartition(topic, number) for number in self._reader.partitions_for_topic(topic) or ()]


class Floor:
    """One floor's process. ``port`` is where it listens, if it does."""

    def __init__(self, module: str, topic: str, env: Mapping[str, str], logs: Path) -> None:
        self.topic = topic
        self.database = env["FLOOR_DATABASE"]
        self._port = Port()
        self.port = self._port.number
        self.output = logs / f"{topic}.out"
        given = {**inherited(), "PYTHONPATH": str(TESTS), **env, "FLOOR_PORT": str(self.port)}
        args = [sys.executable, "-m", f"benchmarks.floors.{module}"]
        self.process = Process(topic, args, env=given, log=logs / f"{topic}.log", output=self.output)

    async def start(self, *, serves: bool = False) -> None:
        self._port.release()
        self.process.start()
        if serves:
            await self.process.until(self._listens, READY_WITHIN)

    async def _listens(self) -> bool:
        return is_open(self.port)

    async def stop(self) -> None:
        await self.process.terminate()
        self._port.release()


def tally_chassis(running: Running) -> Chassis:
    """The tally's parts in our own process, on the running one's servers."""
    names = {
        name.removeprefix("KONTOR_").lower(): json.loads(value) if value.startswith("[") else value
        for name, value in running.env.items()
        if name.startswith("KONTOR_")
    }
    settings = Settings.model_validate(names)
    return Chassis(settings, aggregates=AGGREGATES, read_topics=(), own_topic=OWN.name)


def cpu_seconds(pid: int | None) -> float:
    """Processor time that the process has used so far, in user and kernel mode."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_bytes(pid: int | None) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


__all__ = ["HOST", "PARTITIONS", "Floor", "Ground", "cpu_seconds", "resident_bytes", "tally_chassis"]
