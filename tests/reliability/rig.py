"""One run: a fleet, clients, faults, quiet, and the judgement."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiokafka import AIOKafkaProducer
from reliability import crashes
from reliability.checker import Verdict, check
from reliability.client import Client, GivenUpError, Ledger, SurpriseError
from reliability.explain import explained
from reliability.faults import FAULTS
from reliability.faults.topics import replay_dead_letters, reread
from reliability.fleet import Fleet, fleet
from reliability.gather import Gatherer
from reliability.history import Entry, Fault, History, ledger_line
from reliability.nemesis import READERS, Nemesis
from reliability.scene import Scene, prepare
from reliability.workload import COMMANDS

from kontor_local.connected import connected
from kontor_local.journey.people import Person
from kontor_local.journey.play import Stage, play, stage
from kontor_local.journey.report import Report
from kontor_local.journey.steps import STEPS
from kontor_local.processes import Starter, spawn

PLAYED = 13
"""Steps of the journey before the first fault: a provider and a reseller who are connected."""
PORTAL_SECONDS = 20
"""That another portal waits for the broker."""
MOST_TIMES = 4
"""That the seconds of a plan may pass."""


@dataclass(frozen=True, slots=True)
class Plan:
    """``seconds`` of load and faults; ``faults`` by name (`reliability.nemesis`), ``crash`` for all crash points.

    ``shipped``: with the services' settings as they are shipped, not with short times. Where so many ``commands`` have not
    been acknowledged by then, or so many kinds of ``crashes`` not been seen, as many seconds follow: on a slow machine the
    services are down for most of them.
    """

    seed: str
    seconds: float
    faults: tuple[str, ...]
    clients: int = 6
    instances: int = 2
    bug: str | None = None
    commands: int = 0
    crashes: int = 0
    shipped: bool = False

    @property
    def points(self) -> tuple[str, ...]:
        """The crash points that the faults ask for."""
        return tuple(crashes.POINTS) if "crash" in self.faults else _named(self.faults)

    @property
    def network(self) -> bool:
        """Whether a fault needs proxies. They cost time, and the rig's own process carries them."""
        return any(fault.endswith(("-network", "-slow")) for fault in self.faults)

    @property
    def attacks(self) -> tuple[str, ...]:
        """The faults that are no crash points."""
        return tuple(fault for fault in self.faults if not fault.startswith("crash"))


@dataclass(slots=True)
class Result:
    """``surprises``: answers over HTTP that nobody should get. ``found``: seconds of the run until the verdict."""

    plan: Plan
    backend: str
    verdicts: list[Verdict]
    surprises: list[str]
    faults: Counter[str]
    commands: Counter[str]
    tries: int
    records: int
    mails: int
    seconds: float = 0.0
    quiet: float | None = None
    files: dict[str, Path] = field(default_factory=dict)

    @property
    def broken(self) -> list[str]:
        """The invariants that did not hold."""
        return [verdict.invariant for verdict in self.verdicts if verdict.checked and not verdict.held]

    @property
    def ok(self) -> bool:
        return not self.broken and not self.surprises


async def run(root: Path, plan: Plan, *, starter: Starter = spawn) -> Result:
    """Play it on a fresh fleet under ``root``, where ledger and logs are found afterwards. ``starter`` starts its processes."""
    began = time.monotonic()
    async with (
        fleet(root, instances=plan.instances, network=plan.network, shipped=plan.shipped, starter=starter) as running,
        connected(_portal(running)) as portal,
        stage(running.stack) as on,
    ):
        scene = await _set_the_scene(on, portal)
        if plan.bug:
            await running.put_in(plan.bug)
        ledger, nemesis = Ledger(), Nemesis(running, plan.seed)
        history = History(started=time.time(), ledger=ledger.entries, probes=ledger.probes)
        await _play(plan, running, scene, ledger, nemesis)
        if "choke" in plan.faults:
            # What came behind a dead letter after its replay waits for its own.
            await replay_dead_letters(running.stack)
        history.ended, history.faults, history.poison = time.time(), nemesis.faults, [*nemesis.poison, *scene.poison]
        async with Gatherer(running) as gatherer:
            history.quiet = await gatherer.until_quiet()
            if "reread" in plan.faults and history.quiet:
                history.before = await gatherer.documents()
                for service in READERS:
                    await reread(nemesis, service)
                await gatherer.until_quiet()
            await gatherer.fill(history)
            history.listed = await _listed(on)
        backend = running.stack.backend
    files = _write(root, history)
    return Result(
        plan=plan,
        backend=backend,
        verdicts=check(history),
        surprises=[explained(surprise, history.logs) for surprise in ledger.surprises],
        faults=Counter(fault.kind for fault in history.faults),
        commands=Counter(entry.command for entry in history.ledger if entry.acknowledged),
        tries=sum(entry.tries for entry in history.ledger),
        records=len(history.records),
        mails=len(history.mails),
        seconds=time.monotonic() - began,
        quiet=history.quiet - history.ended if history.quiet else None,
        files=files,
    )


