"""Everything of Kontor on one machine, several processes per service. Each can be hurt by itself."""

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path

import httpx2
from reliability.crashes import DIED
from reliability.proxy import Proxy

from chassis import Settings
from kontor_contracts.topics import SERVICES
from kontor_local.apache_kafka import ApacheKafka, Node
from kontor_local.groups import forget_members
from kontor_local.ports import HOST, Port
from kontor_local.processes import Process, ProcessError, Starter, spawn
from kontor_local.servers import Broker
from kontor_local.stack import Stack
from kontor_local.together import together

TESTS = str(Path(__file__).parents[1])
LEASE = 6.0
SESSION = 6.0
SHIPPED_LEASE: float = Settings.model_fields["lease"].default
READY_WITHIN = 90.0
AGAIN_AFTER = 0.5
"""Seconds between the end of a process that did not become ready and its next start."""
SETTINGS = {
    "KONTOR_LEASE": str(LEASE),
    "KONTOR_DATABASE_TIMEOUT": str(LEASE / 3),
    "KONTOR_SWEEP_INTERVAL": "0.3",
    "KONTOR_TIMER_INTERVAL": "0.5",
    "KONTOR_KAFKA_SESSION_TIMEOUT": str(SESSION),
    "KONTOR_RETRY_DELAYS": "[0.1,0.3,1,2]",
    "KONTOR_SHUTDOWN_TIMEOUT": "10",
    "KONTOR_PARK_LIMIT": "500",
    # A few people send mails all the time: the budget of a day is another test's matter.
    "KONTOR_MAILS_PER_ORGANIZATION": "1000000",
    "KONTOR_MAILS_PER_PERSON": "1000000",
    "KONTOR_MAILS_PER_ADDRESSEE": "1000000",
    "KONTOR_MAILS_UNPROVED": "1000000",
    "PYTHONPATH": TESTS,
}
"""Short times, so that what takes long in production happens often within a run."""
SHIPPED = {name: value for name, value in SETTINGS.items() if name in {"KONTOR_PARK_LIMIT", "PYTHONPATH"}}
"""What a run with the settings as shipped has of these: the rig's poison is no flood, and its code is to be found."""
OWN_SETTINGS = {
    "identity": {"KONTOR_ACCESS_TOKEN_LIFETIME": "3000"},
    "notifications": {
        "KONTOR_SMTP_TIMEOUT": "2",
        "KONTOR_MAIL_LEASE": "4",
        "KONTOR_MAIL_RETRIES": "[" + ",".join(["1"] * 120) + "]",
    },
}


class Instance:
    """One process of a service. ``plan`` is the environment of faults that it runs with now."""

    def __init__(self, service: str, number: int, port: Port, management: Port, process: Process) -> None:
        self.service = service
        self.name = f"{service}-{number}"
        self.port = port
        self.url = f"http://{HOST}:{port.number}"
        self.management = management
        self.process = process
        self.plan: Mapping[str, str] = {}

    @property
    def crashed(self) -> bool:
        """It ended at the crash point of its plan."""
        return self.process.poll() == DIED

    async def has_come_up(self) -> bool:
        """It is ready, or stands still at its crash point already."""
        return self.process.stopped or await self.is_ready()

    async def is_ready(self) -> bool:
        async with httpx2.AsyncClient(base_url=f"http://{HOST}:{self.management.number}", timeout=3.0) as http:
            try:
                return (await http.get("/readyz")).status_code == HTTPStatus.OK
            except httpx2.TransportError:
                return False


