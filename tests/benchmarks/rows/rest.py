"""What a service needs before it has done anything: memory at rest, and the time from its start to /readyz."""

import asyncio
import time
from statistics import median

from benchmarks.ground import Ground, resident_bytes
from benchmarks.measure import Figures, Goal, Row
from kontor_contracts.topics import SERVICES

MEMORY = Goal(ratio=110.0, better="less")
START = Goal(ratio=1.5, better="less")
AT_REST_AFTER = 3.0
"""Seconds after which a service that nobody asks anything has settled."""


async def measure(ground: Ground, rounds: int, seconds: float) -> list[Row]:
    """``seconds`` does not matter: nothing is asked of the services."""
    found = [await _looked_at(ground) for _ in range(rounds)]
    return [
        Row(name="memory at rest, the largest", unit="MB", goal=MEMORY, kontor=_largest(found, "MB")),
        Row(name="start to ready, the slowest", unit="s", goal=START, kontor=_largest(found, "s")),
    ]


def _largest(rounds: list[dict[str, Figures]], what: str) -> Figures:
    by_service = {service: median(one[service][what] for one in rounds) for service in SERVICES}
    return {"value": max(by_service.values()), **by_service}


async def _looked_at(ground: Ground) -> dict[str, Figures]:
    found: dict[str, Figures] = {}
    for service in SERVICES:
        async with ground.services.run(service, start=False) as running:
            began = time.perf_counter()
            await running.start()
            took = time.perf_counter() - began
            await asyncio.sleep(AT_REST_AFTER)
            found[service] = {"s": took, "MB": resident_bytes(running.process.pid) / 1e6}
    return found
