"""Apache Kafka itself, in KRaft mode, beside the embedded broker. Development and tests only: plain text, small heaps.

Each node is a process that is broker and controller at once, on 127.0.0.1. What `acks=all` acknowledged survives SIGKILL
of any nodes: the kernel has the written pages, and only the machine's own end would take them.
"""

import asyncio
import base64
import signal
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from kontor_local import kafka_program
from kontor_local.connected import connected
from kontor_local.ports import HOST, Port, is_open
from kontor_local.processes import Process, run
from kontor_local.together import together

READY_WITHIN = 120.0
"""Seconds. A virtual machine that shares two cores with a test run starts slowly."""
STOP_WITHIN = 10.0
"""Seconds until SIGKILL. A node asks the controllers for leave, and waits for it minutes where most of them are gone."""
WATCH_EVERY = 1.0
ENOUGH = 3
"""Copies of everything, on as many nodes or more."""


class Node:
    """One process of a cluster. Its data are in `directory`, its configuration beside that."""

    def __init__(self, number: int, directory: Path, port: Port, log: Path) -> None:
        self.number = number
        self.directory = directory
        self.configuration = directory.with_suffix(".properties")
        self.port = port
        self.controller = Port()
        self.by_way_of: tuple[Port, int] | None = None
        """A second port for clients, and the number that it tells them instead: that of a proxy in between."""
        self.url = f"{HOST}:{port.number}"
        self.log = log
        self.process = Process(f"kafka node {number}", [], log=log)

    async def start(self, settings: dict[str, object], cluster_id: str) -> None:
        """Format it if it is new, and start it. Whether it serves is asked elsewhere: one node alone cannot tell."""
        self.directory.mkdir(parents=True, exist_ok=True)
        own = settings | self._listeners() | {"node.id": self.number, "log.dirs": self.directory}
        self.configuration.write_text("".join(f"{name}={value}\n" for name, value in own.items()))
        if not (self.directory / "meta.properties").exists():
            given = ("format", f"--cluster-id={cluster_id}", f"--config={self.configuration}")
            format_it = kafka_program.command("kafka.tools.StorageTool", *given)
            await run(f"format of {self.process.name}", format_it, log=self.log, within=READY_WITHIN)
        self.process.args = kafka_program.command("kafka.Kafka", str(self.configuration))
        for port in (self.port, self.controller, *(self.by_way_of or ())[:1]):
            port.release()
        self.process.start()

    def _listeners(self) -> dict[str, object]:
        listeners = f"BROKER://{self.url},CONTROLLER://{HOST}:{self.controller.number}"
        if self.by_way_of is None:
            return {"listeners": listeners, "advertised.listeners": f"BROKER://{self.url}"}
        port, told = self.by_way_of
        return {
            "listeners": f"{listeners},PROXY://{HOST}:{port.number}",
            "advertised.listeners": f"BROKER://{self.url},PROXY://{HOST}:{told}",
        }

    async def stop(self) -> None:
        self.process.signal(signal.SIGCONT)  # a paused one would not hear the rest
        await self.process.terminate(STOP_WITHIN)

    async def until_it_shows(self, numbers: Iterable[int]) -> None:
        """Return when this node tells its clients of all these nodes; ProcessError after `READY_WITHIN` seconds."""
        wanted = set(numbers)

        async def shows() -> bool:
            # The port first: a client of the protocol logs every refused connection as an error.
            return is_open(self.port.number) and wanted <= await nodes_shown_by(self.url)

        await self.process.until(shows, READY_WITHIN)


