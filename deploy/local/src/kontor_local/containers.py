"""Apache Kafka and MongoDB in containers, by testcontainers: the test backend ``containers``, where a Docker engine answers.

Both are single nodes on 127.0.0.1: Kafka in KRaft mode, MongoDB as a replica set of one. A container keeps its data over
`restart` and loses it with `stop`.
"""

import asyncio
from collections.abc import Awaitable, Callable

from docker.errors import DockerException
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError
from testcontainers.core.container import DockerContainer

from kontor_local.ports import HOST, Port, is_open
from kontor_local.servers import answers_kafka, answers_mongo

KAFKA_IMAGE = "apache/kafka:4.1.0"
MONGO_IMAGE = "mongo:8.0"
READY_WITHIN = 120.0
"""Seconds from a started container to its first answer. The image is there by then."""
LOOK_EVERY = 0.2
ALREADY_INITIALIZED = 23


class NoDockerError(RuntimeError):
    """No Docker engine answers on this machine."""


class ContainerServer:
    """A server in a container, on one port of 127.0.0.1 that stays the same over a restart."""

    replication = 1

    def __init__(
        self,
        image: str,
        create: Callable[[], DockerContainer],
        port: Port,
        url: str,
        answers: Callable[[str], Awaitable[bool]],
    ) -> None:
        self.port = port
        self.url = url
        self.description = f"{image} (container)"
        self._create = create
        self._container: DockerContainer | None = None
        self._answers = answers

    async def start(self) -> None:
        """NoDockerError without an engine; TimeoutError, with nothing left running, if it does not serve in time."""
        self.port.release()
        try:
            # Creating a container object asks the engine as well.
            self._container = await asyncio.to_thread(self._create)
            await asyncio.to_thread(self._container.start)
        except DockerException as error:
            raise NoDockerError(
                f"no Docker engine answers ({error}); start one, or unset KONTOR_TEST_BACKEND for the embedded servers"
            ) from error
        await self._ready()

    async def stop(self) -> None:
        if self._container is not None:
            await asyncio.to_thread(self._container.stop)

    async def restart(self) -> None:
        assert self._container is not None, "restart follows start"
        await asyncio.to_thread(self._container.get_wrapped_container().restart)
        await self._ready()

    async def _ready(self) -> None:
        try:
            async with asyncio.timeout(READY_WITHIN):
                while not (is_open(self.port.number) and await self._answers(self.url)):  # noqa: ASYNC110  a server sets no event
                    await asyncio.sleep(LOOK_EVERY)
        except BaseException:
            await self.stop()
            raise


def kafka_container(port: Port | None = None) -> ContainerServer:
    """A broker whose clients come from the host; not started."""
    port = port or Port()
    settings = {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_LISTENERS": "CLIENTS://:9092,CONTROLLER://:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"CLIENTS://{HOST}:{port.number}",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_INTER_BROKER_LISTENER_NAME": "CLIENTS",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
    }

    def create() -> DockerContainer:
        return DockerContainer(KAFKA_IMAGE, env=settings).with_bind_ports(9092, port.number)

    return ContainerServer(KAFKA_IMAGE, create, port, f"{HOST}:{port.number}", answers_kafka)


def mongo_container(port: Port | None = None) -> ContainerServer:
    """A replica set of one node, so that ``w: majority`` means what it means in production; not started."""
    port = port or Port()
    url = f"mongodb://{HOST}:{port.number}/?directConnection=true"

    def create() -> DockerContainer:
        return DockerContainer(MONGO_IMAGE, command="--replSet rs0").with_bind_ports(27017, port.number)

    return ContainerServer(MONGO_IMAGE, create, port, url, _is_primary)


async def _is_primary(url: str) -> bool:
    """Whether the node takes writes. Makes the replica set on the first question that is answered."""
    if not await answers_mongo(url):
        return False
    async with AsyncMongoClient[dict[str, object]](url, serverSelectionTimeoutMS=2000) as client:
        try:
            members = {"_id": "rs0", "members": [{"_id": 0, "host": "localhost:27017"}]}
            await client.admin.command("replSetInitiate", members)
        except OperationFailure as error:
            if error.code != ALREADY_INITIALIZED:
                return False
        except PyMongoError:
            return False
        return bool((await client.admin.command("hello")).get("isWritablePrimary"))
