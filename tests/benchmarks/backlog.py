"""A topic full of records, and how fast a consumer group gets through it."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner
from service.chassis.tally.messages import AmountAdded

from benchmarks.ground import Ground, cpu_seconds
from benchmarks.measure import Figures
from kontor_contracts import encode, new_envelope
from kontor_local.connected import connected
from kontor_local.processes import Process

COUNTERS = 500
PATIENCE = 60.0
BATCH_BYTES = 16 * 1024
"""As the client itself would send them, and what the embedded broker is quickest to give back."""
REQUEST_BYTES = 4 * 1024 * 1024
BY_KEY = DefaultPartitioner()
LOOK_EVERY = 0.05
"""Seconds between two looks at the commits. Each costs this machine some of what is measured on it."""


Addition = tuple[int, int]
"""A counter, and the number of its event."""
Write = Callable[..., Awaitable[None]]
"""``await write(additions, first=...)``: send them and wait for the broker; ``first`` tells their ids from other calls'."""


async def fill(ground: Ground, topic: str, count: int, counters: int = COUNTERS) -> None:
    """So many amounts, one after the other for each counter."""
    async with writing(ground, topic) as write:
        await write([(number % counters, number // counters + 1) for number in range(count)], first=0)


async def scatter(ground: Ground, topic: str, count: int, counter: Callable[[], int], *, first: int) -> None:
    """So many amounts for whichever counter is next. Their numbers go on from ``first``, which is as good to a watermark."""
    async with writing(ground, topic) as write:
        await write([(counter(), first + number + 1) for number in range(count)], first=first)


@asynccontextmanager
async def writing(ground: Ground, topic: str) -> AsyncIterator[Write]:
    """In whole batches: record by record, filling a topic would take longer than what is measured on it."""
    producer = AIOKafkaProducer(
        bootstrap_servers=ground.kafka,
        enable_idempotence=True,
        max_batch_size=BATCH_BYTES,
        max_request_size=REQUEST_BYTES,
    )

    async def write(additions: Sequence[Addition], *, first: int) -> None:
        form = Form(datetime.now(UTC))
        batches: dict[int, Any] = {}
        sent: list[Awaitable[object]] = []
        for place, (counter, number) in enumerate(additions, first):
            record = form.filled(f"{topic}-{place}", f"m{counter}", number)
            partition = BY_KEY(record["key"], partitions, partitions)
            batch = batches.setdefault(partition, producer.create_batch())
            if batch.append(timestamp=None, **record) is None:
                sent.append(await producer.send_batch(batch, topic, partition=partition))
                batches[partition] = batch = producer.create_batch()
                batch.append(timestamp=None, **record)
        for partition, batch in batches.items():
            sent.append(await producer.send_batch(batch, topic, partition=partition))
        await asyncio.gather(*sent)

    async with connected(producer):
        partitions = sorted(await producer.partitions_for(topic))
        yield write


class Form:
    """An amount as the tally announces it, encoded once; ``filled`` puts in what tells one from another."""

    ID, COUNTER, NUMBER = "the-id", "the-counter", 9876543210

    def __init__(self, now: datetime) -> None:
        envelope = new_envelope(
            AmountAdded(amount=1, total=1),
            id=self.ID,
            source="/kontor/tally",
            subject=f"counter:{self.COUNTER}",
            time=now,
            sequence=self.NUMBER,
            correlationid=f"c-{self.ID}",
        )
        value, self._headers = encode(envelope)
        # In one go, so that nothing that was put in is taken for a mark.
        self._parts = re.split(f"({self.ID}|{self.COUNTER}|{self.NUMBER})".encode(), value)

    def filled(self, id: str, counter: str, number: int) -> dict[str, Any]:
        given = {self.ID: id, self.COUNTER: counter, str(self.NUMBER): f"{number:010}"}
        marks = {mark.encode(): text.encode() for mark, text in given.items()}
        headers = [(name, marks.get(text, text)) for name, text in self._headers]
        value = b"".join([marks.get(part, part) for part in self._parts])
        return {"key": f"counter:{counter}".encode(), "value": value, "headers": headers}


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
    if first >= total:
        raise RuntimeError(f"{group}: all {total} records were gone at the first look; a longer topic is needed")
    if done <= first:
        raise RuntimeError(f"{group} committed nothing more within {seconds:g} s; measure for longer (SECONDS)")
    return {"value": (done - first) / elapsed, "cpu_us": (cpu_seconds(process.pid) - cpu) / (done - first) * 1e6}


async def _first_commit(ground: Ground, group: str, topic: str) -> int:
    until = time.perf_counter() + PATIENCE
    while not (done := await ground.committed(group, topic)):
        if time.perf_counter() > until:
            raise RuntimeError(f"{group} committed nothing within {PATIENCE} s")
        await asyncio.sleep(LOOK_EVERY)
    return done
