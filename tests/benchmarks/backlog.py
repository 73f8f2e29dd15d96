"""A topic full of records, and how fast a consumer group gets through it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from aiokafka import AIOKafkaProducer

from benchmarks.ground import Ground, cpu_seconds
from benchmarks.ledger.messages import Measured
from benchmarks.measure import Figures
from kontor_contracts import encode, new_envelope
from kontor_local.processes import Process

METERS = 500
PATIENCE = 60.0
LOOK_EVERY = 0.05
"""Seconds between two looks at the commits. Each costs this machine some of what is measured on it."""


Reading = tuple[int, int]
"""A meter, and the number of its event."""
Write = Callable[..., Awaitable[None]]
"""``await write(readings, first=...)``: send them and wait for the broker; ``first`` tells their ids from other calls'."""


async def fill(ground: Ground, topic: str, count: int, meters: int = METERS) -> None:
    """So many readings, one after the other for each meter."""
    async with writing(ground, topic) as write:
        await write([(number % meters, number // meters + 1) for number in range(count)], first=0)


async def scatter(ground: Ground, topic: str, count: int, meter: Callable[[], int], *, first: int) -> None:
    """So many readings of whichever meter is next. Their numbers go on from ``first``, which is as good to a watermark."""
    async with writing(ground, topic) as write:
        await write([(meter(), first + number + 1) for number in range(count)], first=first)


@asynccontextmanager
async def writing(ground: Ground, topic: str) -> AsyncIterator[Write]:
    producer = AIOKafkaProducer(bootstrap_servers=ground.kafka, enable_idempotence=True, linger_ms=5)
    await producer.start()

    async def write(readings: Sequence[Reading], *, first: int) -> None:
        now = datetime.now(UTC)
        sent = []
        for place, (meter, number) in enumerate(readings, first):
            envelope = new_envelope(
                Measured(meter_id=f"m{meter}", amount=1),
                id=f"{topic}-{place}",
                source="/kontor/meter",
                subject=f"meter:m{meter}",
                time=now,
                sequence=number,
                correlationid=f"c-{place}",
            )
            value, headers = encode(envelope)
            sent.append(await producer.send(topic, value, key=envelope.partitionkey.encode(), headers=list(headers)))
        await asyncio.gather(*sent)

    try:
        yield write
    finally:
        await producer.stop()


async def nothing() -> None:
    """What is done at the beginning where nothing is to be done."""


async def drain(
    ground: Ground,
    process: Process,
    start: Callable[[], Awaitable[None]],
    *,
    group: str,
    topic: str,
    seconds: float,
    begin: Callable[[], Awaitable[None]] = nothing,
) -> Figures:
    """Start the consumer and watch its commits: from the first one on for so long, or to the end of the topic.

    ``begin`` is called when it begins.
    """
    total = await ground.records(topic)
    await start()
    await _first_commit(ground, group, topic)
    await begin()
    first = await ground.committed(group, topic)
    began, cpu, done = time.perf_counter(), cpu_seconds(process.pid), first
    while done < total and time.perf_counter() - began < seconds:
        await asyncio.sleep(LOOK_EVERY)
        done = await ground.committed(group, topic)
    elapsed = time.perf_counter() - began
    if done <= first:
        raise RuntimeError(f"{group}: all {total} records were gone at the first look; a longer topic is needed")
    return {"value": (done - first) / elapsed, "cpu_us": (cpu_seconds(process.pid) - cpu) / (done - first) * 1e6}


async def _first_commit(ground: Ground, group: str, topic: str) -> int:
    until = time.perf_counter() + PATIENCE
    while not (done := await ground.committed(group, topic)):
        if time.perf_counter() > until:
            raise RuntimeError(f"{group} committed nothing within {PATIENCE} s")
        await asyncio.sleep(LOOK_EVERY)
    return done
