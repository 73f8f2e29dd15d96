"""Authorization checks per second: may this reseller administer that customer? Beside OpenFGA on the same graph."""

from contextlib import AsyncExitStack
from uuid import uuid4

from service.relationships_stage import Company, Stage

from benchmarks import load
from benchmarks.floors.openfga import OpenFga
from benchmarks.ground import Ground, cpu_seconds
from benchmarks.measure import Figures, Goal, Row, by_turns
from benchmarks.servers import found
from kontor_contracts.relationships import ImportCustomer

GOAL = Goal(ratio=2.0)
CALLERS = 16
CUSTOMERS = 50
"""One page of the list."""


async def measure(ground: Ground, rounds: int, seconds: float) -> list[Row]:
    async with AsyncExitStack() as stack:
        relationships = await stack.enter_async_context(ground.services.run("relationships"))
        topics = await stack.enter_async_context(ground.topics())
        there = Stage(relationships, topics, ground.tokens)
        reseller, customers = await _graph(there)
        bearer = there.token(reseller)["Authorization"]

        async def kontor() -> Figures:
            def request(number: int) -> bytes:
                customer = customers[number % CUSTOMERS]
                path = f"/v1/authorizations/check?customer_id={customer}&action=administer"
                return load.get(path, authorization=bearer)

            return await _asked(relationships.port.number, request, relationships.process.pid, seconds)

        await kontor()
        if (binary := found("openfga")) is None:
            ours = await kontor()
            note = "NOT COMPARED: no OpenFGA here. With Go: make bench-servers"
            return [Row(name="authorization checks", unit="1/s", goal=GOAL, kontor=ours, note=note)]
        fga = await stack.enter_async_context(OpenFga(binary, ground.directory).serving())
        await fga.write("reseller", reseller.organization_id, customers)

        async def floor() -> Figures:
            def request(number: int) -> bytes:
                return fga.check("reseller", reseller.organization_id, customers[number % CUSTOMERS])

            return await _asked(fga.port, request, fga.pid, seconds)

        await floor()
        floors, ours = await by_turns(floor, kontor, rounds)
        return [Row(name="authorization checks", unit="1/s", goal=GOAL, kontor=ours, floor=floors)]


async def _asked(port: int, request: load.Request, pid: int | None, seconds: float) -> Figures:
    cpu = cpu_seconds(pid)
    answers = await load.run(port, request, callers=CALLERS, seconds=seconds)
    if answers.refused:
        raise RuntimeError(f"{answers.refused} checks were refused")
    return {
        "value": answers.rate,
        "p50_ms": answers.percentile(0.5) * 1e3,
        "p99_ms": answers.percentile(0.99) * 1e3,
        "cpu_us": (cpu_seconds(pid) - cpu) / answers.accepted * 1e6,
    }


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
