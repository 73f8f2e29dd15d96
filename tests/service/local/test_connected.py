"""Clients of a broker that dies while they connect to it. pytest makes an error of what they would leave open."""

import asyncio
import gc
from collections.abc import AsyncIterator

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError

from kontor_local.connected import Client, connected


@pytest.fixture
async def dying() -> AsyncIterator[str]:
    """The address of one that takes a connection and hangs up."""

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        yield f"{host}:{port}"


@pytest.mark.parametrize("kind", [AIOKafkaProducer, AIOKafkaConsumer, AIOKafkaAdminClient])
async def test_what_could_not_start_is_closed(kind: type[Client], dying: str, recwarn: pytest.WarningsRecorder) -> None:
    async def fail() -> None:
        with pytest.raises(KafkaConnectionError):
            async with connected(kind(bootstrap_servers=dying)):
                pytest.fail("started without a broker")

    await fail()
    gc.collect()
    assert not [str(warning.message) for warning in recwarn]
