"""The one way to change anything: load, decide, evolve, save, and hand what happened to the relay."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from itertools import count
from typing import Any, Generic, TypeVar
from weakref import WeakValueDictionary

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
from chassis.failures import ContendedError, RefusedError, ReusedKeyError, TooLargeError
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
        self, store: Store, outbox: Outbox, *, service: str, saved: Callable[[datetime | None], None] | None = None
    ) -> None:
        self._store = store
        self._outbox = outbox
        self._source = f"/kontor/{service}"
        self._saved = saved or (lambda _: None)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

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
        async with self._turn(id):
            until = time.monotonic() + TURN_SECONDS
            for attempt in count():
                try:
                    return await self._try(aggregate, id, command, cause, answer)
                except VersionConflictError:
                    # Another process; within this one the turn keeps writers apart.
                    if time.monotonic() > until:
                        break
                    longest = min(BACKOFF_SECONDS * 2**attempt, LONGEST_BACKOFF_SECONDS)
                    await asyncio.sleep(random.random() * longest)  # noqa: S311  no secret
        raise ContendedError(f"{id} has too many writers at once")

    @asynccontextmanager
    async def _turn(self, id: str) -> AsyncIterator[None]:
        """One command at a time on an aggregate: racing each other, all but one would have read and decided in vain."""
        lock = self._turns.get(id)
        if lock is None:
            lock = self._turns[id] = asyncio.Lock()
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await lock.acquire()
        except TimeoutError as error:
            raise ContendedError(f"{id} has too many commands waiting") from error
        try:
            yield
        finally:
            lock.release()

    async def _try(
        self, aggregate: Aggregate[S, C], id: str, command: C, cause: Cause, answer: Callable[[S], Any] | None
    ) -> Outcome[S]:
        loaded = await self._store.load(aggregate, id)
        if (known := _known(loaded, cause)) is not None:
            return known
        events = tuple(aggregate.decide(command, loaded.state))
        _raise_refusal(events, cause)
        facts = [event for event in events if not isinstance(event, Refusal)]
        state = reduce(aggregate.evolve, facts, loaded.state)
        reply = answer(state) if answer else None
        if events or cause.position or cause.key:
            await self._save(aggregate, id, loaded, _Decided(state, events, reply), cause)
            return Outcome("applied" if events else "unchanged", state, loaded.version + 1, events, reply)
        # Nothing happened, and there is no id by which to remember that it did not.
        return Outcome("unchanged", state, loaded.version, (), reply)

    async def _save(
        self, aggregate: Aggregate[S, C], id: str, loaded: Loaded[S], decided: "_Decided[S]", cause: Cause
    ) -> None:
        state = decided.state
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
        await self._store.save(aggregate, id, loaded, change)
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


@dataclass(frozen=True, slots=True)
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
