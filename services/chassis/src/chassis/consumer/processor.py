"""One record to its one outcome: applied, duplicate, ignored or parked."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

import structlog
from aiokafka import ConsumerRecord, TopicPartition

from chassis import tracing
from chassis.aggregate.handler import Handler
from chassis.aggregate.model import Step
from chassis.configuration.settings import Settings
from chassis.consumer.bad_commands import bad_command, cause_of
from chassis.consumer.coalescing import Coalescer
from chassis.consumer.dead_letters.headers import Failure, WaitingError
from chassis.consumer.dead_letters.parking import Parking
from chassis.consumer.decoder import Decoder, InvalidError
from chassis.consumer.reactions import Reactions, dispatches_of
from chassis.errors import KeyRefusedError, PermanentError, SequenceJumpError, TransientError
from chassis.observability import context as about
from chassis.observability.metrics import Metrics
from kontor_contracts import Envelope

log = structlog.get_logger("chassis.consumer.processor")

OutcomeName = Literal["applied", "duplicate", "ignored", "parked"]
UNKNOWN_ERROR_TRIES = 3


WAITS = Failure(
    "wait", WaitingError("a record of the same key before this one is parked; replay or discard that first")
)


class _GivenUpError(Exception):
    """A reaction's last word, and how often it was asked."""

    def __init__(self, error: Exception, attempts: int) -> None:
        self.error = error
        self.attempts = attempts


