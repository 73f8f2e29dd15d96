"""A producer that survives its own fatal errors.

aiokafka's idempotent producer stops for good after some broker failures (OutOfOrderSequenceNumber and kin). It is then
replaced. What was in flight fails, and the outbox sends it again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    RecordTooLargeError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)
from aiokafka.partitioner import DefaultPartitioner

from chassis.errors import PermanentError, UnavailableError

NEVER = (
    MessageSizeTooLargeError,
    RecordTooLargeError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
    InvalidTopicError,
)
MAX_REQUEST_BYTES = 2 * 1024 * 1024
BATCH_BYTES = 256 * 1024
"""Of records that are sent together. A single one may be larger."""
STOP_SECONDS = 3.0

log = structlog.get_logger("chassis.kafka.producer")


BY_KEY = DefaultPartitioner()


class Message(NamedTuple):
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, Any]]


class Producer:
    """acks=all, idempotent, murmur2. One instance per process."""

    def __init__(self, options: dict[str, Any], *, timeout: float) -> None:
        self._options = options
        self._timeout = timeout
        self._producer: AIOKafkaProducer | None = None
        self._rebuild = asyncio.Lock()

    async def start(self) -> None:
        self._producer = await self._new()

    async def stop(self) -> None:
        """Flush what is in flight, for at most a few seconds."""
        if self._producer is not None:
            await _stop(self._producer)

    async def send(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, Any]]
    ) -> None:
        """Return once every in-sync replica has the record.

        Raises UnavailableError when it may go through later (it may also have gone through: a later duplicate is possible),
        PermanentError when the broker will never take it.
        """
        async with self._asking(topic) as producer:
            if key is None and value is None:
                # ``send`` refuses one with neither. Any partition will do: it belongs with no other.
                partition = min(await producer.partitions_for(topic))
                sent = await _send_batch(producer, topic, partition, [Message(None, None, headers)])
            else:
                sent = await producer.send(topic, value, key=key, headers=headers)
            await sent

    async def send_batch(self, topic: str, partition: int, messages: "Sequence[Message]") -> None:
        """The same for records that belong to one partition: in this order, all of them or none."""
        async with self._asking(topic) as producer:
            await (await _send_batch(producer, topic, partition, messages))

    async def partitioner(self, topic: str) -> Callable[[bytes], int]:
        """The partition of a key, as every other client of Kafka finds it. Raises as ``send``."""
        async with self._asking(topic) as producer:
            partitions = sorted(await producer.partitions_for(topic))
        return lambda key: int(BY_KEY(key, partitions, partitions))

    @property
    def batch_bytes(self) -> int:
        return BATCH_BYTES

    @asynccontextmanager
    async def _asking(self, topic: str) -> AsyncIterator[AIOKafkaProducer]:
        """The producer, for so long as it may take; its errors in our words."""
        producer = self._producer
        if producer is None:
            raise UnavailableError("the producer is being replaced")
        try:
            async with asyncio.timeout(self._timeout):
                yield producer
        except NEVER as error:
            raise PermanentError(f"{topic}: {type(error).__name__}") from error
        except TimeoutError as error:
            raise UnavailableError(f"{topic}: no acknowledgement within {self._timeout} s") from error
        except KafkaError as error:
            if not error.retriable:
                await self._replace(producer)
            raise UnavailableError(f"{topic}: {type(error).__name__}") from error

    async def _new(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            **self._options,
            acks="all",
            enable_idempotence=True,
            max_request_size=MAX_REQUEST_BYTES,
            max_batch_size=2 * BATCH_BYTES,
            request_timeout_ms=int(self._timeout * 1000),
            retry_backoff_ms=50,
        )
        try:
            await producer.start()
        except BaseException:
            await _stop(producer)
            raise
        return producer

    async def _replace(self, broken: AIOKafkaProducer) -> None:
        async with self._rebuild:
            if self._producer is not broken:
                return
            log.warning("producer_replaced", held=True)
            self._producer = None
            await _stop(broken)
            try:
                self._producer = await self._new()
            except KafkaError as error:
                # The next send finds no producer; the sweep comes back and asks for one again.
                self._producer = None
                log.warning("producer_not_replaced", error=type(error).__name__, held=True)

    async def ensure(self) -> None:
        """Make a producer where an earlier attempt failed. Raises UnavailableError."""
        if self._producer is None:
            async with self._rebuild:
                if self._producer is None:
                    try:
                        self._producer = await self._new()
                    except KafkaError as error:
                        raise UnavailableError(f"broker: {type(error).__name__}") from error

    async def ping(self) -> None:
        """Raises UnavailableError where the broker does not answer."""
        if self._producer is None:
            raise UnavailableError("no producer")
        try:
            async with asyncio.timeout(3):
                await self._producer.client.fetch_all_metadata()
        except (KafkaError, TimeoutError) as error:
            raise UnavailableError(f"broker: {type(error).__name__}") from error


async def _send_batch(
    producer: AIOKafkaProducer, topic: str, partition: int, messages: Sequence[Message]
) -> "asyncio.Future[Any]":
    """Done once every in-sync replica has them."""
    batch = producer.create_batch()
    for key, value, headers in messages:
        if batch.append(key=key, value=value, timestamp=None, headers=headers) is None:
            raise RecordTooLargeError(f"{len(messages)} records are more than one batch takes")
    batch.close()
    sent: asyncio.Future[Any] = await producer.send_batch(batch, topic, partition=partition)
    sent.add_done_callback(_heard)
    # Shielded: aiokafka cannot go on with a batch whose future was cancelled by somebody who stopped waiting.
    return asyncio.shield(sent)


def _heard(sent: "asyncio.Future[Any]") -> None:
    """An error that nobody waits for any more is no news."""
    if not sent.cancelled():
        sent.exception()


async def _stop(producer: AIOKafkaProducer) -> None:
    with suppress(TimeoutError, KafkaError):
        async with asyncio.timeout(STOP_SECONDS):
            await producer.stop()
