"""The broker and the database of one stack: embedded ones, or those that the environment names.

``KONTOR_TEST_BACKEND`` (``kafka``, ``kafka3``) puts Apache Kafka of one or three nodes instead of the embedded broker;
``containers`` takes Apache Kafka and a MongoDB replica set from containers, where a Docker engine answers.
``KONTOR_TEST_KAFKA`` and ``KONTOR_TEST_MONGO`` (addresses) replace servers by some that run already. Those may be shared, so
each stack names its topics and databases apart there, and removes them when it ends. ``KONTOR_TEST_SECANTUSD`` names a faster
program to run as the embedded database.
"""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from pymongo import AsyncMongoClient

from kontor_local.apache_kafka import ApacheKafka
from kontor_local.connected import connected
from kontor_local.containers import ContainerServer, kafka_container, mongo_container
from kontor_local.ports import Port
from kontor_local.servers import Broker, Database
from kontor_local.together import together

AnyBroker = Broker | ApacheKafka | ContainerServer
AnyDatabase = Database | ContainerServer
EMBEDDED, CONTAINERS = "embedded", "containers"
APACHE_KAFKA = {"kafka": 1, "kafka3": 3}
"""Values of KONTOR_TEST_BACKEND, and the nodes that they ask for."""


def new_broker(directory: Path, *, port: Port | None = None, log: Path | None = None) -> AnyBroker:
    """A broker of the kind that the environment asks for, not started."""
    wanted = _wanted()
    if wanted == EMBEDDED:
        return Broker(directory, port=port, log=log)
    if wanted == CONTAINERS:
        return kafka_container(port)
    if wanted in APACHE_KAFKA:
        return ApacheKafka(directory, APACHE_KAFKA[wanted], port=port, log=log)
    known = ", ".join([EMBEDDED, CONTAINERS, *APACHE_KAFKA])
    raise ValueError(f"KONTOR_TEST_BACKEND is {wanted!r}; known are {known}")


class Backends:
    """`broker` and `database` are None where the environment named a server instead."""

    def __init__(self, root: Path, *, keep_data: bool, ports: Mapping[str, int]) -> None:
        kafka, mongo = os.environ.get("KONTOR_TEST_KAFKA"), os.environ.get("KONTOR_TEST_MONGO")
        logs = root / "logs"
        self.broker = (
            None if kafka else new_broker(root / "broker", port=Port(ports.get("kafka")), log=logs / "broker.log")
        )
        self.database = None if mongo else _new_database(root, Port(ports.get("mongo")), logs / "database.log")
        self.kafka = self.broker.url if self.broker else kafka or ""
        self.mongo = self.database.url if self.database else mongo or ""
        self.replication = self.broker.replication if self.broker else 1
        run = "" if keep_data else secrets.token_hex(4)
        self.topic_prefix = f"run-{run}." if run and not self.broker else ""
        self.database_suffix = f"_{run}" if run and not self.database else ""

    @property
    def description(self) -> str:
        """Which server serves which protocol. Addresses are left out: they may hold credentials."""
        kafka = self.broker.description if self.broker else "given by KONTOR_TEST_KAFKA"
        mongo = self.database.description if self.database else "given by KONTOR_TEST_MONGO"
        return f"kafka: {kafka}, mongodb: {mongo}"

    async def start(self) -> None:
        await together(*(server.start() for server in (self.broker, self.database) if server))

    async def stop(self) -> None:
        """Stop the embedded servers; remove from the others what this stack put there."""
        await together(*(server.stop() for server in (self.broker, self.database) if server))
        if self.topic_prefix:
            await _delete_topics(self.kafka, self.topic_prefix)
        if self.database_suffix:
            await _drop_databases(self.mongo, self.database_suffix)


def _wanted() -> str:
    return os.environ.get("KONTOR_TEST_BACKEND") or EMBEDDED


def _new_database(root: Path, port: Port, log: Path) -> AnyDatabase:
    if _wanted() == CONTAINERS:
        return mongo_container(port)
    binary = os.environ.get("KONTOR_TEST_SECANTUSD")
    return Database(root / "database", port=port, log=log, binary=Path(binary) if binary else None)


async def _delete_topics(kafka: str, prefix: str) -> None:
    async with connected(AIOKafkaAdminClient(bootstrap_servers=kafka)) as admin:
        ours = [topic for topic in await admin.list_topics() if topic.startswith(prefix)]
        if ours:
            await admin.delete_topics(ours)


async def _drop_databases(mongo: str, suffix: str) -> None:
    async with AsyncMongoClient[dict[str, object]](mongo) as client:
        for name in await client.list_database_names():
            if name.startswith("kontor_") and name.endswith(suffix):
                await client.drop_database(name)
