"""The embedded broker's gateway: a fetch waits for a record, as on Apache Kafka, and nothing else changes."""

import asyncio
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from support import eventually

from kontor_local import broker_gateway
from kontor_local.broker_gateway import FETCH_VERSIONS, MAX_WAIT_SECONDS, is_empty
from kontor_local.connected import connected
from kontor_local.ports import HOST, Port, is_open
from kontor_local.servers import Broker

RECORDS = b"\0" * 61


def answer(version: int, *, error: int = 0, records: bytes = b"") -> bytes:
    """The answer to a fetch of two partitions of one topic, as the protocol's guide lays it out."""
    body = struct.pack(">i", 0) if version >= 1 else b""
    body += struct.pack(">hi", 0, 7) if version >= 7 else b""
    body += struct.pack(">ih1si", 1, 1, b"t", 2)
    for partition, found in ((0, b""), (1, records)):
        body += struct.pack(">ihq", partition, error if partition else 0, 5)
        body += struct.pack(">q", 5) if version >= 4 else b""
        body += struct.pack(">q", 0) if version >= 5 else b""
        body += struct.pack(">iqq", 1, 9, 3) if version >= 4 else b""
        body += struct.pack(">i", -1) if version >= 11 else b""
        body += struct.pack(">i", len(found)) + found
    return body


@pytest.mark.parametrize("version", FETCH_VERSIONS)
def test_an_answer_is_empty_without_records_and_errors(version: int) -> None:
    assert is_empty(answer(version), version)
    assert not is_empty(answer(version, records=RECORDS), version)
    assert not is_empty(answer(version, error=1), version)


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    broker = Broker(tmp_path / "broker")
    await broker.start()
    async with connected(AIOKafkaAdminClient(bootstrap_servers=broker.url)) as admin:
        await admin.create_topics([NewTopic("t", 1, 1)])
    yield broker
    await broker.stop()


async def test_an_idle_fetch_waits_and_a_record_ends_the_wait(broker: Broker) -> None:
    where = {"bootstrap_servers": broker.url}
    async with (
        connected(AIOKafkaConsumer("t", **where, auto_offset_reset="earliest", enable_auto_commit=False)) as consumer,
        connected(AIOKafkaProducer(**where)) as producer,
    ):
        assert not await consumer.getmany(timeout_ms=int(MAX_WAIT_SECONDS * 2000))
        waiting = asyncio.create_task(consumer.getone())
        await producer.send_and_wait("t", b"one")
        assert (await waiting).value == b"one"


async def test_clients_are_sent_to_the_gateway_and_not_past_it(broker: Broker) -> None:
    async with connected(AIOKafkaAdminClient(bootstrap_servers=broker.url)) as admin:
        [node] = (await admin.describe_cluster())["brokers"]
    assert f"{node['host']}:{node['port']}" == broker.url


async def test_a_request_behind_a_waiting_fetch_is_answered_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some 100 s of waiting otherwise: clients send other requests on the connection of their fetches."""
    monkeypatch.setattr(broker_gateway, "MAX_WAIT_SECONDS", 1000.0)

    async def broker(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            size, api, version, correlation = struct.unpack(">ihhi", await reader.readexactly(12))
            await reader.readexactly(size - 8)
            body = answer(version) if api == broker_gateway.FETCH else b""
            writer.write(struct.pack(">ii", 4 + len(body), correlation) + body)

    listen, behind = Port(), Port()
    server = await asyncio.start_server(broker, HOST, behind.release())
    gateway = asyncio.create_task(broker_gateway.Gateway(listen.release(), behind.number).serve())
    await eventually(lambda: asyncio.to_thread(is_open, listen.number))
    reader, writer = await asyncio.open_connection(HOST, listen.number)
    writer.write(struct.pack(">ihhi", 8, broker_gateway.FETCH, 4, 1))
    await asyncio.sleep(0)
    writer.write(struct.pack(">ihhi", 8, 18, 0, 2))
    size, correlation = struct.unpack(">ii", await reader.readexactly(8))
    assert correlation == 1
    await reader.readexactly(size - 4)
    assert struct.unpack(">ii", await reader.readexactly(8)) == (4, 2)
    writer.close()
    gateway.cancel()
    server.close()
