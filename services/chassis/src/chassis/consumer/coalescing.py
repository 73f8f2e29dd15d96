"""The short way of records to their outcomes: those of a key that lead to one aggregate are applied in one write.

It is for records with which all is well. Whatever is not in order, and whatever goes wrong, is left to `processor`,
which takes one record at a time, waits, tries again and parks.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog
from aiokafka import ConsumerRecord

from chassis import tracing
from chassis.aggregate.handler import Handler
from chassis.aggregate.model import Dispatch, Step
from chassis.configuration.settings import Settings
from chassis.consumer.dead_letters.parking import Parking
from chassis.consumer.decoder import Decoder
from chassis.consumer.reactions import PureReaction, Reaction, is_pure
from chassis.observability import context as about
from chassis.observability.metrics import Metrics
from kontor_contracts import Envelope, Payload

if TYPE_CHECKING:
    from chassis.tracing.spans import Span

log = structlog.get_logger("chassis.consumer.coalescing")

LONGEST = 64
"""Records in one write. Well below the events that a document may have waiting (`chassis.mongo.store`)."""


class Coalescer:
    """Of one consumer group."""

    def __init__(
        self,
        settings: Settings,
        *,
        decoder: Decoder,
        reactions: Mapping[type[Payload], Reaction],
        handler: Handler,
        parking: Parking,
        metrics: Metrics,
    ) -> None:
        self._settings = settings
        self._decoder = decoder
        self._pure: Mapping[type[Payload], PureReaction] = {
            payload: reaction for payload, reaction in reactions.items() if is_pure(reaction)
        }
        self._handler = handler
        self._parking = parking
        self._metrics = metrics

    async def finish(self, records: Sequence[ConsumerRecord]) -> int:
        """How many of the first have come to their outcomes together. 0: take the first by itself. Never raises."""
        if not self._parking.blocked_keys.is_free(records[0]):
            return 0
        now = self._settings.now()
        messages, steps, to = self._run(records, now)
        if to is None:
            return 0
        spans = self._spans(records, steps)
        try:
            with tracing.within(spans[0] if spans else None):
                outcomes = await self._handler.handle_all(to.aggregate, to.id, steps, fresh=to.fresh)
        except Exception as error:  # noqa: BLE001  it comes again, and is dealt with, when they are taken one by one
            # The spans are left to it, too: those that were not ended are not sent.
            log.debug("coalescing_failed", error=type(error).__name__)
            return 0
        if not self._decoder.is_ordered(records[0].topic):
            for message, outcome in zip(messages, outcomes, strict=False):
                self._metrics.refusals(records[0].topic, message.source, outcome.events)
        self._count(records, messages, [outcome.status == "duplicate" for outcome in outcomes], spans)
        return len(outcomes)

    def _run(
        self, records: Sequence[ConsumerRecord], now: datetime
    ) -> tuple[list[Envelope[Any]], list[Step], Dispatch | None]:
        """The first messages that lead, each by itself, to one command on the same aggregate."""
        messages: list[Envelope[Any]] = []
        steps: list[Step] = []
        to: Dispatch | None = None
        for record in records[:LONGEST]:
            message = None if self._parking.has(record) else self._decoder.read(record)
            if not isinstance(message, Envelope) or (react := self._pure.get(type(message.data))) is None:
                break
            try:
                dispatches = react(message)
            except Exception:  # noqa: BLE001  as above
                break
            if len(dispatches) != 1:
                break
            dispatch = dispatches[0]
            if to is not None and (dispatch.id != to.id or dispatch.aggregate is not to.aggregate):
                break
            to = dispatch
            messages.append(message)
            steps.append(Step(dispatch.command, self._decoder.cause(message, record, now)))
        return messages, steps, to

    def _spans(self, records: Sequence[ConsumerRecord], steps: Sequence[Step]) -> "list[Span]":
        """One for each record, which its command follows; none where traces are off."""
        if not tracing.is_on():
            return []
        spans = []
        for record, step in zip(records, steps, strict=False):
            spans.append(tracing.opened(record.topic, record.partition, record.offset, self._decoder.traced(record)))
            step.cause.traceparent = spans[-1].traceparent
        return spans

    def _count(
        self,
        records: Sequence[ConsumerRecord],
        messages: Sequence[Envelope[Any]],
        repeated: Sequence[bool],
        spans: "Sequence[Span]",
    ) -> None:
        topic = records[0].topic
        again = sum(repeated)
        if again in (0, len(messages)) and len({message.type for message in messages}) == 1:
            self._metrics.record_done(topic, messages[0].type, "duplicate" if again else "applied", len(messages))
        else:
            for message, one in zip(messages, repeated, strict=True):
                self._metrics.record_done(topic, message.type, "duplicate" if one else "applied")
        now = self._settings.now()
        for number, (record, message, one) in enumerate(zip(records, messages, repeated, strict=False)):
            self._metrics.record_aged(record, message.time, now)
            span = spans[number] if spans else None
            if not one:
                about.record(record)
                about.message(message)
                with tracing.within(span):
                    log.info("record_applied")
            if span is not None:
                span.note(outcome="duplicate" if one else "applied", message_type=message.type)
                span.end()