class ApacheKafka:
    """A cluster of `nodes` nodes, numbered from 1. From three nodes on: three copies; two must be written.

    `start` returns when every node shows all nodes to its clients; `stop` keeps the data; ports stay the same over a
    restart. `port` is the first node's; the others take the numbers after it where those are free.
    """

    def __init__(self, directory: Path, nodes: int = 1, *, port: Port | None = None, log: Path | None = None) -> None:
        first = port or Port()
        ports = [first, *(Port(first.number + number) for number in range(1, nodes))]
        log = log or directory.with_suffix(".log")
        self.nodes = {
            number: Node(number, directory / str(number), port, _log(log, number, nodes))
            for number, port in enumerate(ports, start=1)
        }
        self.url = ",".join(node.url for node in self.nodes.values())
        self.replication = min(ENOUGH, nodes)
        count = "one node" if nodes == 1 else f"{nodes} nodes"
        self.description = f"Apache Kafka {kafka_program.version()} (KRaft, {count})"
        # Of the directory's name, so that nodes formatted at different times belong together.
        raw = uuid.uuid5(uuid.NAMESPACE_URL, directory.resolve().as_uri()).bytes
        self._cluster_id = base64.urlsafe_b64encode(raw).decode().rstrip("=")

    async def start(self) -> None:
        """Start every node that does not run. Errors as `ProcessError`, with nothing left running, or KafkaUnavailableError."""
        await asyncio.to_thread(kafka_program.fetch)
        await self._start([node for node in self.nodes.values() if not node.process.alive])

    async def stop(self) -> None:
        await together(*(node.stop() for node in self.nodes.values()))

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def start_node(self, number: int) -> None:
        """Start it and return when it serves, which it does only where most nodes run."""
        await self._start([self.nodes[number]])

    async def stop_node(self, number: int) -> None:
        """SIGTERM: it hands its partitions over and ends."""
        await self.nodes[number].stop()

    def kill(self, *numbers: int) -> None:
        """SIGKILL these nodes, or all."""
        for number in numbers or self.nodes:
            self.nodes[number].process.kill()

    def pause(self, number: int) -> None:
        """SIGSTOP: its connections stay open, and nobody answers."""
        self.nodes[number].process.signal(signal.SIGSTOP)

    def resume(self, number: int) -> None:
        self.nodes[number].process.signal(signal.SIGCONT)

    async def watch(self) -> NoReturn:
        """Return never; ProcessError when a node ends that nobody asked to."""
        while True:
            for node in self.nodes.values():
                if not node.process.alive:
                    raise node.process.failure("ended by itself")
            await asyncio.sleep(WATCH_EVERY)

    async def _start(self, starting: list[Node]) -> None:
        running = {node.number for node in self.nodes.values() if node.process.alive}
        whole = {node.number for node in starting} | running
        try:
            await together(*(node.start(self._settings(), self._cluster_id) for node in starting))
            await together(*(node.until_it_shows(whole) for node in starting))
        except BaseException:
            self.kill(*(node.number for node in starting))
            raise

    def _settings(self) -> dict[str, object]:
        copies, written = self.replication, max(1, self.replication - 1)
        voters = (f"{node.number}@{HOST}:{node.controller.number}" for node in self.nodes.values())
        return {
            "process.roles": "broker,controller",
            "controller.quorum.voters": ",".join(voters),
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "BROKER",
            "listener.security.protocol.map": "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT,PROXY:PLAINTEXT",
            "auto.create.topics.enable": "false",
            "default.replication.factor": copies,
            "min.insync.replicas": written,
            "offsets.topic.replication.factor": copies,
            "offsets.topic.num.partitions": 3,
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": written,
            "transaction.state.log.num.partitions": 3,
            "group.initial.rebalance.delay.ms": 0,
            # Tests that kill a consumer wait for this long: 6 s at least by default.
            "group.min.session.timeout.ms": 1000,
            # How long a dead node counts as there, and its successor as a double: 9 s by default.
            "broker.session.timeout.ms": 6000,
            "broker.heartbeat.interval.ms": 1000,
            "num.network.threads": 2,
            "num.io.threads": 4,
            # Of 128 MB by default, which is a third of the heap.
            "log.cleaner.dedupe.buffer.size": 4 * 1024 * 1024,
        }


def _log(log: Path, number: int, nodes: int) -> Path:
    return log if nodes == 1 else log.with_stem(f"{log.stem}-{number}")


async def nodes_shown_by(url: str) -> set[int]:
    """The numbers of the nodes that the broker names to a client; empty where nobody answers."""
    try:
        async with connected(AIOKafkaAdminClient(bootstrap_servers=url, request_timeout_ms=2000)) as admin:
            cluster = await admin.describe_cluster()
    except (KafkaError, OSError):
        return set()
    return {broker["node_id"] for broker in cluster["brokers"]}
