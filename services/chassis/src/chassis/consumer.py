"""The consumer: records to commands, in order per key, each record with exactly one outcome.

Records come in batches. Those of one key are one lane and run one after the other; lanes run side by side. The offsets
are committed once every record of the batch has its outcome: applied, duplicate, ignored or parked. Where transient
trouble outlasts the waits in place, the batch is committed as far as it got, the rest is rewound and read again.
"""

import asyncio
import hashlib
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker

from chassis.deadletter import Stage, dead_letter_headers, fingerprint
from chassis.decider import Cause, CommandKey, Order, Position, derived_id
from chassis.failures import PermanentError, TransientError
from chassis.handler import Handler
from chassis.metrics import Metrics
from chassis.producer import Producer
from chassis.settings import Settings
from kontor_contracts import Envelope, MalformedError, Payload, UnknownTypeError, decode
from kontor_contracts.topics import Topic

log = structlog.get_logger("chassis.consumer")

OutcomeName = Literal["applied", "duplicate", "ignored", "parked"]
Reaction = Callable[[Envelope[Any]], Awaitable[Sequence[Order]]]
"""What a service does about a message: the commands that follow from it, each for one aggregate."""

UNKNOWN_ERROR_TRIES = 3
PARK_WINDOW_SECONDS = 60.0
POLL_MS = 20


@dataclass(frozen=True, slots=True)
class Batch:
    """What FastStream hands over: the untouched records and the consumer they came from."""

    records: tuple[ConsumerRecord, ...]
    consumer: AIOKafkaConsumer


class InvalidError(PermanentError):
    """A well-formed message that breaks a rule of its topic."""


class _Flood(Exception):  # noqa: N818  a signal, never shown
    """Too many dead letters in a short time."""


