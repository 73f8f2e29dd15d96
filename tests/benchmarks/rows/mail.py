"""From a command accepted to the mail at the SMTP server, on an idle system, beside the hops on the way measured alone."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import replace
from email.message import EmailMessage
from uuid import uuid4

import aiosmtplib
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from motor.motor_asyncio import AsyncIOMotorClient
from service.relationships.stage import Company, Stage

from benchmarks import load
from benchmarks.ground import HOST, Floor, Ground
from benchmarks.measure import Figures, Goal, Row
from kontor_local.connected import connected

P50 = Goal(ratio=2.2, better="less")
P99 = Goal(ratio=4.0, better="less")
MAILS = 40
"""Mails per round."""
IDLE = 0.1
"""Seconds between two, so that nothing of one is still being done when the next begins."""


async def measure(ground: Ground, rounds: int, seconds: float) -> list[Row]:
    """``seconds`` does not matter: one mail after the other, on an idle system."""
    floor, ours = await _both(ground, rounds)
    curves = {"latency": {"kontor": sorted(1e3 * one for one in ours), "floor": sorted(1e3 * one for one in floor)}}
    middle = Row(name="command to mail, p50", unit="ms", goal=P50, kontor=_at(ours, 0.5), floor=_at(floor, 0.5))
    tail = Row(name="command to mail, p99", unit="ms", goal=P99, kontor=_at(ours, 0.99), floor=_at(floor, 0.99))
    return [replace(middle, curves=curves), tail]


def _at(seconds: list[float], share: float) -> Figures:
    return {"value": load.Answers(seconds=seconds).percentile(share) * 1e3}


async def _both(ground: Ground, rounds: int) -> tuple[list[float], list[float]]:
    """Seconds of each mail: the hops alone, and Kontor; interleaved."""
    floors: list[float] = []
    ours: list[float] = []
    async with AsyncExitStack() as stack:
        run = uuid4().hex[:8]
        relationships = await stack.enter_async_context(ground.services.run("relationships", run_id=run))
        await stack.enter_async_context(ground.services.run("notifications", run_id=run))
        topics = await stack.enter_async_context(ground.topics())
        there = Stage(relationships, topics, ground.tokens)
        provider = await there.partner("provider")
        floor = await stack.enter_async_context(ground.floor("commands", serves=True))
        hops = await stack.enter_async_context(_hops(ground, floor))
        await hops.all()
        await _mailed(ground, there, provider)
        for _ in range(rounds * MAILS):
            floors.append(await hops.all())
            await asyncio.sleep(IDLE)
            ours.append(await _mailed(ground, there, provider))
            await asyncio.sleep(IDLE)
    return floors, ours


async def _mailed(ground: Ground, stage: Stage, provider: Company) -> float:
    """Seconds from sending an invitation to its mail. On a bare connection, as the floor's request is."""
    address = f"{uuid4().hex}@kunde.example"
    draft = await stage.invite(provider, "partnership", address)
    bearer = stage.token(provider)["Authorization"]
    path = f"/v1/invitations/{draft['invitation_id']}/send"
    request = load.post(path, b"", idempotency_key=uuid4().hex, authorization=bearer)
    await asyncio.sleep(IDLE)
    began = time.perf_counter()
    answer = await load.once(stage.running.port.number, request)
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise RuntimeError(answer.decode())
    await ground.mailbox.wait_for(lambda mail: address in mail.to)
    return time.perf_counter() - began


class _Hops:
    """A request, a write, a way through a topic, another write, a mail: each by itself, with nothing in between."""

    def __init__(
        self, ground: Ground, floor: Floor, producer: AIOKafkaProducer, consumer: AIOKafkaConsumer, documents: object
    ) -> None:
        self._ground = ground
        self._floor = floor
        self._producer = producer
        self._consumer = consumer
        self._documents = documents

    async def all(self) -> float:
        began = time.perf_counter()
        await self._request()
        await self._write()
        await self._topic()
        await self._write()
        await self._mail()
        return time.perf_counter() - began

    async def _request(self) -> None:
        reader, writer = await asyncio.open_connection(HOST, self._floor.port)
        writer.write(load.get("/readyz", connection="close"))
        await reader.read()
        writer.close()

    async def _write(self) -> None:
        await self._documents.insert_one({"_id": uuid4().hex, "state": "x" * 500})  # type: ignore[attr-defined]

    async def _topic(self) -> None:
        sending = asyncio.ensure_future(self._producer.send_and_wait(self._floor.topic, b"x" * 500, key=b"k"))
        # Not `getone`: it leaves its partition out of the fetch that is then on its way, which Kafka holds for half a second.
        while not await self._consumer.getmany(timeout_ms=1000):
            pass
        await sending

    async def _mail(self) -> None:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "a@bench.example", "b@bench.example", "bench"
        mail.set_content("x" * 500)
        await aiosmtplib.send(mail, hostname=HOST, port=self._ground.mailbox.port.number, start_tls=False)


@asynccontextmanager
async def _hops(ground: Ground, floor: Floor) -> AsyncIterator[_Hops]:
    producer = AIOKafkaProducer(bootstrap_servers=ground.kafka, acks="all", enable_idempotence=True)
    consumer = AIOKafkaConsumer(floor.topic, bootstrap_servers=ground.kafka, auto_offset_reset="earliest")
    client: AsyncIOMotorClient[dict[str, object]] = AsyncIOMotorClient(ground.mongo)
    with closing(client):
        async with connected(producer), connected(consumer):
            yield _Hops(ground, floor, producer, consumer, client[floor.database]["writes"])
