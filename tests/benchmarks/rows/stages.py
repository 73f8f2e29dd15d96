"""Processor time of a command and of an event by stage, and what measuring it costs by itself.

Two tallies under the same load, interleaved; one of them with its stages measured (`benchmarks.stages`). The stages' shares are
the measured one's, without what measuring cost as far as that is known; what it took more than the other is printed as well.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import median

from harness.running import Running

from benchmarks import backlog, load
from benchmarks.ground import Ground, cpu_seconds
from benchmarks.measure import Breakdown, Figures, Row, by_turns
from benchmarks.rows.commands import BODY, CALLERS, COUNTERS
from benchmarks.stages.accounting import MEASURING
from benchmarks.stages.table import ITEMS
from benchmarks.stages.watching import PATH

EVENTS = 30_000
THREADS = "driver's threads"
WHOLE = "in all"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Nanoseconds since the process began."""

    stages: dict[str, tuple[int, int]]
    process: int

    @property
    def items(self) -> int:
        return self.stages[ITEMS][1]


async def measure(ground: Ground, rounds: int, seconds: float) -> list[Row]:
    return [
        await _row(ground, "stages of a command", _commands, rounds, seconds, follows=False),
        await _row(ground, "stages of an event", _events, rounds, seconds, follows=True),
    ]


Load = Callable[[Ground, Running, float, Callable[[], Awaitable[None]]], Awaitable[Figures]]
"""Puts so many seconds of load on the tally and calls back when it begins; ``cpu_us`` is seen from outside."""


async def _row(ground: Ground, name: str, loaded: Load, rounds: int, seconds: float, *, follows: bool) -> Row:
    found: list[Breakdown] = []

    async def plain() -> Figures:
        async with ground.tally(follows=follows, start=False) as tally:
            return {"value": (await loaded(ground, tally, seconds, backlog.nothing))["cpu_us"]}

    async def watched() -> Figures:
        async with ground.tally(follows=follows, start=False, TALLY_STAGES=1) as tally:
            before: list[Snapshot] = []

            async def begin() -> None:
                before.append(await _snapshot(tally))

            figures = await loaded(ground, tally, seconds, begin)
            found.append(_between(before[0], await _snapshot(tally)))
            return {"value": figures["cpu_us"]}

    unmeasured, measured = await by_turns(plain, watched, rounds)
    extra = measured["value"] - unmeasured["value"]
    return Row(
        name=name,
        unit="µs",
        kontor=unmeasured,
        breakdown=_middle(found),
        note=f"processor time; a tally whose stages are measured takes {extra:,.1f} µs more",
    )


async def _commands(ground: Ground, tally: Running, seconds: float, begin: Callable[[], Awaitable[None]]) -> Figures:
    await tally.start()
    bearer = ground.tokens.bearer("org-a", permissions={"counters:write"})["Authorization"]

    def request(number: int) -> bytes:
        return load.post(
            f"/v1/counters/c{number % COUNTERS}/add", BODY, idempotency_key=f"k-{number}", authorization=bearer
        )

    warm = await load.run(tally.port.number, request, callers=CALLERS, seconds=min(1.0, seconds))
    await begin()
    cpu = cpu_seconds(tally.process.pid)
    answers = await load.run(tally.port.number, request, callers=CALLERS, seconds=seconds, first=len(warm.seconds))
    if answers.refused:
        raise RuntimeError(f"{answers.refused} requests were refused")
    return {"cpu_us": (cpu_seconds(tally.process.pid) - cpu) / answers.accepted * 1e6}


async def _events(ground: Ground, tally: Running, seconds: float, begin: Callable[[], Awaitable[None]]) -> Figures:
    topic = tally.topic("tally.events")
    await backlog.fill(ground, topic, EVENTS)
    return await backlog.drain(
        ground, tally.process, tally.start, group=tally.group, topic=topic, seconds=seconds, begin=begin
    )


async def _snapshot(tally: Running) -> Snapshot:
    answer = (await tally.client.get(PATH)).json()
    return Snapshot({name: (spent, calls) for name, (spent, calls) in answer["stages"].items()}, answer["process"])


def _between(before: Snapshot, after: Snapshot) -> Breakdown:
    """Microseconds per item."""
    items = after.items - before.items
    spent = {name: after.stages[name][0] - before.stages[name][0] for name in after.stages}
    whole = after.process - before.process
    measuring = spent.pop(MEASURING)
    spent |= {THREADS: whole - measuring - sum(spent.values()), MEASURING: measuring}
    return {name: one / items / 1e3 for name, one in {**spent, WHOLE: whole}.items()}


def _middle(rounds: list[Breakdown]) -> Breakdown:
    return {name: median(one[name] for one in rounds) for name in rounds[0]}
