"""Memory over a long run: whether a ledger under a steady load of commands and events keeps what it should let go.

Subjects are new all the time: each account and each meter is heard of a few times and then never again, so anything that
is kept by subject grows. What may be kept (remembered documents, caches) is full within the first quarter of a run of some
minutes; growth is what the last quarter has above the second.
"""

import asyncio
import time
from dataclasses import dataclass
from statistics import median

from harness.running import Running
from support import eventually

from benchmarks import backlog, load
from benchmarks.ground import Ground, resident_bytes
from benchmarks.measure import Goal, Row
from benchmarks.rows.commands import BODY

GOAL = Goal(ratio=20.0, better="less")
CALLERS = 8
EACH = 4
"""Commands or events for one subject."""
BURST = 100
BURST_EVERY = 0.25
SAMPLE_EVERY = 2.0
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
    events = 0


async def measure(ground: Ground, rounds: int, seconds: float, *, minutes: float) -> list[Row]:
    """``rounds`` and ``seconds`` do not matter: one run of so many minutes."""
    async with ground.ledger() as ledger:
        done = _Done()
        until = time.perf_counter() + minutes * 60
        jobs = [asyncio.create_task(job(ground, ledger, done, until)) for job in (_commands, _events)]
        samples = []
        began = time.perf_counter()
        while time.perf_counter() < until and not any(job.done() for job in jobs):
            samples.append(Sample((time.perf_counter() - began) / 60, done.commands, _megabytes(ledger)))
            await asyncio.sleep(SAMPLE_EVERY)
        await asyncio.gather(*jobs)

        async def all_applied() -> bool:
            return await ground.committed(ledger.group, ledger.topic("meter.events")) == done.events

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
            "events": done.events,
        },
        curves={"memory": {"kontor": [(s.minutes, s.megabytes) for s in samples]}},
        note=f"from the second quarter of the run to the last{few}",
    )


def _megabytes(ledger: Running) -> float:
    return resident_bytes(ledger.process.pid) / 1e6


async def _commands(ground: Ground, ledger: Running, done: _Done, until: float) -> None:
    bearer = ground.tokens.bearer("org-a", permissions={"accounts:write"})["Authorization"]

    def request(number: int) -> bytes:
        done.commands = number
        return load.post(
            f"/v1/accounts/a{number // EACH}/book", BODY, idempotency_key=f"k-{number}", authorization=bearer
        )

    first = 0
    while (left := until - time.perf_counter()) > 0:
        answers = await load.run(
            ledger.port.number, request, callers=CALLERS, seconds=min(left, CHUNK_SECONDS), first=first
        )
        if answers.refused:
            raise RuntimeError(f"{answers.refused} requests were refused")
        first += len(answers.seconds)
    done.commands = first


async def _events(ground: Ground, ledger: Running, done: _Done, until: float) -> None:
    topic = ledger.topic("meter.events")
    async with backlog.writing(ground, topic) as write:
        while time.perf_counter() < until:
            began = time.perf_counter()
            numbers = range(done.events, done.events + BURST)
            await write([(number // EACH, number % EACH + 1) for number in numbers], first=done.events)
            done.events += BURST
            await asyncio.sleep(max(0.0, BURST_EVERY - (time.perf_counter() - began)))
