"""Every fault of the chaos rig is tried against every service, without servers: none may end the run."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from reliability import fleet as fleets
from reliability.faults import FAULTS, topics
from reliability.fleet import LEASE
from reliability.inside import delay
from reliability.nemesis import READERS, Nemesis

from chassis.consumer.keys import KeyRunner
from kontor_contracts.topics import SERVICES
from kontor_local.apache_kafka import ApacheKafka

_sleep = asyncio.sleep  # the real one: the fixture below replaces it


class Chosen(random.Random):
    """Chooses this service wherever there is a choice of services."""

    def __init__(self, service: str) -> None:
        super().__init__(service)
        self.service = service

    def choice(self, seq: Any) -> Any:
        ours = [one for one in seq if self.service in (one, getattr(one, "service", None))]
        return super().choice(ours or seq)


class Process:
    def __init__(self) -> None:
        self.signals: list[int] = []
        self.alive = True

    def signal(self, number: int) -> None:
        self.signals.append(number)


class Fleet:
    """Has one instance per service, which starts and ends at once."""

    def __init__(self, *, embedded: bool) -> None:
        self.embedded = embedded
        self.lease = LEASE
        self.broker_answers = asyncio.Lock()
        self.instances = {
            f"{service}-1": SimpleNamespace(service=service, name=f"{service}-1", process=Process(), plan={})
            for service in SERVICES
        }
        server = SimpleNamespace(start=_nothing, stop=_nothing)
        mailbox = SimpleNamespace(start=_nothing, stop=_nothing, refuse=lambda *_, **__: None)
        broker = server if embedded else _Kafka()
        self.stack = SimpleNamespace(mailbox=mailbox, database=server, broker=broker, kafka="", topic=str)
        self.database = self.smtp = SimpleNamespace(behaving=_behaving)
        self.kafka = [] if embedded else [self.smtp]

    def of(self, service: str) -> list[Any]:
        return [instance for instance in self.instances.values() if instance.service == service]

    async def start(self, instance: Any, *, plan: Any = None) -> bool:
        instance.plan, instance.process.alive = dict(plan or {}), True
        return True

    async def stop(self, instance: Any) -> None:
        instance.process.alive = False

    kill = stop

    async def bury(self, instance: Any) -> None:
        pass


class _Kafka(ApacheKafka):
    def __init__(self) -> None:
        self.nodes = {1: SimpleNamespace()}  # type: ignore[dict-item]

    def kill(self, *_: int) -> None:
        pass

    pause = resume = kill  # type: ignore[assignment]

    async def start_node(self, number: int) -> None:
        pass


async def _nothing(*_: object, **__: object) -> None:
    await _sleep(0)


@contextmanager
def _behaving(_: str) -> Iterator[None]:
    yield


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    @asynccontextmanager
    async def producer(_: object) -> Any:
        yield SimpleNamespace(send_and_wait=_nothing)

    monkeypatch.setattr(asyncio, "sleep", lambda _: _sleep(0))
    monkeypatch.setattr(topics, "connected", producer)
    monkeypatch.setattr(topics, "AIOKafkaProducer", lambda **_: None)
    monkeypatch.setattr(topics, "_rewind", _nothing)
    monkeypatch.setattr(topics, "replay_dead_letters", _nothing)


@pytest.mark.parametrize("embedded", [True, False], ids=["embedded", "apache kafka"])
@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_leaves_every_service_running(name: str, service: str, embedded: bool) -> None:
    fleet = Fleet(embedded=embedded)
    nemesis = Nemesis(fleet, service)  # type: ignore[arg-type]
    nemesis.random = Chosen(service)
    await FAULTS[name](nemesis)
    for instance in fleet.instances.values():
        assert instance.process.alive and not instance.plan
    assert not any(lock.locked() for lock in nemesis.busy.values())


async def test_a_delay_falls_on_a_service_that_reads_events() -> None:
    fleet = Fleet(embedded=True)
    nemesis = Nemesis(fleet, "any")  # type: ignore[arg-type]
    nemesis.random = Chosen("enrollment")
    await FAULTS["delay"](nemesis)
    (target,) = [fault.target for fault in nemesis.faults if fault.kind == "delay"]
    assert fleet.instances[target].service in READERS


async def test_members_are_removed_only_while_the_broker_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that died while the broker restarted ended the whole run: nobody answered the removal of its members."""
    running = [True]
    seen: list[bool] = []

    async def stop() -> None:
        running[0] = False
        await _nothing()

    async def start() -> None:
        await _nothing()
        running[0] = True

    async def forget(*_: object) -> None:
        for _round in range(10):
            seen.append(running[0])
            await _nothing()

    monkeypatch.setattr(fleets, "forget_members", forget)
    fleet = Fleet(embedded=True)
    fleet.stack.broker = SimpleNamespace(stop=stop, start=start)
    instance = fleet.instances["identity-1"]
    nemesis = Nemesis(fleet, "seed")  # type: ignore[arg-type]
    await asyncio.gather(
        fleets.Fleet.bury(fleet, instance),  # type: ignore[arg-type]
        FAULTS["broker"](nemesis),
        fleets.Fleet.bury(fleet, instance),  # type: ignore[arg-type]
    )
    assert seen == [True] * 20


@pytest.mark.parametrize("topic", ["enrollment.events", "identity.events"])
async def test_a_delayed_topic_is_consumed_all_the_same(monkeypatch: pytest.MonkeyPatch, topic: str) -> None:
    monkeypatch.setattr(KeyRunner, "_finish", KeyRunner._finish)  # as before after the test
    delay("enrollment.events", 3.0)
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)

    async def finish(records: Any) -> int:
        return len(records)

    consumer: Any = SimpleNamespace(_replays=SimpleNamespace(topic=None), _records=SimpleNamespace(finish=finish))
    record: Any = SimpleNamespace(topic=f"kontor.{topic}")
    assert await KeyRunner._finish(consumer, [record, record]) == 2
    assert waits == ([3.0] if topic == "enrollment.events" else [])
