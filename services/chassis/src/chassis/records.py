"""One record to its one outcome: applied, duplicate, ignored or parked."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

import structlog
from aiokafka import ConsumerRecord

from chassis import about
from chassis.deadletter import Failure, Stage, WaitingError
from chassis.decider import Cause, CommandKey, Order, Position, derived_id
from chassis.failures import PermanentError, TransientError
from chassis.handler import Handler
from chassis.metrics import Metrics
from chassis.parking import Parking
from chassis.settings import Settings
from kontor_contracts import Envelope, MalformedError, Payload, UnknownTypeError, UnknownVersionError, decode
from kontor_contracts.topics import Topic

log = structlog.get_logger("chassis.records")

OutcomeName = Literal["applied", "duplicate", "ignored", "parked"]
Reaction = Callable[[Envelope[Any]], Awaitable[Sequence[Order]]]
"""What a service does about a message: the commands that follow from it, each for one aggregate, none for the same."""

UNKNOWN_ERROR_TRIES = 3


WAITS = Failure(
    "wait", WaitingError("a record of the same key before this one is parked; replay or discard that first")
)


class InvalidError(PermanentError):
    """A well-formed message that breaks a rule of its topic. ``stray``: it stands in no aggregate's order."""

    def __init__(self, text: str, *, stray: bool = False) -> None:
        super().__init__(text)
        self.stray = stray