@dataclass(frozen=True, slots=True, kw_only=True)
class Processor:
    """``stopping`` ends the waits between tries; ``retried`` is called at each."""

    settings: Settings
    decoder: Decoder
    coalescer: Coalescer
    reactions: Reactions
    handler: Handler
    parking: Parking
    metrics: Metrics
    stopping: asyncio.Event
    retried: Callable[[], None] = lambda: None

    async def finish(self, records: Sequence[ConsumerRecord]) -> int:
        """Bring the first of a key's records to their outcomes; how many, at least one.

        Raises TransientError when the waits in place were not enough, FloodError; then none has come to one.
        """
        first = records[0]
        about.record(first)
        if count := await self.coalescer.finish(records):
            self._worked(first)
            return count
        with tracing.record(first.topic, first.partition, first.offset, self.decoder.traced(first)) as span:
            kind, outcome = await self._outcome(first)
            if outcome == "applied":
                log.info("record_applied")
            if span is not None:
                span.note(outcome=outcome, message_type=kind)
        self.metrics.record_done(first.topic, kind, outcome)
        if outcome in ("applied", "duplicate"):
            self._worked(first)
        return 1

    def _worked(self, record: ConsumerRecord) -> None:
        if self.parking.breaker.tripped:
            self.parking.breaker.worked(TopicPartition(record.topic, record.partition))

    async def attempt(self, record: ConsumerRecord) -> OutcomeName | Failure:
        """Try it once more, whatever stands before it. Parks nothing. Raises TransientError."""
        return await self._apply(self.decoder.read(record), record, confirmed=True)

    async def _outcome(self, record: ConsumerRecord) -> tuple[str, OutcomeName]:
        if self.parking.has(record):
            return "?", "duplicate"
        message = self.decoder.read(record)
        kind = message.type if isinstance(message, Envelope) else "?"
        if isinstance(message, Failure) and not message.blocks:
            return kind, await self._park(record, message)
        standing = await self.parking.blocked_keys.standing_of(record)
        result = WAITS if standing == "waiting" else await self._apply(message, record)
        if isinstance(message, Envelope):
            self.metrics.record_aged(record, message.time, self.settings.now())
        if isinstance(result, Failure):
            return kind, await self._park(record, result)
        if standing == "first":
            # It was parked, or about to be, by a process that did not come to commit it.
            await self.parking.close(record, result)
        return kind, result

    async def _apply(
        self, message: "Envelope[Any] | Failure | None", record: ConsumerRecord, *, confirmed: bool = False
    ) -> OutcomeName | Failure:
        if isinstance(message, Failure):
            return message
        if message is None:
            return "ignored"
        about.message(message)
        try:
            return await self._react_patiently(message, record, confirmed=confirmed)
        except _GivenUpError as last:
            return self._failure(last, message, record)

    def _failure(self, last: _GivenUpError, message: Envelope[Any], record: ConsumerRecord) -> Failure:
        """A message that contradicts itself, or what its sender said before, is its writer's fault; all else is ours."""
        error = last.error
        if not isinstance(error, (InvalidError, KeyRefusedError, SequenceJumpError)):
            return Failure("handle", error, last.attempts, source=message.source)
        stray = isinstance(error, SequenceJumpError) or (isinstance(error, InvalidError) and error.stray)
        blocks = self.decoder.is_ordered(record.topic) and not stray
        claims = vars(message)
        return Failure("validate", error, last.attempts, blocks=blocks, source=message.source, claims=claims)

    async def _react_patiently(
        self, envelope: Envelope[Any], record: ConsumerRecord, *, confirmed: bool
    ) -> OutcomeName:
        """React, waiting out transient trouble; an error we do not know gets a few tries before it counts."""
        delays = self.settings.retry_delays
        for attempt in range(1, len(delays) + 2):
            try:
                return await self._react(envelope, record, confirmed=confirmed)
            except PermanentError as error:
                raise _GivenUpError(error, attempt) from error
            except TransientError as error:
                if attempt > len(delays):
                    raise
                log.warning("record_delayed", attempt=attempt, error=str(error), held=True)
            except Exception as error:
                if attempt > len(delays) or attempt >= UNKNOWN_ERROR_TRIES:
                    raise _GivenUpError(error, attempt) from error
                log.warning("record_retried", attempt=attempt, error=type(error).__name__)
            self.metrics.retries.labels(record.topic).inc()
            self.retried()
            await self._wait(delays[attempt - 1])
        raise AssertionError("unreachable")

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.stopping.wait()
        if self.stopping.is_set():
            raise TransientError("stopping")

    async def _react(self, envelope: Envelope[Any], record: ConsumerRecord, *, confirmed: bool) -> OutcomeName:
        reaction = self.reactions.get(type(envelope.data))
        dispatches = await dispatches_of(reaction, envelope) if reaction else ()
        if not dispatches:
            return "ignored"
        if len(dispatches) > 1 and len({dispatch.id for dispatch in dispatches}) < len(dispatches):
            # The second would be taken for a repetition of the first.
            raise PermanentError(f"the reaction to {envelope.type} gives two dispatches to one aggregate")
        cause = self.decoder.cause(envelope, record, self.settings.now(), confirmed=confirmed)
        outcome: OutcomeName = "duplicate"
        for dispatch in dispatches:
            step = Step(dispatch.command, cause)
            (done,) = await self.handler.handle_all(dispatch.aggregate, dispatch.id, (step,), fresh=dispatch.fresh)
            if not self.decoder.is_ordered(record.topic):
                self.metrics.refusals(record.topic, envelope.source, done.events)
            if done.status != "duplicate":
                outcome = "applied"
        return outcome

    async def _park(self, record: ConsumerRecord, failure: Failure) -> Literal["parked"]:
        await self._answer(record, failure)
        await self.parking.park(record, failure)
        return "parked"

    async def _answer(self, record: ConsumerRecord, failure: Failure) -> None:
        """Who sent a command that breaks the contract learns it from an event, and reads no dead letters of ours."""
        answer = self.reactions.bad_command
        if answer is None or not failure.by_writer or self.decoder.is_ordered(record.topic):
            return
        if (bad := bad_command(failure)) is None:
            return
        dispatch = answer(bad)
        cause = cause_of(bad, failure.claims, record, self.settings.now(), self.settings.reply_topics)
        step = Step(dispatch.command, cause)
        (done,) = await self.handler.handle_all(dispatch.aggregate, dispatch.id, (step,))
        self.metrics.refusals(record.topic, bad.source, done.events)