class Consumer:
    """One consumer group, named after its service, over all the topics it reads."""

    def __init__(
        self,
        settings: Settings,
        *,
        group: str,
        topics: Iterable[Topic],
        reactions: Mapping[type[Payload], Reaction],
        handler: Handler,
        producer: Producer,
        metrics: Metrics,
    ) -> None:
        self._settings = settings
        self.group = group
        self._topics = {settings.topic(topic.name): topic for topic in topics}
        self._reactions = reactions
        self._handler = handler
        self._producer = producer
        self._metrics = metrics
        self._parks: deque[float] = deque()
        self._slots = asyncio.Semaphore(settings.batch_concurrency)
        self._stopping = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._busy_since: float | None = None
        self._dlq = settings.topic(f"{group}.dlq")
        self.halted = False

    def register(self, broker: KafkaBroker) -> None:
        """Subscribe. FastStream reads headers before any middleware could guard against bad ones, hence the parser."""
        subscriber = broker.subscriber(
            *self._topics,
            # With the prefix of the topics: stacks that share a broker must not share a group.
            group_id=self._settings.topic(self.group),
            batch=True,
            max_records=self._settings.batch_records,
            batch_timeout_ms=POLL_MS,
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.MANUAL,
            session_timeout_ms=int(self._settings.kafka_session_timeout * 1000),
            heartbeat_interval_ms=int(self._settings.kafka_session_timeout * 1000 / 4),
            parser=_parse,
            decoder=_decode,
            title=f"{self.group}:records",
        )
        subscriber(self.on_batch)

    async def on_batch(self, batch: Batch) -> None:
        """Give every record of the batch its outcome, or rewind to the first that has none. Never raises."""
        if self._stopping.is_set() or self.halted:
            await self._rewind(batch.consumer, _first_offsets(batch.records))
            with suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._stopping.wait()
            return
        self._idle.clear()
        self._busy_since = time.monotonic()
        try:
            self._metrics.batch.observe(len(batch.records))
            unfinished = await self._run_lanes(batch.records)
            await self._settle(batch, unfinished)
        except Exception:
            # Nothing was committed, so the records come again; and they must come from this consumer too.
            log.exception("batch failed")
            await self._rewind(batch.consumer, _first_offsets(batch.records))
        finally:
            self._busy_since = None
            self._idle.set()

    async def drain(self, timeout: float) -> None:
        """Begin no further record; return when the current ones are done and their offsets committed."""
        self._stopping.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._idle.wait()

    def stuck(self, limit: float) -> bool:
        """True when one batch has been in work for longer than ``limit`` seconds."""
        return self._busy_since is not None and time.monotonic() - self._busy_since > limit

    # -- a batch

    async def _run_lanes(self, records: Sequence[ConsumerRecord]) -> list[ConsumerRecord]:
        """Run all lanes; return the first record of each lane that found no outcome."""
        lanes: dict[tuple[str, int, bytes | None], list[ConsumerRecord]] = {}
        for record in records:
            lanes.setdefault((record.topic, record.partition, record.key), []).append(record)
        left = await asyncio.gather(*(self._run_lane(lane) for lane in lanes.values()))
        return [record for record in left if record is not None]

    async def _run_lane(self, lane: Sequence[ConsumerRecord]) -> ConsumerRecord | None:
        async with self._slots:
            for record in lane:
                if self._stopping.is_set() or self.halted:
                    return record
                try:
                    await self._finish(record)
                except TransientError as error:
                    log.warning("record given back", **_place(record), error=str(error))
                    return record
                except _Flood:
                    return record
        return None

    async def _settle(self, batch: Batch, unfinished: Sequence[ConsumerRecord]) -> None:
        ends: dict[TopicPartition, int] = {}
        for record in batch.records:
            place = TopicPartition(record.topic, record.partition)
            ends[place] = max(ends.get(place, 0), record.offset + 1)
        again = _first_offsets(unfinished)
        commits = {place: again.get(place, end) for place, end in ends.items()}
        try:
            await batch.consumer.commit(commits)
        except KafkaError as error:
            # A rebalance took the partitions: their next owner reads these records again and finds duplicates.
            log.warning("commit failed", error=type(error).__name__)
        if again:
            self._metrics.given_back.inc()
            await self._rewind(batch.consumer, again)

    async def _rewind(self, consumer: AIOKafkaConsumer, offsets: Mapping[TopicPartition, int]) -> None:
        for place, offset in offsets.items():
            if place in consumer.assignment():
                consumer.seek(place, offset)

    # -- a record

    async def _finish(self, record: ConsumerRecord) -> None:
        """Bring one record to its outcome. Raises TransientError when the waits in place were not enough."""
        kind = "?"
        attempts = 0
        with structlog.contextvars.bound_contextvars(**_place(record)):
            try:
                envelope = self._read(record)
                kind = envelope.type
                with structlog.contextvars.bound_contextvars(
                    correlation_id=envelope.correlationid, message_id=envelope.id, message_type=kind
                ):
                    outcome, attempts = await self._react_patiently(envelope, record)
                self._metrics.lateness.labels(record.topic).observe(
                    max(0.0, (self._settings.now() - envelope.time).total_seconds())
                )
            except UnknownTypeError as error:
                outcome = await self._unknown(record, error)
            except MalformedError as error:
                outcome = await self._park(record, "parse", error, 1)
            except InvalidError as error:
                outcome = await self._park(record, "validate", error, 1)
            except (TransientError, _Flood):
                raise
            except Exception as error:  # noqa: BLE001  whatever a handler raises is the record's last word
                outcome = await self._park(record, "handle", error, max(attempts, 1))
            self._metrics.records.labels(record.topic, kind, outcome).inc()

    def _read(self, record: ConsumerRecord) -> Envelope[Any]:
        topic = self._topics[record.topic]
        envelope = decode(record.value, record.headers, topic.types)
        if record.key != envelope.partitionkey.encode():
            raise InvalidError("partitionkey: the record's key must equal it, or order is lost")
        if topic.kind == "events":
            if envelope.source != f"/kontor/{topic.owner}":
                raise InvalidError(f"source: only /kontor/{topic.owner} announces on this topic")
            if envelope.sequence < 1:
                raise InvalidError("sequence: an event carries its number within the aggregate, from 1")
        owner = getattr(envelope.data, "organization_id", None)
        if owner is not None and envelope.tenantid not in (None, owner):
            raise InvalidError("tenantid: it differs from the organization in the data")
        return envelope

    async def _react_patiently(self, envelope: Envelope[Any], record: ConsumerRecord) -> tuple[OutcomeName, int]:
        """React, waiting out transient trouble; an error we do not know gets a few tries before it counts."""
        delays = self._settings.retry_delays
        for attempt in range(len(delays) + 1):
            try:
                return await self._react(envelope, record), attempt + 1
            except PermanentError:
                raise
            except Exception as error:
                transient = isinstance(error, TransientError)
                if attempt == len(delays) or (not transient and attempt + 1 >= UNKNOWN_ERROR_TRIES):
                    raise
                log.warning("record retried", attempt=attempt + 1, error=f"{type(error).__name__}: {error}")
            self._metrics.retries.labels(record.topic).inc()
            with suppress(TimeoutError):
                async with asyncio.timeout(delays[attempt]):
                    await self._stopping.wait()
            if self._stopping.is_set():
                raise TransientError("stopping")
        raise AssertionError("unreachable")

    async def _react(self, envelope: Envelope[Any], record: ConsumerRecord) -> OutcomeName:
        reaction = self._reactions.get(type(envelope.data))
        if reaction is None:
            return "ignored"
        orders = await reaction(envelope)
        if not orders:
            return "ignored"
        cause = _cause(envelope, record, self._topics[record.topic], self._settings.now())
        statuses = [
            (await self._handler.handle(order.aggregate, order.id, order.command, cause)).status for order in orders
        ]
        return "duplicate" if all(status == "duplicate" for status in statuses) else "applied"

    async def _unknown(self, record: ConsumerRecord, error: UnknownTypeError) -> OutcomeName:
        # New event types are additions that older readers let pass; a command nobody knows is somebody's mistake.
        if self._topics[record.topic].kind == "commands":
            return await self._park(record, "parse", error, 1)
        return "ignored"

    async def _park(self, record: ConsumerRecord, stage: Stage, error: Exception, attempts: int) -> OutcomeName:
        """Publish the record to the dead-letter topic; it counts as parked once the broker has it."""
        self._guard_flood()
        headers = dead_letter_headers(
            record,
            group=self.group,
            version=self._settings.version,
            stage=stage,
            error=error,
            attempts=attempts,
            now=self._settings.now(),
        )
        await self._producer.ensure()
        await self._producer.send(self._dlq, record.key, record.value, headers)
        self._metrics.dead_letters.labels(record.topic, stage).inc()
        log.error(
            "record parked",
            stage=stage,
            error=f"{type(error).__name__}: {error}",
            fingerprint=fingerprint(record.topic, stage, error),
            exc_info=error if stage == "handle" else None,
        )
        return "parked"

    def _guard_flood(self) -> None:
        while self._parks and time.monotonic() - self._parks[0] > PARK_WINDOW_SECONDS:
            self._parks.popleft()
        if len(self._parks) >= self._settings.park_limit:
            self.halted = True
            self._metrics.halted.set(1)
            log.critical("consumer halted: too many dead letters", limit=self._settings.park_limit)
            raise _Flood
        self._parks.append(time.monotonic())


