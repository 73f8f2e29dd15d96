"""Events applied per second from a backlog: with the database, and with the database taken out."""

from functools import partial
from typing import Any

from benchmarks import backlog
from benchmarks.backlog import COUNTERS
from benchmarks.ground import Ground
from benchmarks.measure import Figures, Goal, Row, by_turns

BACKLOG = 60_000
LONG_BACKLOG = 240_000
"""Without a database more is done in the same time, and the floor is to take longer than a few looks at its commits."""


async def measure(ground: Ground, rounds: int, seconds: float) -> list[Row]:
    """Of subjects that come again and again; and of such as come once each, where nothing is remembered and nothing shared."""
    usual = await _beside_the_floor(ground, rounds, seconds, COUNTERS)
    once = await _beside_the_floor(ground, rounds, seconds, BACKLOG)
    return [
        Row(name="events applied", unit="1/s", goal=Goal(ratio=4.0), kontor=usual[1], floor=usual[0]),
        Row(name="events applied, each of its own", unit="1/s", kontor=once[1], floor=once[0]),
    ]


async def _beside_the_floor(ground: Ground, rounds: int, seconds: float, counters: int) -> tuple[Figures, Figures]:
    floor = partial(_floor, ground, "events", BACKLOG, seconds, counters)
    return await by_turns(floor, partial(_kontor, ground, BACKLOG, seconds, counters), rounds)


async def measure_without_database(ground: Ground, rounds: int, seconds: float) -> list[Row]:
    floor = partial(_floor, ground, "reading", LONG_BACKLOG, seconds)
    ours = partial(_kontor, ground, LONG_BACKLOG, seconds, TALLY_STORE="memory")
    floors, found = await by_turns(floor, ours, rounds)
    return [Row(name="events applied, no database", unit="1/s", goal=Goal(ratio=0.4), kontor=found, floor=floors)]


async def _kontor(ground: Ground, count: int, seconds: float, counters: int = COUNTERS, **env: Any) -> Figures:
    async with ground.tally(follows=True, start=False, **env) as tally:
        topic = tally.topic("tally.events")
        await backlog.fill(ground, topic, count, counters)
        return await backlog.drain(ground, tally.process, tally.start, group=tally.group, topic=topic, seconds=seconds)


async def _floor(ground: Ground, module: str, count: int, seconds: float, counters: int = COUNTERS) -> Figures:
    async with ground.floor(module, start=False) as floor:
        await backlog.fill(ground, floor.topic, count, counters)
        return await backlog.drain(
            ground, floor.process, floor.start, group=floor.topic, topic=floor.topic, seconds=seconds
        )
