"""Memory over a long run: whether a tally under a steady load of commands and events keeps what it should let go.

Each command's event comes back to the tally, which follows its own topic. Subjects are new all the time: each counter is
changed a few times and then never again, so anything that is kept by subject grows. What may be kept (remembered documents,
caches) is full within the first quarter of a run of some minutes; growth is what the last quarter has above the second.
"""

import asyncio
import time
from dataclasses import dataclass
from statistics import median

from harness.running import Running
from support import eventually

from benchmarks import load
from benchmarks.ground import Ground, resident_bytes
from benchmarks.measure import Goal, Row
from benchmarks.rows.commands import BODY

GOAL = Goal(ratio=20.0, better="less")
CALLERS = 8
EACH = 4
"""Commands for one subject."""
TALLY_EVERY = 2.0
CHUNK_SECONDS = 10.0
ENOUGH = 100_000
"""Commands between the quarters' middles, below which a few pages of memory are a large figure per million."""


@dataclass(frozen=True, slots=True)
class Sample:
    minutes: float
    commands: int
    megabytes: float


class _Done:
    commands = 0


async def measure(ground: Ground, rounds: int, seconds: float, *, minutes: float) -> list[Row]:
    """``rounds`` and ``seconds`` do not matter: one run of so many minutes."""
    async with ground.tally(follows=True) as tally:
        done = _Done()
        until = time.perf_counter() + minutes * 60
        job = asyncio.create_task(_commands(ground, tally, done, until))
        samples = []
        began = time.perf_counter()
        while time.perf_counter() < until and not job.done():
            samples.append(Sample((time.perf_counter() - began) / 60, done.commands, _megabytes(tally)))
            await asyncio.sleep(TALLY_EVERY)
        await job

        async def all_applied() -> bool:
            return await ground.committed(tally.group, tally.topic("tally.events")) == done.commands

        await eventually(all_applied)
        return [_row(samples, done)]


def _row(samples: list[Sample], done: _Done) -> Row:
    quarter = len(samples) // 4
    second, last = samples[quarter : 2 * quarter], samples[-quarter:]
    commands = median(s.commands for s in last) - median(s.commands for s in second)
    megabytes = median(s.megabytes for s in last) - median(s.megabytes for s in second)
    few = "" if commands >= ENOUGH else f"; only {commands:,.0f} commands between the quarters: a longer run says more"
    return Row(
        name="memory kept per million commands",
        unit="MB",
        goal=GOAL,
        kontor={
            "value": megabytes / commands * 1e6,
            "MB at first": samples[0].megabytes,
            "MB in the 2nd quarter": median(s.megabytes for s in second),
            "MB in the last": median(s.megabytes for s in last),
            "commands": done.commands,
        },
        curves={"memory": {"kontor": [(s.minutes, s.megabytes) for s in samples]}},
        note=f"from the second quarter of the run to the last{few}",
    )


def _megabytes(tally: Running) -> float:
    return resident_bytes(tally.process.pid) / 1e6


async def _commands(ground: Ground, tally: Running, done: _Done, until: float) -> None:
    bearer = ground.tokens.bearer("org-a", permissions={"counters:write"})["Authorization"]

    def request(number: int) -> bytes:
        done.commands = number
        return load.post(
            f"/v1/counters/c{number // EACH}/add", BODY, idempotency_key=f"k-{number}", authorization=bearer
        )

    first = 0
    while (left := until - time.perf_counter()) > 0:
        answers = await load.run(
            tally.port.number, request, callers=CALLERS, seconds=min(left, CHUNK_SECONDS), first=first
        )
        if answers.refused:
            raise RuntimeError(f"{answers.refused} requests were refused")
        first += len(answers.seconds)
    done.commands = first
