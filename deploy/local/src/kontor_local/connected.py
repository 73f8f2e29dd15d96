"""aiokafka's clients, closed whatever happens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

Client = TypeVar("Client", AIOKafkaProducer, AIOKafkaConsumer, AIOKafkaAdminClient)


@asynccontextmanager
async def connected(client: Client) -> AsyncIterator[Client]:
    """Started, and stopped at the end; where it cannot start, too, which the clients' own ``async with`` leaves out.

    Do not put a time limit around it: cancelled while it connects, aiokafka loses the connection open. Give the client a
    ``request_timeout_ms`` instead. Raises KafkaError where nobody answers.
    """
    try:
        await client.start()
        yield client
    finally:
        await _closed(client)


async def _closed(client: Client) -> None:
    """A consumer cancels its fetches at its end, and lets out the CancelledError of one that has just failed."""
    try:
        await (client.close() if isinstance(client, AIOKafkaAdminClient) else client.stop())
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
