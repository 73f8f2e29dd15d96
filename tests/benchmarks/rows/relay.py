"""Pending events published per second: what a broker's long absence leaves in the documents."""

import time
from datetime import UTC, datetime
from functools import partial
from typing import Any

from harness.pending import Unpublished
from harness.running import Running
from service.chassis.tally.aggregates import COUNTER
from service.chassis.tally.domain import AddAmount
from support import eventually

from benchmarks.ground import Ground, cpu_seconds
from benchmarks.measure import Figures, Goal, Row, by_turns
from chassis.aggregate.handler import Handler
from chassis.aggregate.model import Cause
from kontor_local.processes import ProcessError

PENDING = 100_000
EACH = 10
"""Events per document."""
CHUNK = 1000
PATIENCE = 300.0
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


async def measure(ground: Ground, rounds: int, seconds: float, pending: int = PENDING) -> list[Row]:
    size = 0

    async def of_kontor() -> Figures:
        nonlocal size
        async with ground.tally(start=False) as tally:
            size = await _leave(ground, tally, pending // EACH)
            return await _drain(ground, tally, pending)

    async def of_floor() -> Figures:
        given: dict[str, Any] = {"FLOOR_COUNT": pending, "FLOOR_KEYS": pending // EACH, "FLOOR_BYTES": size or 600}
        async with ground.floor("sending", start=False, **given) as floor:
            await floor.start()
            if await floor.process.wait(120) != 0:
                raise ProcessError("the floor failed")
            return {"value": pending / float(floor.output.read_text())}

    floors, ours = await by_turns(of_floor, of_kontor, rounds)
    return [Row(name="relay drain", unit="1/s", goal=Goal(ratio=0.5), kontor=ours, floor=floors)]


async def _leave(ground: Ground, tally: Running, documents: int) -> int:
    """Counters with events that nobody has published; how many bytes an event has."""
    collection = ground.documents.collection(tally)
    for start in range(0, documents, CHUNK):
        unpublished = Unpublished()
        handler = Handler(unpublished, unpublished, service="tally")
        cause = Cause(id="seed", time=datetime.now(UTC), correlation_id="seed", actor="anonymous")
        for number in range(start, min(start + CHUNK, documents)):
            for _ in range(EACH):
                await handler.handle(COUNTER, COUNTER.id(f"c{number}"), AddAmount(1), cause)
        await collection.insert_many(unpublished.documents.values())
    return len(next(iter(unpublished.documents.values()))["out"][0]["b"])


async def _drain(ground: Ground, tally: Running, pending: int) -> Figures:
    topic = tally.topic("tally.events")
    await tally.start(ready=False)
    first = await eventually(lambda: ground.records(topic), every=0.01)
    began, cpu, pid = time.perf_counter(), cpu_seconds(tally.process.pid), tally.process.pid
    # Each look costs some of what is measured.
    await eventually(partial(_reached, ground, topic, pending), timeout=PATIENCE, every=0.2)
    elapsed = time.perf_counter() - began
    collection = ground.documents.collection(tally)
    await eventually(partial(_cleared, collection), timeout=PATIENCE)
    cleared = time.perf_counter() - began
    return {
        "value": (pending - first) / cleared,
        "published": (pending - first) / elapsed,
        "cpu_us": (cpu_seconds(pid) - cpu) / (pending - first) * 1e6,
    }


async def _reached(ground: Ground, topic: str, count: int) -> bool:
    return await ground.records(topic) >= count


async def _cleared(collection: Any) -> bool:
    # By $exists the embedded database would read the whole collection, again and again, and be slower for who is measured.
    return await collection.find_one({"ob.at": {"$gt": LONG_AGO}}, {"_id": 1}) is None
