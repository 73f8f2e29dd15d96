"""Authorization checks: may this reseller administer that customer? One by one and in batches, beside OpenFGA and SpiceDB.

The same graph, the same callers, and on each side its own calls. A batch asks for every customer once. In process: a reader of
the snapshot topic answers its one caller, beside one request for each check.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from uuid import uuid4

import orjson
from service.relationships.stage import Company, Stage
from support import eventually

from benchmarks import load
from benchmarks.floors.openfga import OpenFga
from benchmarks.floors.rival import Rival
from benchmarks.floors.spicedb import SpiceDb
from benchmarks.ground import Ground, cpu_seconds
from benchmarks.measure import Figures, Goal, Row, by_turns
from benchmarks.servers import found
from kontor_contracts.authz.reader import Reader
from kontor_contracts.relationships import ImportCustomer

ONE = Goal(ratio=1.0)
BATCHES = Goal(ratio=3.0)
IN_PROCESS = Goal(ratio=100.0)
LOWER = Goal(ratio=1.0, better="less")
CALLERS = 16
BATCH_CALLERS = 4
CUSTOMERS = 50
"""One page of the list, and as many checks as OpenFGA takes in a batch unless told otherwise."""
RIVALS: dict[str, type[OpenFga | SpiceDb]] = {"OpenFGA": OpenFga, "SpiceDB": SpiceDb}


class Asked:
    """One side of the comparison: its address, and how one check and a batch of checks are asked."""

    def __init__(
        self,
        port: int,
        pid: int | None,
        check: Callable[[int], bytes],
        batch: bytes,
        granted: Callable[[bytes], int],
    ) -> None:
        self._port = port
        self._pid = pid
        self._check = check
        self._batch = batch
        self._granted = granted

    async def proven(self) -> None:
        """Until the answers are yes, before anybody counts them: some answer by what was written seconds ago (SpiceDB)."""
        await eventually(self._grants_all)

    async def _grants_all(self) -> bool:
        for number in range(CUSTOMERS):
            if self._granted(await load.once(self._port, self._check(number))) != 1:
                return False
        return self._granted(await load.once(self._port, self._batch)) == CUSTOMERS

    async def singly(self, seconds: float) -> Figures:
        return await self._figures(self._check, CALLERS, seconds, checks=1)

    async def in_batches(self, seconds: float) -> Figures:
        return await self._figures(lambda _: self._batch, BATCH_CALLERS, seconds, checks=CUSTOMERS)

    async def _figures(self, request: load.Request, callers: int, seconds: float, *, checks: int) -> Figures:
        cpu = cpu_seconds(self._pid)
        answers = await load.run(self._port, request, callers=callers, seconds=seconds)
        if answers.refused:
            raise RuntimeError(f"{answers.refused} requests were refused")
        return {
            "value": answers.rate * checks,
            "p50_ms": answers.percentile(0.5) * 1e3,
            "p99_ms": answers.percentile(0.99) * 1e3,
            "cpu_us": (cpu_seconds(self._pid) - cpu) / (answers.accepted * checks) * 1e6,
        }


class InProcess:
    """A reader of the snapshot topic, in this process. Its caller asks one check after the other."""

    def __init__(self, reader: Reader, reseller: Company, customers: list[str]) -> None:
        self._reader = reader
        self._reseller = reseller.organization_id
        self._customers = customers

    async def proven(self) -> None:
        await eventually(lambda: self._granted() == CUSTOMERS)

    def _granted(self) -> int:
        may, reseller = self._reader.may, self._reseller
        return sum(may(reseller, "administer", customer).allowed for customer in self._customers)

    async def singly(self, seconds: float) -> Figures:
        began, cpu, count = time.perf_counter(), time.process_time(), 0
        while (passed := time.perf_counter() - began) < seconds:
            count += self._granted()
            # The reader follows its topic meanwhile.
            await asyncio.sleep(0)
        return {"value": count / passed, "cpu_us": (time.process_time() - cpu) / count * 1e6}


async def measure(ground: Ground, rounds: int, seconds: float) -> list[Row]:
    async with AsyncExitStack() as stack:
        relationships = await stack.enter_async_context(ground.services.run("relationships"))
        topics = await stack.enter_async_context(ground.topics())
        there = Stage(relationships, topics, ground.tokens)
        reseller, customers = await _graph(there)
        kontor = _kontor(there, reseller, customers)
        await kontor.proven()
        topic = relationships.topic("relationships.snapshot")
        bootstrap = relationships.env["KONTOR_KAFKA_BOOTSTRAP"]
        reader = await stack.enter_async_context(Reader(topic=topic, bootstrap_servers=bootstrap, fresh_within=60.0))
        inside = InProcess(reader, reseller, customers)
        await reader.ready()
        await inside.proven()
        rows = [await _in_process("HTTP", None, inside, kontor, rounds=rounds, seconds=seconds)]
        for name, rival in RIVALS.items():
            if (binary := found(rival.name)) is None:
                rows += await _alone(name, kontor, seconds)
                continue
            async with rival(binary, ground.directory).serving() as running:
                await running.write(reseller.organization_id, customers)
                other = _rival(running, reseller.organization_id, customers)
                await other.proven()
                rows += await _compared(name, kontor, other, rounds, seconds)
                rows.append(await _in_process(name, IN_PROCESS, inside, other, rounds=rounds, seconds=seconds))
        return rows


async def _compared(name: str, kontor: Asked, other: Asked, rounds: int, seconds: float) -> list[Row]:
    rows: list[Row] = []
    for what, goal, ours, theirs in (
        ("checks", ONE, kontor.singly, other.singly),
        ("checks in batches", BATCHES, kontor.in_batches, other.in_batches),
    ):
        await theirs(1.0)
        await ours(1.0)
        floors, figures = await by_turns(partial(theirs, seconds), partial(ours, seconds), rounds)
        rows += [
            Row(name=f"{what}, {name}", unit="1/s", goal=goal, kontor=figures, floor=floors),
            Row(name=f"{what}, p99, {name}", unit="ms", goal=LOWER, kontor=_p99(figures), floor=_p99(floors)),
        ]
    return rows


async def _in_process(
    name: str, goal: Goal | None, inside: InProcess, other: Asked, *, rounds: int, seconds: float
) -> Row:
    floors, figures = await by_turns(partial(other.singly, seconds), partial(inside.singly, seconds), rounds)
    return Row(name=f"checks in process, {name}", unit="1/s", goal=goal, kontor=figures, floor=floors)


async def _alone(name: str, kontor: Asked, seconds: float) -> list[Row]:
    note = f"NOT COMPARED: no {name} here. With Go: make bench-servers"
    return [Row(name=f"checks, {name}", unit="1/s", goal=ONE, kontor=await kontor.singly(seconds), note=note)]


def _p99(figures: Figures) -> Figures:
    return {"value": figures["p99_ms"]}


def _kontor(stage: Stage, reseller: Company, customers: list[str]) -> Asked:
    bearer = stage.token(reseller)["Authorization"]

    def check(number: int) -> bytes:
        path = f"/v1/authorizations/check?customer_id={customers[number % CUSTOMERS]}&action=administer"
        return load.get(path, authorization=bearer)

    checks = [{"customer_id": customer, "action": "administer"} for customer in customers]
    batch = load.post("/v1/authorizations/check-batch", orjson.dumps({"checks": checks}), authorization=bearer)
    process = stage.running.process
    return Asked(stage.running.port.number, process.pid, check, batch, lambda answer: answer.count(b'"allowed":true'))


def _rival(running: Rival, company: str, customers: list[str]) -> Asked:
    # Made once: on the same two processors, what the client does for each request is taken from the server.
    checks = [running.check(company, customer) for customer in customers]
    batch = running.batch(company, customers)
    return Asked(running.port, running.pid, lambda number: checks[number % CUSTOMERS], batch, running.granted)


async def _graph(stage: Stage) -> tuple[Company, list[str]]:
    """A reseller with customers of its own; their ids."""
    reseller = await stage.partner("reseller")
    for number in range(CUSTOMERS):
        await stage.ask_for_import(
            ImportCustomer(
                portal="office",
                external_id=f"K-{uuid4()}",
                name=f"Kunde {number}",
                country="DE",
                partner_id=reseller.partner_id,
            )
        )
    listed = await stage.listed(reseller, "/v1/customers", CUSTOMERS)
    return reseller, [customer["customer_id"] for customer in listed]
