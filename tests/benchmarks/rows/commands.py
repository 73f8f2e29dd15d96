"""Commands accepted per second: over HTTP, saved, and published."""

import time

from support import eventually

from benchmarks import load
from benchmarks.ground import Ground, cpu_seconds
from benchmarks.measure import Figures, Goal, Row, by_turns

GOAL = Goal(ratio=0.75)
CALLERS = 32
COUNTERS = 500
BODY = b'{"amount": 1}'


async def measure(ground: Ground, rounds: int, seconds: float) -> list[Row]:
    async with ground.tally() as tally, ground.floor("commands", serves=True) as floor:
        bearer = ground.tokens.bearer("org-a", permissions={"counters:write"})["Authorization"]
        sent = {"floor": 0, "kontor": 0}

        async def side(name: str, port: int, topic: str, pid: int | None, callers: int, **headers: str) -> Figures:
            def request(number: int) -> bytes:
                keyed = {"idempotency_key": f"{name}-{number}", **headers} if headers else {}
                return load.post(f"/v1/counters/c{number % COUNTERS}/add", BODY, **keyed)

            before, cpu, began = await ground.records(topic), cpu_seconds(pid), time.perf_counter()
            answers = await load.run(port, request, callers=callers, seconds=seconds, first=sent[name])
            sent[name] += len(answers.seconds)
            if answers.refused:
                raise RuntimeError(f"{name}: {answers.refused} requests were refused")
            wanted = before + answers.accepted
            await eventually(lambda: _reached(ground, topic, wanted), every=0.01)
            published = time.perf_counter() - began
            return {
                "value": answers.accepted / published,
                "cpu_us": (cpu_seconds(pid) - cpu) / answers.accepted * 1e6,
                "p50_ms": answers.percentile(0.5) * 1e3,
                "p99_ms": answers.percentile(0.99) * 1e3,
            }

        async def of_floor(callers: int = CALLERS) -> Figures:
            return await side("floor", floor.port, floor.topic, floor.process.pid, callers)

        async def of_kontor(callers: int = CALLERS) -> Figures:
            topic = tally.topic("tally.events")
            pid = tally.process.pid
            return await side("kontor", tally.port.number, topic, pid, callers, authorization=bearer)

        await of_floor()
        await of_kontor()
        floors, ours = await by_turns(of_floor, of_kontor, rounds)
        curve = {
            "kontor": [(callers, (await of_kontor(callers))["value"]) for callers in (1, 4, 16, 64)],
            "floor": [(callers, (await of_floor(callers))["value"]) for callers in (1, 4, 16, 64)],
        }
        return [
            Row(
                name="commands accepted",
                unit="1/s",
                goal=GOAL,
                kontor=ours,
                floor=floors,
                curves={"concurrency": curve},
            )
        ]


async def _reached(ground: Ground, topic: str, count: int) -> bool:
    return await ground.records(topic) >= count
