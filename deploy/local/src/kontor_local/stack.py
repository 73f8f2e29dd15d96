"""All of Kontor on one machine: broker, database, mail catcher, and each service as a process of its own."""

import asyncio
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self

import httpx2

from kontor_contracts.topics import SERVICES
from kontor_local.backends import Backends
from kontor_local.console import Console
from kontor_local.environment import PREFIX, Surroundings, environment, topics_environment
from kontor_local.gateway import Gateway
from kontor_local.groups import forget_members
from kontor_local.keys import write_keys
from kontor_local.mailbox import Mailbox
from kontor_local.mailpage import MailPage
from kontor_local.ports import HOST, Port
from kontor_local.processes import Process, Starter, run, spawn, start_within
from kontor_local.servers import Broker
from kontor_local.shutdown import only_one, sigterm_as_interrupt
from kontor_local.together import together

DATA = ("broker", "database", "mails", "keys", "logs")
WATCH_EVERY = 1.0


class Stack:
    """`async with Stack(root) as stack:` has every service ready inside and leaves no process and no port behind.

    The end is orderly after an exception, Ctrl-C and SIGTERM too. Everything is written under `root`: an earlier
    stack's data and logs there are removed first, unless `keep_data`; this stack's own stay, for a look afterwards.
    `ports` are wishes by name (a service's, ``gateway``, ``console``, ``kafka``, ``mongo``, ``smtp``, ``mails``), granted if
    free.
    Enter it in the main thread.
    """

    def __init__(
        self,
        root: Path,
        services: Sequence[str] = SERVICES,
        keep_data: bool = False,
        *,
        ports: Mapping[str, int] | None = None,
        settings: Mapping[str, str] | None = None,
        starter: Starter = spawn,
        one_host: bool = False,
        console: bool = False,
    ) -> None:
        """``settings`` of all services, by their names without the prefix. ``starter`` starts their processes.

        ``one_host``: all services have one public address, that of a gateway, as they have in production.
        ``console``: the operators' console runs, too.
        """
        self._starter = starter
        self.root = root.resolve()
        self.services = tuple(services)
        self.keep_data = keep_data
        self._settings = {PREFIX + name: value for name, value in (settings or {}).items()}
        wishes = ports or {}
        self._ports = {service: Port(wishes.get(service)) for service in SERVICES}
        self._management = {service: Port(wishes.get(f"{service} management")) for service in SERVICES}
        self.urls = {service: f"http://{HOST}:{port.number}" for service, port in self._ports.items()}
        self.management_urls = {service: f"http://{HOST}:{port.number}" for service, port in self._management.items()}
        self.mailbox = Mailbox(self.root / "mails", port=Port(wishes.get("smtp")))
        self.mail_page = MailPage(self.mailbox, port=Port(wishes.get("mails")))
        self._backends = Backends(self.root, keep_data=keep_data, ports=wishes)
        console_port = Port(wishes.get("console")) if console else None
        self._console_url = f"http://{HOST}:{console_port.number}" if console_port else ""
        self.gateway = (
            Gateway(
                self.urls,
                mails=self.mail_page.url,
                console=self._console_url,
                port=Port(wishes.get("gateway")),
            )
            if one_host
            else None
        )
        self.broker, self.database = self._backends.broker, self._backends.database
        self.kafka, self.mongo, self.backend = self._backends.kafka, self._backends.mongo, self._backends.description
        self._around = self._surroundings()
        self._processes = {service: self._process(service) for service in self.services}
        self.console = self._console(console_port) if console_port else None
        self._cleanup = AsyncExitStack()

    async def __aenter__(self) -> Self:
        try:
            self._cleanup.enter_context(sigterm_as_interrupt())
            self._cleanup.enter_context(only_one(self.root))
            self._cleanup.callback(self._release_ports)
            self._clear()
            await self._start_servers()
            if self.services:
                await self._prepare()
                self._cleanup.push_async_callback(self._stop_services)
                await together(*(self.start_service(service) for service in self.services))
            if self.console is not None:
                self._cleanup.push_async_callback(self.console.process.terminate)
                await self.console.start()
        except BaseException:
            await self._cleanup.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._cleanup.aclose()

    def env(self, service: str) -> dict[str, str]:
        """The environment of this service's process."""
        return environment(service, self._around) | self._settings

    def topic(self, name: str) -> str:
        """The broker's name of a topic of the registry."""
        return f"{self._backends.topic_prefix}{name}"

    def public_url(self, service: str) -> str:
        """Where people and programs reach a service."""
        return self.gateway.url if self.gateway else self.urls[service]

    async def kill(self, service: str) -> None:
        """SIGKILL: nothing is flushed, closed or said goodbye to."""
        self._processes[service].kill()
        if isinstance(self.broker, Broker):
            await forget_members(self.kafka, self.topic(service))

    async def stop_service(self, service: str) -> None:
        """SIGTERM, and wait until it has ended."""
        await self._processes[service].terminate()

    async def start_service(self, service: str) -> None:
        """Start it, on its port, and return when it is ready."""
        process = self._processes[service]
        self._ports[service].release()
        self._management[service].release()
        process.start()
        async with httpx2.AsyncClient(base_url=self.management_urls[service], timeout=5.0) as http:
            await process.until(lambda: _is_ready(http), start_within())

    async def restart(self, service: str) -> None:
        await self.stop_service(service)
        await self.start_service(service)

    async def operator(self, email: str, full_name: str) -> str:
        """Create one of the program's staff and return the temporary password, which is shown this once."""
        roles = ("--role", "program-operator", "--role", "platform-operator")
        printed = await self._run("identity", "create-operator", "--email", email, "--full-name", full_name, *roles)
        return printed.rstrip().splitlines()[-1].strip()

    async def watch(self) -> NoReturn:
        """Return never; ProcessError when a service ends that nobody asked to."""
        while True:
            for process in (*self._processes.values(), *([self.console.process] if self.console else [])):
                if not process.alive:
                    raise process.failure("ended by itself")
            await asyncio.sleep(WATCH_EVERY)

    def _clear(self) -> None:
        if not self.keep_data:
            for name in DATA:
                shutil.rmtree(self.root / name, ignore_errors=True)

    def _release_ports(self) -> None:
        for port in (*self._ports.values(), *self._management.values()):
            port.release()

    async def _start_servers(self) -> None:
        self._cleanup.push_async_callback(self._backends.stop)
        await self._backends.start()
        self._cleanup.push_async_callback(self.mailbox.stop)
        await self.mailbox.start()
        self._cleanup.push_async_callback(self.mail_page.stop)
        await self.mail_page.start()
        if self.gateway is not None:
            self._cleanup.push_async_callback(self.gateway.stop)
            await self.gateway.start()

    async def _prepare(self) -> None:
        write_keys(self._around.keys)
        if self.keep_data and isinstance(self.broker, Broker):
            # Those of a run that was killed are still members for it.
            for service in self.services:
                await forget_members(self.kafka, self.topic(service))
        await run("topics", _python("chassis", "topics"), env=topics_environment(self._around), log=self._log("topics"))

    async def _stop_services(self) -> None:
        await together(*(self.stop_service(service) for service in self.services))

    async def _run(self, service: str, *arguments: str) -> str:
        name = f"{service} {arguments[0]}"
        command = _python(service, *arguments)
        return await run(name, command, env=self.env(service), log=self._log(service), starter=self._starter)

    def _process(self, service: str) -> Process:
        # Indexes and serving in one process: on a small machine starting Python is most of the wait.
        command = _python(service, "migrate", "serve")
        return Process(service, command, env=self.env(service), log=self._log(service), starter=self._starter)

    def _console(self, port: Port) -> Console:
        tokens = self._around.keys / "console-tokens.txt"
        issuer = self.public_url("identity") if "identity" in self.services else ""
        env = topics_environment(self._around)
        return Console(port, tokens=tokens, env=env, log=self._log("console"), issuer=issuer)

    def _log(self, name: str) -> Path:
        return self.root / "logs" / f"{name}.log"

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            kafka=self.kafka,
            mongo=self.mongo,
            smtp_port=self.mailbox.port.number,
            urls=self.urls,
            public_urls={service: self.public_url(service) for service in self.urls},
            console=self._console_url,
            management={service: port.number for service, port in self._management.items()},
            keys=self.root / "keys",
            topic_prefix=self._backends.topic_prefix,
            database_suffix=self._backends.database_suffix,
            replication=self._backends.replication,
        )


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


async def _is_ready(http: httpx2.AsyncClient) -> bool:
    try:
        return (await http.get("/readyz")).status_code == HTTPStatus.OK
    except httpx2.TransportError:
        return False
