"""A draft: an aggregate between what was loaded and what is to be saved, one command after the other."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from chassis import tracing
from chassis.aggregate.holes import after, is_in
from chassis.aggregate.model import (
    Aggregate,
    Cause,
    CommandKey,
    DocumentUpdate,
    Holes,
    Loaded,
    Outcome,
    OutgoingEvent,
    Position,
    Step,
    derived_id,
    reply_of,
)
from chassis.aggregate.repetitions import REPEATED_FOR, Answer, forgotten, is_full, mark_of
from chassis.aggregate.watermarks import is_jump, pruned
from chassis.errors import (
    ExpiredKeyError,
    KeyRefusedError,
    RefusedError,
    ReusedKeyError,
    SequenceJumpError,
    TooLargeError,
    TooManyCommandsError,
)
from kontor_contracts import Envelope, Event, MalformedError, Refusal, encode, new_envelope, organization_of

S = TypeVar("S")

ANONYMOUS = "anonymous"
"""The actor of a request without a token."""


class UnitOfWork(Generic[S]):
    """``records`` are the events to announce. ``written`` says whether there is anything to save at all."""

    def __init__(self, aggregate: Aggregate[S, Any], id: str, loaded: Loaded[S], source: str) -> None:
        self._aggregate = aggregate
        self._id = id
        self._loaded = loaded
        self._source = source
        self._positions: dict[str, int] = {}
        self._holes: dict[str, Holes] = {}
        self._answers: dict[str, Answer] = {}
        self._at: datetime | None = None
        self._trace: str | None = None
        self._erases = False
        self.state = loaded.state
        self.records: list[OutgoingEvent] = []
        self._snapshot: OutgoingEvent | None = None
        self._replies: list[OutgoingEvent] = []
        self.written = False

    def take(self, step: Step) -> Outcome[S]:
        """Decide one command and evolve the state.

        Raises RefusedError where somebody waits for the answer, KeyRefusedError, TooManyCommandsError, TooLargeError; then
        nothing has changed.
        """
        aggregate, cause = self._aggregate, step.cause
        try:
            if (known := self._known(cause)) is not None:
                return known
        except KeyRefusedError as error:
            if not cause.on_bus or aggregate.refuse is None:
                raise
            # Not noted under its id, which is that of another command.
            refused = (aggregate.refuse(step.command, error.reason),)
            return self._applied(refused, step, replace(cause, key=None))
        return self._applied(tuple(aggregate.decide(step.command, self.state)), step, cause)

    def _applied(self, events: tuple[Any, ...], step: Step, cause: Cause) -> Outcome[S]:
        aggregate, state = self._aggregate, self.state
        self._erases |= bool(events) and getattr(step.command, "ERASES", False)
        for event in events:
            if isinstance(event, Refusal):
                if not cause.on_bus:
                    raise RefusedError(event)
            else:
                state = aggregate.evolve(state, event)
        announced = [event for event in events if isinstance(event, Event)]
        records = self._records_of(announced, state, cause) if announced else []
        snapshot = self._changed_snapshot(state, records, cause) if announced and aggregate.snapshot else None
        reply = step.answer(state) if step.answer else None
        version = self._loaded.version
        remembered = cause.position and not getattr(step.command, "REPEATABLE", False)
        if events or remembered or (cause.key and cause.actor != ANONYMOUS):
            self._note(cause, reply)
            version += 1
        # Else nothing happened, and there is no id by which to remember that it did not. Strangers' ids are remembered only
        # where something happened: else any number of their requests would fill the memory of somebody's document.
        self.records += records
        self._snapshot = snapshot or self._snapshot
        self._replies += [reply_of(record, cause.reply_to) for record in records] if cause.reply_to else []
        self.state = state
        return Outcome("applied" if events else "unchanged", state, version, events, reply)

    def change(self, *, lease: str | None) -> DocumentUpdate:
        aggregate, state = self._aggregate, self.state
        assert self._at is not None, "nothing was written"
        forget = aggregate.forget(state) or self._erases
        return DocumentUpdate(
            document=aggregate.dump(state),
            tenant=aggregate.tenant(state),
            unique=aggregate.claims(state),
            due=aggregate.due(state),
            records=(*self.records, *([self._snapshot] if self._snapshot else []), *self._replies),
            sequence=self._loaded.sequence + len(self.records),
            positions=self._positions,
            holes=self._holes,
            answers=self._answers,
            at=self._at,
            lease=lease,
            listing=aggregate.listed(state) if aggregate.listed else None,
            trace=self._trace if tracing.is_on() else None,
            forget=forget,
            pending=len(self._loaded.pending),
            pruned=pruned(self._loaded.noted, self._positions, self._at),
            forgotten=forgotten(self._loaded.answers, self._loaded.marks, self._answers, all_answers=forget),
        )

    def _known(self, cause: Cause) -> Outcome[S] | None:
        """The outcome of an earlier run of the same command, if there was one."""
        if (position := cause.position) is not None:
            seen = self._positions.get(position.source) or self._loaded.watermarks.get(position.source, 0)
            if position.number <= seen and not (position.again and is_in(position.number, self._holes_of(position))):
                return Outcome("duplicate", self.state, self._loaded.version)
            if position.counted and is_jump(seen, position.number):
                raise SequenceJumpError(
                    f"sequence: {position.number} cannot follow on {seen}; replay it if it is right"
                )
        return self._repeated(cause.key, cause) if cause.key is not None else None

    def _repeated(self, key: CommandKey, cause: Cause) -> Outcome[S] | None:
        stored = self._loaded.answers.get(key.value) or self._answers.get(key.value)
        if stored is not None:
            if stored.fingerprint != key.fingerprint:
                raise ReusedKeyError("this id was used for another request; send a new one")
            return Outcome("duplicate", self.state, self._loaded.version, (), stored.reply)
        marks = self._loaded.marks
        if marks and mark_of(key.value) in marks:
            if cause.on_bus:
                return Outcome("duplicate", self.state, self._loaded.version)
            raise ExpiredKeyError(
                "this request was carried out; its answer is not kept any more, so look at what it made"
            )
        if key.made_at is not None and self._is_too_late(key.made_at, cause):
            raise ExpiredKeyError(
                "this request is so old that a repetition is not told from it; look, and send a new one"
            )
        if not cause.on_bus and is_full(marks, cause.time):
            until = next(iter(marks.values())) + REPEATED_FOR
            raise TooManyCommandsError(f"{self._id} takes no more requests with an id until {until:%H:%M} UTC", until)
        return None

    def _is_too_late(self, made_at: datetime, cause: Cause) -> bool:
        """A record may have waited in its topic for days; a request that comes after a day is one that was sent again."""
        if self._loaded.floor is not None and made_at <= self._loaded.floor:
            return True
        return not cause.on_bus and cause.time - made_at > REPEATED_FOR

    def _holes_of(self, position: Position) -> Holes:
        if position.source in self._positions:
            return self._holes.get(position.source, ())
        return self._loaded.holes.get(position.source, ())

    def _note(self, cause: Cause, reply: Any) -> None:
        self.written = True
        if self._at is None:
            self._at = cause.time
        self._trace = cause.traceparent
        if (position := cause.position) is not None:
            seen = self._positions.get(position.source) or self._loaded.watermarks.get(position.source, 0)
            if holes := after(position.number, seen, self._holes_of(position)):
                self._holes[position.source] = holes
            else:
                self._holes.pop(position.source, None)
            # Of a missed one that is made good the watermark goes back: what came after it follows, and is applied again.
            self._positions[position.source] = position.number
        if (key := cause.key) is not None:
            # A client whose clock is ahead makes nobody else's commands too late.
            at = min(key.made_at, cause.time) if key.made_at else cause.time
            self._answers[key.value] = Answer(key.fingerprint, reply, at)

    def _records_of(self, announced: Sequence[Event], state: S, cause: Cause) -> list[OutgoingEvent]:
        tenant = self._aggregate.tenant(state) or cause.tenant
        first = self._loaded.sequence + len(self.records) + 1
        return [self._record(event, number, cause, tenant) for number, event in enumerate(announced, first)]

    def _changed_snapshot(self, state: S, records: Sequence[OutgoingEvent], cause: Cause) -> OutgoingEvent | None:
        """The state after these events for readers of the snapshot topic; None where it says the same as before."""
        rule = self._aggregate.snapshot
        assert rule is not None
        said = rule.of(state)
        if said == rule.of(self.state):
            return None
        tenant = self._aggregate.tenant(state) or cause.tenant
        return snapshot_record(rule.topic, said, Origin(self._id, records[-1].number, self._source, tenant), cause)

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
            tenantid=organization_of(event) or tenant,
            actor=cause.actor,
            traceparent=cause.traceparent,
        )
        return OutgoingEvent(envelope.id, number, event.TYPE, _encoded(envelope), cause.time)


@dataclass(frozen=True, slots=True)
class Origin:
    """A document after its event ``number``. ``tenant``: the organization that it belongs to."""

    id: str
    number: int
    source: str
    tenant: str | None = None


def snapshot_record(topic: str, said: Event | None, origin: Origin, cause: Cause) -> OutgoingEvent:
    """``said`` of a document; None becomes a tombstone. The same number has the same id."""
    number = origin.number
    record_id = derived_id(origin.id, str(number), "snapshot")
    if said is None:
        return OutgoingEvent(record_id, number, "", None, cause.time, topic)
    envelope = new_envelope(
        said,
        id=record_id,
        source=origin.source,
        subject=origin.id,
        time=cause.time,
        sequence=number,
        correlationid=cause.correlation_id,
        causationid=cause.id,
        tenantid=organization_of(said) or origin.tenant,
        actor=cause.actor,
    )
    return OutgoingEvent(record_id, number, said.TYPE, _encoded(envelope), cause.time, topic)


def _encoded(envelope: Envelope[Any]) -> bytes:
    try:
        value, _ = encode(envelope)
    except MalformedError as error:
        raise TooLargeError(f"{envelope.type}: {error}") from error
    return value