class Fleet:
    """``stack`` has the servers; the services run here. ``network``: they reach the servers through proxies."""

    def __init__(
        self, stack: Stack, instances: int, *, network: bool, shipped: bool = False, starter: Starter = spawn
    ) -> None:
        self.stack = stack
        self._starter = starter
        self.embedded = isinstance(stack.broker, Broker)
        # The embedded broker does not rebalance a group that works (ADR 6): one process per service there.
        self.per_service = 1 if self.embedded else instances
        self._always = dict(SHIPPED if shipped else SETTINGS)
        self._own = {} if shipped else OWN_SETTINGS
        self.lease = SHIPPED_LEASE if shipped else LEASE
        self.broker_answers = asyncio.Lock()
        """Held while the broker must answer, and while a fault takes it away: one waits for the other."""
        self.database: Proxy | None = None
        self.smtp: Proxy | None = None
        self.kafka: list[Proxy] = []
        if network:
            self._put_proxies_between()
        self.instances = {
            instance.name: instance
            for service in SERVICES
            for instance in (self._instance(service, number) for number in range(1, self.per_service + 1))
        }

    def _put_proxies_between(self) -> None:
        stack = self.stack
        self.smtp = Proxy(stack.mailbox.port.number)
        around = replace(stack._around, smtp_port=self.smtp.port.number)
        if isinstance(stack.broker, ApacheKafka):
            self.kafka = [_in_front_of(node) for node in stack.broker.nodes.values()]
            around = replace(around, kafka=",".join(f"{HOST}:{proxy.port.number}" for proxy in self.kafka))
        if stack.database:
            self.database = Proxy(stack.database.port.number)
            around = replace(around, mongo=f"mongodb://{HOST}:{self.database.port.number}/?directConnection=true")
        stack._around = around

    @property
    def proxies(self) -> list[Proxy]:
        return [proxy for proxy in (self.database, self.smtp, *self.kafka) if proxy]

    def of(self, service: str) -> list[Instance]:
        return [instance for instance in self.instances.values() if instance.service == service]

    def urls(self, service: str) -> list[str]:
        return [instance.url for instance in self.of(service)]

    async def start_all(self) -> None:
        for proxy in self.proxies:
            await proxy.start()
        await self.stack._prepare()
        first = [instance for instance in self.instances.values() if instance.name.endswith("-1")]
        await together(*(self.start(instance, "migrate") for instance in first))
        await together(*(self.start(i) for i in self.instances.values() if i not in first))

    async def put_in(self, bug: str) -> None:
        """From now on every process has this mistake in it (`reliability.bugs`)."""
        self._always["CHAOS_BUG"] = bug
        for instance in self.instances.values():
            await self.stop(instance)
            await self.bury(instance)
        await together(*(self.start(instance) for instance in self.instances.values()))

    async def start(self, instance: Instance, *before: str, plan: Mapping[str, str] | None = None) -> bool:
        """Start it with these faults in it. False: it came to its crash point before it was ready."""
        instance.plan = dict(plan or {})
        ports = {"HTTP_PORT": instance.port.number, "MANAGEMENT_PORT": instance.management.number}
        own = {f"KONTOR_{name}": str(number) for name, number in ports.items()} | self._own.get(instance.service, {})
        instance.process.env = self.stack.env(instance.service) | self._always | own | instance.plan
        command = [sys.executable, "-m", "reliability.inside", instance.service, *before, "serve"]
        instance.process.args = command
        instance.port.release()
        instance.management.release()
        deadline = time.monotonic() + READY_WITHIN
        while True:
            instance.process.start()
            try:
                await instance.process.until(instance.has_come_up, max(0.0, deadline - time.monotonic()))
            except ProcessError:
                if instance.crashed:
                    return False
                if time.monotonic() + AGAIN_AFTER > deadline:
                    raise
                # It ended by itself, as it may when a server goes away while it starts: the supervisor starts it again.
                await asyncio.sleep(AGAIN_AFTER)
            else:
                return True

    async def bury(self, instance: Instance) -> None:
        """After a process has died: the embedded broker does not find out by itself."""
        if self.embedded:
            async with self.broker_answers:
                await forget_members(self.stack.kafka, self.stack.topic(instance.service))

    async def kill(self, instance: Instance) -> None:
        instance.process.kill()
        await self.bury(instance)

    async def stop(self, instance: Instance) -> None:
        instance.process.signal(signal.SIGCONT)
        await instance.process.terminate()

    async def stop_all(self) -> None:
        await together(*(self.stop(instance) for instance in self.instances.values()))
        for proxy in self.proxies:
            await proxy.stop()

    def logs(self) -> dict[str, str]:
        """By instance, what it wrote."""
        return {
            name: instance.process.log.read_text(errors="replace")
            for name, instance in self.instances.items()
            if instance.process.log.exists()
        }

    def _instance(self, service: str, number: int) -> Instance:
        first = number == 1
        port = self.stack._ports[service] if first else Port()
        management = self.stack._management[service] if first else Port()
        log = self.stack.root / "logs" / f"{service}-{number}.log"
        process = Process(f"{service}-{number}", [], log=log, starter=self._starter)
        return Instance(service, number, port, management, process)


def _in_front_of(node: Node) -> Proxy:
    """The embedded broker sends its clients to its own port; Apache Kafka sends them to its advertised address."""
    behind = Port()
    proxy = Proxy(behind.number)
    node.by_way_of = (behind, proxy.port.number)
    return proxy


@asynccontextmanager
async def fleet(
    root: Path, *, instances: int = 2, network: bool = False, shipped: bool = False, starter: Starter = spawn
) -> AsyncIterator[Fleet]:
    """A fleet with every service ready, and nothing left of it afterwards but what is under ``root``."""
    stack = Stack(root, services=())
    running = Fleet(stack, instances, network=network, shipped=shipped, starter=starter)
    async with stack:
        try:
            started = time.monotonic()
            await running.start_all()
            print(f"{len(running.instances)} processes ready after {time.monotonic() - started:.0f} s; {stack.backend}")  # noqa: T201
            yield running
        finally:
            await asyncio.shield(running.stop_all())
