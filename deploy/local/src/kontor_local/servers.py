"""The embedded broker and database. Development, demo and tests only: never production.

Each is a process on `HOST` with its data in a directory. `start` returns when a client of the real protocol was
answered; `stop` keeps the data; the port stays the same over a restart.
"""

import sys
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from pathlib import Path

import noida_db
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from kontor_local.connected import connected
from kontor_local.ports import HOST, Port, is_open
from kontor_local.processes import Process, start_within


class Server:
    """A server process, its address, and the question that tells whether it serves."""

    def __init__(self, process: Process, port: Port, url: str, answers: Callable[[str], Awaitable[bool]]) -> None:
        self.process = process
        self.port = port
        self.url = url
        self._answers = answers

    async def start(self) -> None:
        """ProcessError, with nothing left running, if it does not serve within `start_within` seconds."""
        self.port.release()
        self.process.start()
        try:
            await self.process.until(self._serves, start_within())
        except BaseException:
            self.process.kill()
            raise

    async def stop(self) -> None:
        await self.process.terminate()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def _serves(self) -> bool:
        # The port first: a client of the protocol logs every refused connection as an error.
        return is_open(self.port.number) and await self._answers(self.url)


class Broker(Server):
    """Speaks the Kafka protocol, behind a gateway that makes fetches wait.

    A kill (unlike a stop) may lose what it had not yet written. The gateway runs until the broker is stopped.
    """

    description = f"noida-db {version('noida-db')} (embedded)"
    replication = 1

    def __init__(self, directory: Path, *, port: Port | None = None, log: Path | None = None) -> None:
        port, self._inner = port or Port(), Port()
        log = log or directory.with_suffix(".log")
        # The binary itself: the package's command is a wrapper that leaves the server running when it is killed.
        binary = str(Path(noida_db.__file__).parent / "noida-db")
        inner = str(self._inner.number)
        args = [binary, "start", "--only", "kafka", "--host", HOST, "--kafka-port", inner, "--data-dir", str(directory)]
        between = [sys.executable, "-m", "kontor_local.broker_gateway", str(port.number), inner]
        self._gateway = Process("broker-gateway", between, log=log.with_name(f"{log.stem}-gateway{log.suffix}"))
        super().__init__(Process("broker", args, log=log), port, f"{HOST}:{port.number}", answers_kafka)

    async def start(self) -> None:
        self.port.release()
        self._inner.release()
        if not self._gateway.alive:
            self._gateway.start()
        try:
            await super().start()
        except BaseException:
            self._gateway.kill()
            raise

    async def stop(self) -> None:
        # First: the broker saves when it ends, and what it acknowledged after that would be lost.
        self._gateway.kill()
        await super().stop()


class Database(Server):
    """Speaks the MongoDB wire protocol."""

    description = f"SecantusDB {version('secantusdb')} (embedded)"

    def __init__(
        self, directory: Path, *, port: Port | None = None, log: Path | None = None, binary: Path | None = None
    ) -> None:
        """``binary``: the same project's server in Rust, several times as fast, where somebody has built it."""
        port = port or Port()
        # By the interpreter, not by the script's own first line, which a long path would break.
        program = [str(binary)] if binary else [sys.executable, str(Path(sys.executable).parent / "secantusd-py")]
        if binary:
            self.description = f"SecantusDB ({binary.name}, built from its crate)"
        args = [*program, "--host", HOST, "--port", str(port.number), "--storage-path", str(directory)]
        process = Process("database", args, log=log or directory.with_suffix(".log"))
        super().__init__(process, port, f"mongodb://{HOST}:{port.number}/?directConnection=true", answers_mongo)


async def answers_kafka(url: str) -> bool:
    """Whether a Kafka broker there lists its topics."""
    try:
        async with connected(AIOKafkaAdminClient(bootstrap_servers=url, request_timeout_ms=2000)) as admin:
            await admin.list_topics()
    except (KafkaError, OSError):
        return False
    return True


async def answers_mongo(url: str) -> bool:
    """Whether a MongoDB server there answers a ping."""
    async with AsyncMongoClient[dict[str, object]](url, serverSelectionTimeoutMS=2000) as client:
        try:
            await client.admin.command("ping")
        except PyMongoError:
            return False
        return True
