"""The one way to change anything: load, decide, evolve, save, and hand what happened to the relay."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any, Generic, TypeVar

from chassis.decider import (
    Aggregate,
    Cause,
    Change,
    Loaded,
    Outbox,
    Outcome,
    Record,
    Store,
    VersionConflictError,
    derived_id,
)
from chassis.failures import ContendedError, RefusedError, ReusedKeyError, TooLargeError, UnavailableError
from chassis.recent import Recent
from chassis.turns import Turns
from kontor_contracts import Envelope, Event, MalformedError, Refusal, encode, new_envelope

S = TypeVar("S")
C = TypeVar("C")

BACKOFF_SECONDS = 0.005
LONGEST_BACKOFF_SECONDS = 0.2
TURN_SECONDS = 15.0
"""How long a command waits for those before it on the same aggregate, and then how long it tries against other processes."""


class Handler:
    """Runs commands. Safe to call again with the same cause, from any number of tasks and processes."""

    def __init__(
        self,
        store: Store,
        outbox: Outbox,
        *,
        service: str,
        recent: Recent | None = None,
        saved: Callable[[datetime | None], None] | None = None,
    ) -> None:
        self._store = store
        self._outbox = outbox
        self._source = f"/kontor/{service}"
        self._recent = recent or Recent(0)
        self._saved = saved or (lambda _: None)
        # Racing each other, all commands on an aggregate but one would have read and decided in vain.
        self._turns = Turns(TURN_SECONDS)

    async def handle(
        self,
        aggregate: Aggregate[S, C],
        id: str,
        command: C,
        cause: Cause,
        *,
        answer: Callable[[S], Any] | None = None,
    ) -> Outcome[S]:
        """Load → decide → evolve → save.

        Idempotent by ``cause.position`` and ``cause.key``: a repetition changes nothing and gets the first answer.
        Raises RefusedError when the domain says no and somebody waits (on the bus the refusal is published instead),
        TakenError, ReusedKeyError, TooLargeError, or a TransientError after which the same call may be made again.
        """
        run = _Run(aggregate, id, command, cause, answer)
        await self._turns.take(id)
        try:
            if (remembered := self._recent.get(id)) is not None:
                outcome = await self._try_remembered(run, remembered)
                if outcome is not None:
                    return outcome
            return await self._try_stored(run)
        finally:
            self._turns.give(id)

    async def _try_remembered(self, run: "_Run[S, C]", loaded: Loaded[S]) -> Outcome[S] | None:
        """The outcome, where it is one that what is stored cannot gainsay: a guarded write, or a repetition."""
        try:
            outcome = await self._try(run, loaded)
        except UnavailableError:
            self._recent.forget(run.id)
            raise
        except Exception:  # noqa: BLE001  what is stored decides whether it is one
            outcome = None
        if outcome is None or (outcome.status == "unchanged" and outcome.version == loaded.version):
            self._recent.forget(run.id)
            return None
        return outcome

    async def _try_stored(self, run: "_Run[S, C]") -> Outcome[S]:
        until = time.monotonic() + TURN_SECONDS
        for attempt in count():
            loaded = await self._store.load(run.aggregate, run.id)
            try:
                return await self._try(run, loaded)
            except VersionConflictError:
                # Another process; within this one the turns keep writers apart.
                if time.monotonic() > until:
                    break
                longest = min(BACKOFF_SECONDS * 2**attempt, LONGEST_BACKOFF_SECONDS)
                await asyncio.sleep(random.random() * longest)  # noqa: S311  no secret
        raise ContendedError(f"{run.id} has too many writers at once")

    async def _try(self, run: "_Run[S, C]", loaded: Loaded[S]) -> Outcome[S]:
        cause = run.cause
        if (known := _known(loaded, cause)) is not None:
            return known
        events = tuple(run.aggregate.decide(run.command, loaded.state))
        _raise_refusal(events, cause)
        state = loaded.state
        for event in events:
            if not isinstance(event, Refusal):
                state = run.aggregate.evolve(state, event)
        reply = run.answer(state) if run.answer else None
        if events or cause.position or cause.key:
            await self._save(run, loaded, _Decided(state, events, reply))
            return Outcome("applied" if events else "unchanged", state, loaded.version + 1, events, reply)
        # Nothing happened, and there is no id by which to remember that it did not.
        return Outcome("unchanged", state, loaded.version, (), reply)

    async def _save(self, run: "_Run[S, C]", loaded: Loaded[S], decided: "_Decided[S]") -> None:
        aggregate, id, cause, state = run.aggregate, run.id, run.cause, decided.state
        tenant = aggregate.tenant(state)
        announced = [event for event in decided.events if isinstance(event, Event)]
        records = self._records(id, loaded.sequence, announced, cause, tenant)
        ticket = self._outbox.ticket(id, loaded.pending) if records else None
        change = Change(
            document=aggregate.dump(state),
            tenant=tenant,
            unique=aggregate.claims(state),
            due=aggregate.due(state),
            records=records,
            sequence=loaded.sequence + len(records),
            position=cause.position,
            key=cause.key,
            answer=decided.reply,
            at=cause.time,
            lease=self._outbox.token if ticket else None,
            forget=aggregate.forget(state),
        )
        try:
            await self._store.save(aggregate, id, loaded, change)
        except BaseException:
            # It may be in the database all the same.
            self._recent.forget(id)
            raise
        self._recent.saved(id, loaded, state, change)
        if records:
            self._outbox.submit(ticket, id, records)
        self._saved(change.due)

    def _records(
        self, id: str, sequence: int, events: Sequence[Event], cause: Cause, tenant: str | None
    ) -> tuple[Record, ...]:
        records = []
        for number, event in enumerate(events, sequence + 1):
            envelope = new_envelope(
                event,
                # The number within the aggregate never comes twice, so neither does the id: a retried command
                # that is saved in the end announces the very same events.
                id=derived_id(id, str(number)),
                source=self._source,
                subject=id,
                time=cause.time,
                sequence=number,
                correlationid=cause.correlation_id,
                causationid=cause.id,
                tenantid=tenant or cause.tenant,
                actor=cause.actor,
                traceparent=cause.traceparent,
            )
            records.append(Record(envelope.id, number, event.TYPE, _encoded(envelope)))
        return tuple(records)


def _encoded(envelope: Envelope[Any]) -> bytes:
    try:
        value, _ = encode(envelope)
    except MalformedError as error:
        raise TooLargeError(f"{envelope.type}: {error}") from error
    return value


@dataclass(slots=True)
class _Run(Generic[S, C]):
    """What ``handle`` was asked for."""

    aggregate: Aggregate[S, C]
    id: str
    command: C
    cause: Cause
    answer: Callable[[S], Any] | None


@dataclass(slots=True)
class _Decided(Generic[S]):
    state: S
    events: tuple[Any, ...]
    reply: Any


def _known(loaded: Loaded[S], cause: Cause) -> Outcome[S] | None:
    """The outcome of an earlier run of the same command, if there was one."""
    if cause.key is not None and (stored := loaded.answers.get(cause.key.value)) is not None:
        fingerprint, answer = stored
        if fingerprint != cause.key.fingerprint:
            raise ReusedKeyError("this Idempotency-Key was used for another request; send a new one")
        return Outcome("duplicate", loaded.state, loaded.version, (), answer)
    position = cause.position
    if position is not None and position.number <= loaded.watermarks.get(position.source, 0):
        return Outcome("duplicate", loaded.state, loaded.version)
    return None


def _raise_refusal(events: Sequence[Any], cause: Cause) -> None:
    for event in events:
        if isinstance(event, Refusal) and not cause.on_bus:
            raise RefusedError(event)