class _GivenUpError(Exception):
    """A reaction's last word, and how often it was asked."""

    def __init__(self, error: Exception, attempts: int) -> None:
        self.error = error
        self.attempts = attempts


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """``stopping`` ends the waits between tries."""

    settings: Settings
    topics: Mapping[str, Topic]
    reactions: Mapping[type[Payload], Reaction]
    handler: Handler
    parking: Parking
    metrics: Metrics
    stopping: asyncio.Event

    async def finish(self, record: ConsumerRecord) -> None:
        """Bring it to its outcome. Raises TransientError when the waits in place were not enough, FloodError."""
        about.record(record)
        kind, outcome = await self._outcome(record)
        self.metrics.record_done(record.topic, kind, outcome)

    async def attempt(self, record: ConsumerRecord) -> OutcomeName | Failure:
        """Try it once more, whatever stands before it. Parks nothing. Raises TransientError."""
        return await self._apply(self._read(record), record)

    async def _outcome(self, record: ConsumerRecord) -> tuple[str, OutcomeName]:
        if self.parking.has(record):
            return "?", "duplicate"
        message = self._read(record)
        kind = message.type if isinstance(message, Envelope) else "?"
        if isinstance(message, Failure) and not message.blocks:
            return kind, await self._park(record, message)
        standing = await self.parking.lanes.turn(record)
        result = WAITS if standing == "waiting" else await self._apply(message, record)
        if isinstance(message, Envelope):
            self.metrics.record_age(record.topic, (self.settings.now() - message.time).total_seconds())
        if isinstance(result, Failure):
            return kind, await self._park(record, result)
        if standing == "first":
            # It was parked, or about to be, by a process that did not come to commit it.
            await self.parking.close(record, result)
        return kind, result

    async def _apply(self, message: "Envelope[Any] | Failure | None", record: ConsumerRecord) -> OutcomeName | Failure:
        if isinstance(message, Failure):
            return message
        if message is None:
            return "ignored"
        about.message(message)
        try:
            return await self._react_patiently(message, record)
        except _GivenUpError as last:
            stage: Stage = "validate" if isinstance(last.error, InvalidError) else "handle"
            return Failure(stage, last.error, last.attempts)

    def _read(self, record: ConsumerRecord) -> "Envelope[Any] | Failure | None":
        """None: nothing for us. What has no place in the order of an aggregate holds none up when it is parked."""
        try:
            return self._envelope(record)
        except UnknownTypeError as error:
            # New event types are additions that older readers let pass; a command nobody knows is somebody's mistake.
            return Failure("parse", error) if self.topics[record.topic].kind == "commands" else None
        except MalformedError as error:
            # The data comes last: where it is at fault, the envelope around it was found good.
            ordered = isinstance(error, UnknownVersionError) or error.field.partition(".")[0] == "data"
            return Failure("parse", error, blocks=ordered)
        except InvalidError as error:
            return Failure("validate", error, blocks=not error.stray)

    def _envelope(self, record: ConsumerRecord) -> Envelope[Any]:
        topic = self.topics[record.topic]
        envelope = decode(record.value, record.headers, topic.types)
        if record.key != envelope.partitionkey.encode():
            raise InvalidError("partitionkey: the record's key must equal it, or order is lost", stray=True)
        if topic.kind == "events":
            if envelope.source != f"/kontor/{topic.owner}":
                raise InvalidError(f"source: only /kontor/{topic.owner} announces on this topic", stray=True)
            if envelope.sequence < 1:
                raise InvalidError("sequence: an event carries its number within the aggregate, from 1", stray=True)
        owner = vars(envelope.data).get("organization_id")
        if owner is not None and envelope.tenantid not in (None, owner):
            raise InvalidError("tenantid: it differs from the organization in the data")
        return envelope

    async def _react_patiently(self, envelope: Envelope[Any], record: ConsumerRecord) -> OutcomeName:
        """React, waiting out transient trouble; an error we do not know gets a few tries before it counts."""
        delays = self.settings.retry_delays
        for attempt in range(1, len(delays) + 2):
            try:
                return await self._react(envelope, record)
            except PermanentError as error:
                raise _GivenUpError(error, attempt) from error
            except TransientError as error:
                if attempt > len(delays):
                    raise
                log.warning("record waits", attempt=attempt, error=str(error))
            except Exception as error:
                if attempt > len(delays) or attempt >= UNKNOWN_ERROR_TRIES:
                    raise _GivenUpError(error, attempt) from error
                log.warning("record retried", attempt=attempt, error=type(error).__name__)
            self.metrics.retries.labels(record.topic).inc()
            await self._wait(delays[attempt - 1])
        raise AssertionError("unreachable")

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.stopping.wait()
        if self.stopping.is_set():
            raise TransientError("stopping")

    async def _react(self, envelope: Envelope[Any], record: ConsumerRecord) -> OutcomeName:
        reaction = self.reactions.get(type(envelope.data))
        orders = await reaction(envelope) if reaction else ()
        if not orders:
            return "ignored"
        if len(orders) > 1 and len({order.id for order in orders}) < len(orders):
            # The second would be taken for a repetition of the first.
            raise PermanentError(f"the reaction to {envelope.type} gives two orders to one aggregate")
        cause = _cause(envelope, record, self.topics[record.topic], self.settings.now())
        outcome: OutcomeName = "duplicate"
        for order in orders:
            if (await self.handler.handle(order.aggregate, order.id, order.command, cause)).status != "duplicate":
                outcome = "applied"
        return outcome

    async def _park(self, record: ConsumerRecord, failure: Failure) -> Literal["parked"]:
        await self.parking.park(record, failure)
        return "parked"


def _cause(envelope: Envelope[Any], record: ConsumerRecord, topic: Topic, now: datetime) -> Cause:
    if topic.kind == "events":
        source, number = f"{topic.name}|{envelope.subject}", envelope.sequence
        key = None
    else:
        # Commands have no sequence. Their place in the log orders them, their id catches a producer's own repetition.
        # Those of one key alone: different keys are handled side by side, and a parked one comes later than the others.
        source, number = f"{topic.name}|{record.partition}|{envelope.partitionkey}", record.offset + 1
        key = CommandKey(derived_id(envelope.source, envelope.id), envelope.type)
    return Cause(
        id=envelope.id,
        time=now,
        correlation_id=envelope.correlationid,
        actor=envelope.actor or "anonymous",
        tenant=envelope.tenantid,
        traceparent=envelope.traceparent,
        position=Position(_short(source), number),
        key=key,
        on_bus=True,
    )


@lru_cache(maxsize=4096)
def _short(source: str) -> str:
    """A field's name for a source, in the documents that follow it."""
    return hashlib.blake2b(source.encode(), digest_size=9).hexdigest()
