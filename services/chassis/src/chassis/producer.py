"""A producer that survives its own fatal errors.

aiokafka's idempotent producer stops for good after some broker failures (OutOfOrderSequenceNumber and kin). It is then
thrown away and made anew; whatever was in flight fails, and the outbox sends it again.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

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

from chassis.failures import PermanentError, UnavailableError

NEVER = (
    MessageSizeTooLargeError,
    RecordTooLargeError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
    InvalidTopicError,
)
MAX_REQUEST_BYTES = 2 * 1024 * 1024
STOP_SECONDS = 3.0

log = structlog.get_logger("chassis.producer")


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
        producer = self._producer
        if producer is None:
            raise UnavailableError("the producer is being made anew")
        try:
            async with asyncio.timeout(self._timeout):
                sent = await (
                    producer.send(topic, value, key=key, headers=headers)
                    if key is not None or value is not None
                    else _send_nothing(producer, topic, headers)
                )
                await sent
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
            log.warning("producer replaced")
            self._producer = None
            await _stop(broken)
            try:
                self._producer = await self._new()
            except KafkaError:
                # The next send finds no producer; the sweep comes back and asks for one again.
                self._producer = None
                log.exception("no new producer yet")

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


async def _send_nothing(producer: AIOKafkaProducer, topic: str, headers: Sequence[tuple[str, Any]]) -> Any:
    """A record with neither key nor value, which ``send`` refuses. Any partition will do: it belongs with no other."""
    batch = producer.create_batch()
    batch.append(key=None, value=None, timestamp=None, headers=headers)
    batch.close()
    partitions = await producer.partitions_for(topic)
    return await producer.send_batch(batch, topic, partition=min(partitions))


async def _stop(producer: AIOKafkaProducer) -> None:
    with suppress(TimeoutError, KafkaError):
        async with asyncio.timeout(STOP_SECONDS):
            await producer.stop()