async def _listed(on: Stage) -> dict[str, list[str]]:
    """The customers of the two partners, as each sees them."""
    return {partner.organization_id: await _customers(on, partner.admin) for partner in (on.provider, on.reseller)}


async def _customers(on: Stage, admin: Person) -> list[str]:
    # The token of before is over.
    await on.sign_in(admin)
    api = on.api("relationships", admin)
    found: list[str] = []
    more: dict[str, str] = {}
    while True:
        page = await api.get("/v1/customers", limit=100, **more)
        found += [one["customer_id"] for one in page["items"]]
        if page["next_cursor"] is None:
            return found
        more = {"cursor": page["next_cursor"]}


def _portal(running: Fleet) -> AIOKafkaProducer:
    milliseconds = PORTAL_SECONDS * 1000
    return AIOKafkaProducer(bootstrap_servers=running.stack.kafka, acks="all", request_timeout_ms=milliseconds)


async def _set_the_scene(on: Stage, portal: AIOKafkaProducer) -> Scene:
    report = Report()
    await play(on, STEPS[:PLAYED], report)
    if not all(step.ok for step in report.steps):
        raise RuntimeError(f"the journey does not even work without faults: {report.steps[-1]}")
    return await prepare(on, portal)


async def _play(plan: Plan, running: Fleet, scene: Scene, ledger: Ledger, nemesis: Nemesis) -> None:
    """Clients at work until the time is over and the faults with it; then each ends what it has begun."""
    urls = {service: running.urls(service) for service in {i.service for i in running.instances.values()}}
    over = asyncio.Event()
    clients = [Client(urls, ledger, f"{plan.seed}/{number}/{time.time_ns()}") for number in range(plan.clients)]
    working = [asyncio.create_task(_work(client, scene, over)) for client in clients]
    try:
        for _ in range(MOST_TIMES):
            until = time.monotonic() + plan.seconds
            scene.over = datetime.now(UTC) + timedelta(seconds=plan.seconds)
            await nemesis.torment(plan.points, [FAULTS[name] for name in plan.attacks], until)
            await asyncio.sleep(max(0.0, until - time.monotonic()))
            if is_enough(plan, ledger.entries, nemesis.faults):
                break
        over.set()
        await asyncio.gather(*working)
    finally:
        for task in working:
            task.cancel()
        for client in clients:
            await client.close()


def is_enough(plan: Plan, entries: Iterable[Entry], faults: Iterable[Fault]) -> bool:
    """Whether as much has happened as the plan asks for at least."""
    acknowledged = sum(entry.acknowledged is not None for entry in entries)
    crashes = {fault.kind for fault in faults if fault.kind.startswith("crash:")}
    return acknowledged >= plan.commands and len(crashes) >= plan.crashes


async def _work(client: Client, scene: Scene, over: asyncio.Event) -> None:
    plays = [command.play for command in COMMANDS]
    weights = [command.weight for command in COMMANDS]
    while not over.is_set():
        (one,) = client.random.choices(plays, weights)
        try:
            await one(client, scene)
        except GivenUpError:
            continue
        except SurpriseError as error:
            client.ledger.surprises.append(str(error)) if str(error) not in client.ledger.surprises else None
        await asyncio.sleep(random.random() * 0.05)


def _named(faults: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(fault.partition(":")[2] for fault in faults if fault.startswith("crash:"))


def _write(root: Path, history: History) -> dict[str, Path]:
    files = {"ledger": root / "ledger.jsonl", "faults": root / "faults.jsonl"}
    files["ledger"].write_text("".join(ledger_line(entry) + "\n" for entry in history.ledger))
    files["faults"].write_text("".join(f"{fault.at:.3f} {fault.kind} {fault.target}\n" for fault in history.faults))
    return files
