"""A draft: an aggregate between what was loaded and what is to be saved, one command after the other."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

from chassis.aggregate.model import (
    Aggregate,
    Cause,
    CommandKey,
    DocumentUpdate,
    Loaded,
    Outcome,
    OutgoingEvent,
    Step,
    derived_id,
)
from chassis.errors import RefusedError, ReusedKeyError, TooLargeError
from kontor_contracts import Envelope, Event, MalformedError, Refusal, encode, new_envelope

S = TypeVar("S")


class UnitOfWork(Generic[S]):
    """``records`` are the events to announce. ``written`` says whether there is anything to save at all."""

    def __init__(self, aggregate: Aggregate[S, Any], id: str, loaded: Loaded[S], source: str) -> None:
        self._aggregate = aggregate
        self._id = id
        self._loaded = loaded
        self._source = source
        self._positions: dict[str, int] = {}
        self._answers: dict[str, tuple[CommandKey, Any]] = {}
        self._at: datetime | None = None
        self.state = loaded.state
        self.records: list[OutgoingEvent] = []
        self.written = False

    def take(self, step: Step) -> Outcome[S]:
        """Decide one command and evolve the state.

        Raises RefusedError where somebody waits for the answer, ReusedKeyError, TooLargeError; then nothing has changed.
        """
        cause = step.cause
        if (known := self._known(cause)) is not None:
            return known
        aggregate, state = self._aggregate, self.state
        events = tuple(aggregate.decide(step.command, state))
        for event in events:
            if isinstance(event, Refusal):
                if not cause.on_bus:
                    raise RefusedError(event)
            else:
                state = aggregate.evolve(state, event)
        announced = [event for event in events if isinstance(event, Event)]
        records = self._records_of(announced, state, cause) if announced else []
        reply = step.answer(state) if step.answer else None
        version = self._loaded.version
        if events or cause.position or cause.key:
            self._note(cause, reply)
            version += 1
        # Else nothing happened, and there is no id by which to remember that it did not.
        self.records += records
        self.state = state
        return Outcome("applied" if events else "unchanged", state, version, events, reply)

    def change(self, *, lease: str | None) -> DocumentUpdate:
        aggregate, state = self._aggregate, self.state
        assert self._at is not None, "nothing was written"
        return DocumentUpdate(
            document=aggregate.dump(state),
            tenant=aggregate.tenant(state),
            unique=aggregate.claims(state),
            due=aggregate.due(state),
            records=tuple(self.records),
            sequence=self._loaded.sequence + len(self.records),
            positions=self._positions,
            answers=tuple(self._answers.values()),
            at=self._at,
            lease=lease,
            forget=aggregate.forget(state),
        )

    def _known(self, cause: Cause) -> Outcome[S] | None:
        """The outcome of an earlier run of the same command, if there was one."""
        if (key := cause.key) is not None:
            stored = self._loaded.answers.get(key.value)
            if stored is None and (drafted := self._answers.get(key.value)) is not None:
                stored = (drafted[0].fingerprint, drafted[1])
            if stored is not None:
                fingerprint, answer = stored
                if fingerprint != key.fingerprint:
                    raise ReusedKeyError("this Idempotency-Key was used for another request; send a new one")
                return Outcome("duplicate", self.state, self._loaded.version, (), answer)
        if (position := cause.position) is not None:
            seen = self._positions.get(position.source) or self._loaded.watermarks.get(position.source, 0)
            if position.number <= seen:
                return Outcome("duplicate", self.state, self._loaded.version)
        return None

    def _note(self, cause: Cause, reply: Any) -> None:
        self.written = True
        if self._at is None:
            self._at = cause.time
        if (position := cause.position) is not None:
            self._positions[position.source] = position.number
        if (key := cause.key) is not None:
            self._answers[key.value] = (key, reply)

    def _records_of(self, announced: Sequence[Event], state: S, cause: Cause) -> list[OutgoingEvent]:
        tenant = self._aggregate.tenant(state) or cause.tenant
        first = self._loaded.sequence + len(self.records) + 1
        return [self._record(event, number, cause, tenant) for number, event in enumerate(announced, first)]

    def _record(self, event: Event, number: int, cause: Cause, tenant: str | None) -> OutgoingEvent:
        envelope = new_envelope(
            event,
            # The number within the aggregate never comes twice, so neither does the id: a retried command
            # that is saved in the end announces the very same events.
            id=derived_id(self._id, str(number)),
            source=self._source,
            subject=self._id,
            time=cause.time,
            sequence=number,
            correlationid=cause.correlation_id,
            causationid=cause.id,
            tenantid=tenant,
            actor=cause.actor,
            traceparent=cause.traceparent,
        )
        return OutgoingEvent(envelope.id, number, event.TYPE, _encoded(envelope))


def _encoded(envelope: Envelope[Any]) -> bytes:
    try:
        value, _ = encode(envelope)
    except MalformedError as error:
        raise TooLargeError(f"{envelope.type}: {error}") from error
    return value
