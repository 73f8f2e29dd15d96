"""Events applied per second by several instances, and from several partitions.

All instances have joined before there is anything to read: they are stopped (SIGSTOP) while the topic is filled, and let go
together. So what is measured is the work, not the joining.
"""

import asyncio
import os
import signal
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

from harness.running import Running
from support import eventually

from benchmarks import backlog
from benchmarks.ground import PARTITIONS, Ground, cpu_seconds
from benchmarks.measure import Figures, Goal, Row, in_turn

EVENTS = 60_000
INSTANCES = (1, 2, 3, 4)
DIVISIONS = (1, 4, 12)
SESSION = 20
"""Seconds that the group waits for members that are stopped. A quarter of it is how long one takes to hear of another."""
NO_LOSS = Goal(ratio=0.9)


async def measure_instances(ground: Ground, rounds: int, seconds: float) -> list[Row]:
    """``seconds`` does not matter: the topic is read to its end."""
    found = await in_turn([partial(_applied, ground, count, PARTITIONS) for count in INSTANCES], rounds)
    cores = len(os.sched_getaffinity(0))
    return [
        Row(
            name=f"events applied by {INSTANCES[-1]} instances",
            unit="1/s",
            goal=NO_LOSS,
            kontor=found[-1],
            floor=found[0],
            curves={"instances": {"kontor": _curve(INSTANCES, found)}},
            note=f"floor: 1 instance; {cores} processors for instances, broker and database: more of them gain nothing here",
        )
    ]


async def measure_partitions(ground: Ground, rounds: int, seconds: float) -> list[Row]:
    """The same."""
    found = await in_turn([partial(_applied, ground, 1, count) for count in DIVISIONS], rounds)
    return [
        Row(
            name=f"events applied from {DIVISIONS[-1]} partitions",
            unit="1/s",
            kontor=found[-1],
            floor=found[0],
            curves={"partitions": {"kontor": _curve(DIVISIONS, found)}},
            note="floor: 1 partition; one instance. A batch comes from one or two of them: the more there are, the fewer keys",
        )
    ]


def _curve(steps: Sequence[int], found: Sequence[Figures]) -> list[tuple[int, float]]:
    return [(step, figures["value"]) for step, figures in zip(steps, found, strict=True)]


async def _applied(ground: Ground, instances: int, partitions: int) -> Figures:
    async with AsyncExitStack() as stack:
        topics = await stack.enter_async_context(ground.topics())
        env: dict[str, Any] = {"KONTOR_KAFKA_SESSION_TIMEOUT": SESSION}
        first = await stack.enter_async_context(ground.tally(follows=True, partitions=partitions, **env))
        tallies = [first]
        # One after the other: the embedded broker rebalances the group for each.
        await eventually(partial(topics.settled, first.group, 1))
        for number in range(1, instances):
            tallies.append(await stack.enter_async_context(ground.services.another(first)))
            await eventually(partial(topics.settled, first.group, number + 1))
        topic = first.topic("tally.events")
        for tally in tallies:
            tally.signal(signal.SIGSTOP)
        await backlog.fill(ground, topic, EVENTS)
        return await _drained(ground, tallies, topic)


async def _drained(ground: Ground, tallies: Sequence[Running], topic: str) -> Figures:
    cpu = sum(cpu_seconds(tally.process.pid) for tally in tallies)
    began = time.perf_counter()
    for tally in tallies:
        tally.signal(signal.SIGCONT)
    while await ground.committed(tallies[0].group, topic) < EVENTS:
        if time.perf_counter() - began > backlog.PATIENCE:
            raise RuntimeError(f"{len(tallies)} instances did not get through {EVENTS} events")
        await asyncio.sleep(backlog.LOOK_EVERY)
    elapsed = time.perf_counter() - began
    used = sum(cpu_seconds(tally.process.pid) for tally in tallies) - cpu
    return {"value": EVENTS / elapsed, "cpu_us": used / EVENTS * 1e6}