async def _parse(records: tuple[ConsumerRecord, ...], original: Callable[[Any], Awaitable[Any]]) -> Any:
    # One stub without headers and value is enough to get FastStream's message, and with it the consumer.
    message = await original((replace(records[0], headers=(), value=b""),))
    message.raw_message = records
    return message


async def _decode(message: Any) -> Batch:
    return Batch(message.raw_message, message.consumer)


def _place(record: ConsumerRecord) -> dict[str, Any]:
    return {"topic": record.topic, "partition": record.partition, "offset": record.offset}


def _first_offsets(records: Iterable[ConsumerRecord]) -> dict[TopicPartition, int]:
    first: dict[TopicPartition, int] = {}
    for record in records:
        place = TopicPartition(record.topic, record.partition)
        first[place] = min(first.get(place, record.offset), record.offset)
    return first


def _cause(envelope: Envelope[Any], record: ConsumerRecord, topic: Topic, now: datetime) -> Cause:
    if topic.kind == "events":
        source, number = f"{topic.name}|{envelope.subject}", envelope.sequence
        key = None
    else:
        # Commands have no sequence. Their place in the log orders them, their id catches a producer's own repetition.
        source, number = f"{topic.name}|{record.partition}", record.offset + 1
        key = CommandKey(derived_id(envelope.source, envelope.id), envelope.type)
    return Cause(
        id=envelope.id,
        time=now,
        correlation_id=envelope.correlationid,
        actor=envelope.actor or "anonymous",
        tenant=envelope.tenantid,
        traceparent=envelope.traceparent,
        position=Position(hashlib.blake2b(source.encode(), digest_size=9).hexdigest(), number),
        key=key,
        on_bus=True,
    )
