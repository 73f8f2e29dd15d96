"""A service as a process of its own, on topics and a database that nobody else uses."""

import json
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx2
from harness.forkserver import fork
from harness.mailed import MailedLinks

from chassis.lifecycle.topics import TopicSettings, create_topics
from kontor_contracts.topics import TOPICS, Topic
from kontor_local.environment import Surroundings, environment
from kontor_local.ports import HOST, Port
from kontor_local.processes import Process, Starter, run

READY_WITHIN = 60.0
STOP_WITHIN = 30.0


class Running:
    """One instance of a service. ``url``, ``client``, ``env``, ``prefix`` and ``process`` are there for tests to use."""

    def __init__(
        self,
        name: str,
        module: str,
        ports: tuple[Port, Port],
        env: Mapping[str, str],
        log: Path,
        *,
        starter: Starter = fork,
    ) -> None:
        """``ports`` for requests, and for health and metrics."""
        self.name = name
        self.port, self.management_port = ports
        self.url = f"http://{HOST}:{self.port.number}"
        self.env = dict(env)
        self.prefix = env.get("KONTOR_TOPIC_PREFIX", "")
        self.database = env["KONTOR_MONGO_DATABASE"]
        self.process = Process(name, [sys.executable, "-m", module], env=self.env, log=log, starter=starter)
        self.client = httpx2.AsyncClient(base_url=self.url, timeout=30.0)
        self.links: MailedLinks | None = None
        self.management = httpx2.AsyncClient(base_url=f"http://{HOST}:{self.management_port.number}", timeout=30.0)

    @property
    def group(self) -> str:
        """Its consumer group's name at the broker."""
        return self.topic(self.name)

    async def mailed_token(self, email: str, page: str, number: int = 1) -> str:
        """What the newest link to ``page`` carries that this service had mailed to the address."""
        assert self.links is not None, "only services of the fixtures can be asked for links"
        return await self.links.token(self.topic(f"{self.name}.events"), email, page, number)

    def topic(self, name: str) -> str:
        """The broker's name of a topic."""
        return f"{self.prefix}{name}"

    async def start(self, *, ready: bool = True) -> None:
        """Start the process, on the same port each time, and wait for /readyz."""
        self.port.release()
        self.management_port.release()
        self.process.start()
        if ready:
            await self.process.until(self.is_ready, READY_WITHIN)

    async def stop(self) -> int:
        """SIGTERM; the exit code."""
        if self.process.alive:
            self.signal(signal.SIGTERM)
        return await self.process.wait(STOP_WITHIN)

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def job(self, *arguments: str) -> str:
        """Run ``python -m <service>`` with these arguments, in the service's environment; what it printed."""
        log = self.process.log.with_suffix(f".{arguments[0]}.log")
        command = [*self.process.args, *arguments]
        return await run(f"{self.name} {arguments[0]}", command, env=self.env, log=log, starter=fork)

    def kill(self) -> None:
        """SIGKILL: nothing is flushed, committed or said goodbye to."""
        self.process.kill()

    def signal(self, number: int) -> None:
        self.process.signal(number)

    async def is_ready(self) -> bool:
        try:
            return (await self.management.get("/readyz")).status_code == HTTPStatus.OK
        except httpx2.TransportError:
            return False

    async def metric(self, name: str, **labels: str) -> float:
        """The sum of the samples of this name that have these labels."""
        text = (await self.management.get("/metrics")).text
        wanted = {f'{label}="{value}"' for label, value in labels.items()}
        total = 0.0
        for line in text.splitlines():
            series, _, value = line.rpartition(" ")
            sample, _, rest = series.partition("{")
            if sample == name and wanted <= set(rest.removesuffix("}").split(",")):
                total += float(value)
        return total

    def logs(self) -> list[dict[str, Any]]:
        """Its log lines. What is not JSON (an interpreter's last words) is ``{"raw": line}``."""
        if not self.process.log.exists():
            return []
        return [_line(text) for text in self.process.log.read_text(errors="replace").splitlines() if text]

    async def close(self) -> None:
        if self.process.alive:
            self.signal(signal.SIGCONT)  # one that a test has stopped would not hear the rest
        await self.process.terminate()
        await self.client.aclose()
        await self.management.aclose()
        self.port.release()
        self.management_port.release()


