"""aiokafka's clients, closed whatever happens."""

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
        await (client.close() if isinstance(client, AIOKafkaAdminClient) else client.stop())