def _line(text: str) -> dict[str, Any]:
    try:
        line = json.loads(text)
    except ValueError:
        return {"raw": text}
    return line if isinstance(line, dict) else {"raw": text}


class Services:
    """Starts services against one broker and one database.

    ``module`` is what ``python -m`` runs, ``topics`` are the topics it needs; both are known for Kontor's own services.
    """

    def __init__(
        self,
        around: Surroundings,
        issuer: Mapping[str, str],
        logs: Path,
        links: MailedLinks | None = None,
        *,
        starter: Starter = fork,
        own: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        """``issuer``: the variables that say whose tokens count. ``links`` reads what they have mailed.

        ``own``: by service, variables that only this one knows.

        ``starter`` is `kontor_local.processes.spawn` where processes are measured.
        """
        self._starter = starter
        self._links = links
        self._around = around
        self._issuer = issuer
        self._logs = logs
        self._own = own or {}

    @asynccontextmanager
    async def run(
        self,
        name: str,
        *,
        module: str | None = None,
        topics: Sequence[Topic] | None = None,
        migrate: Callable[[Running], Awaitable[None]] | None = None,
        start: bool = True,
        run_id: str | None = None,
        starter: Starter | None = None,
        **env: object,
    ) -> AsyncIterator[Running]:
        """A service under a fresh topic prefix, with a fresh database. ``env``: variables under their full names.

        Services of the same ``run_id`` hear each other: the prefix is made of it. ``migrate`` stands in for
        ``python -m <service> migrate``, to save a process. ``starter`` is `kontor_local.processes.spawn` where a test is
        about the start itself.
        """
        running = self._instance(name, module or name, run_id or secrets.token_hex(4), env, starter or self._starter)
        wanted = topics if topics is not None else _topics_of(name)
        settings = TopicSettings(
            kafka_bootstrap=running.env["KONTOR_KAFKA_BOOTSTRAP"],
            topic_prefix=running.prefix,
            replication_factor=self._around.replication,
        )
        try:
            await create_topics(settings, wanted)
            await (migrate(running) if migrate else running.job("migrate"))
            if start:
                await running.start()
            yield running
        finally:
            await running.close()

    @asynccontextmanager
    async def another(self, first: Running, *, start: bool = True, **env: object) -> AsyncIterator[Running]:
        """One more instance beside ``first``: the same group, topics and database, another port."""
        port, management = Port(), Port()
        ports = {"KONTOR_HTTP_PORT": str(port.number), "KONTOR_MANAGEMENT_PORT": str(management.number)}
        own = {**ports, **{name: str(value) for name, value in env.items()}}
        log = first.process.log.with_suffix(f".{port.number}.log")
        running = Running(
            first.name, first.process.args[-1], (port, management), {**first.env, **own}, log, starter=self._starter
        )
        running.links = first.links
        try:
            if start:
                await running.start()
            yield running
        finally:
            await running.close()

    def _instance(self, name: str, module: str, run_id: str, env: Mapping[str, object], starter: Starter) -> Running:
        port, management = Port(), Port()
        url = f"http://{HOST}:{port.number}"
        around = Surroundings(
            kafka=self._around.kafka,
            mongo=self._around.mongo,
            smtp_port=self._around.smtp_port,
            urls={**self._around.urls, name: url},
            keys=self._around.keys,
            management={name: management.number},
            topic_prefix=f"{self._around.topic_prefix}{run_id}.",
            database_suffix=f"_{run_id}{self._around.database_suffix}",
        )
        given = {name: str(value) for name, value in env.items()}
        settings = {**environment(name, around), **self._issuer, **self._own.get(name, {}), **given}
        log = self._logs / f"{name}-{run_id}.log"
        running = Running(name, module, (port, management), settings, log, starter=starter)
        running.links = self._links
        return running


def _topics_of(service: str) -> list[Topic]:
    return [topic for topic in TOPICS if topic.owner == service or service in (*topic.consumers, *topic.watchers)]
