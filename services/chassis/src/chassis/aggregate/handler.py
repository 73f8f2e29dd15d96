"""The one way to change anything: load, decide, evolve, save, and hand what happened to the relay."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any, Generic, TypeVar

from chassis import tracing
from chassis.aggregate.keyed_lock import KeyedLock
from chassis.aggregate.model import (
    Aggregate,
    Cause,
    Loaded,
    Outbox,
    Outcome,
    Step,
    Store,
    VersionConflictError,
    source_of,
)
from chassis.aggregate.repetitions import mark_of
from chassis.aggregate.unit_of_work import UnitOfWork
from chassis.aggregate.write_cache import WriteCache
from chassis.errors import ContendedError, UnavailableError
from kontor_contracts import Refusal

S = TypeVar("S")
C = TypeVar("C")

Saved = Callable[[str, str, datetime | None], None]
"""Told of every document that was saved: its kind, its id, when it is due."""

BACKOFF_SECONDS = 0.005
LONGEST_BACKOFF_SECONDS = 0.2
LOCK_SECONDS = 15.0
"""How long a command waits for those before it on the same aggregate, and then how long it tries against other processes."""


class Handler:
    """Runs commands. Safe to call again with the same cause, from any number of tasks and processes."""

    def __init__(
        self,
        store: Store,
        outbox: Outbox,
        *,
        service: str,
        write_cache: WriteCache | None = None,
        saved: Saved | None = None,
    ) -> None:
        self._store = store
        self._outbox = outbox
        self._source = source_of(service)
        self._write_cache = write_cache or WriteCache(0)
        self._saved = saved or (lambda *_: None)
        # Without it, concurrent commands on an aggregate would all read and decide, and all but one would have to again.
        self._lock = KeyedLock(LOCK_SECONDS)

    def remembered(self, id: str) -> Any | None:
        """The state of a document as this process wrote it last, if it remembers it. Another process may have gone on.

        So it is good for what never changes in a document, and saves the look at it before a command.
        """
        loaded = self._write_cache.get(id)
        return loaded.state if loaded else None

    async def would_change(self, aggregate: Aggregate[S, C], id: str, command: C, cause: Cause) -> bool:
        """Whether the command would bring something about now: it is no repetition, is not refused and is not so already.

        For what has to be done before the command; another command may come in between.
        """
        loaded = await self._store.load(aggregate, id)
        key = cause.key
        if key is not None and (key.value in loaded.answers or mark_of(key.value) in loaded.marks):
            return False
        facts = aggregate.decide(command, loaded.state)
        return bool(facts) and not any(isinstance(fact, Refusal) for fact in facts)

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
        return (await self.handle_all(aggregate, id, (Step(command, cause, answer),)))[0]

    async def handle_all(
        self, aggregate: Aggregate[S, Any], id: str, steps: Sequence[Step], *, fresh: bool = False
    ) -> Sequence[Outcome[S]]:
        """Commands on one aggregate, one after the other, in one write: all of them or, where this raises, none.

        ``fresh``: most likely there is no such document yet, so the first try does without a look.
        """
        run = _Run(aggregate, id, steps)
        await self._lock.take(id)
        try:
            remembered = self._write_cache.get(id) or (Loaded(aggregate.initial) if fresh else None)
            if remembered is not None:
                outcomes = await self._try_remembered(run, remembered)
                if outcomes is not None:
                    return outcomes
            return await self._try_stored(run)
        finally:
            self._lock.give(id)

    async def _try_remembered(self, run: "_Run[S]", loaded: Loaded[S]) -> Sequence[Outcome[S]] | None:
        """Uses the cached document for guarded writes and repetitions only: what is stored cannot contradict these."""
        try:
            outcomes = await self._try(run, loaded)
        except UnavailableError:
            self._write_cache.forget(run.id)
            raise
        except Exception:  # noqa: BLE001  what is stored decides whether it is one
            outcomes = None
        if outcomes is None or _is_mere_memory(outcomes, loaded):
            self._write_cache.forget(run.id)
            return None
        return outcomes

    async def _try_stored(self, run: "_Run[S]") -> Sequence[Outcome[S]]:
        until = time.monotonic() + LOCK_SECONDS
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

    async def _try(self, run: "_Run[S]", loaded: Loaded[S]) -> Sequence[Outcome[S]]:
        draft = UnitOfWork(run.aggregate, run.id, loaded, self._source)
        outcomes = [draft.take(step) for step in run.steps]
        if draft.written:
            await self._save(run, loaded, draft)
        return outcomes

    async def _save(self, run: "_Run[S]", loaded: Loaded[S], draft: UnitOfWork[S]) -> None:
        aggregate, id = run.aggregate, run.id
        lease = self._outbox.lease_for(id, loaded.pending) if draft.records else None
        change = draft.change(lease=lease.lease if lease else None)
        try:
            with tracing.step("save", kind=aggregate.kind):
                await self._store.save(aggregate, id, loaded, change)
        except BaseException:
            # It may be in the database all the same.
            self._write_cache.forget(id)
            raise
        self._write_cache.saved(id, loaded, draft.state, change)
        if change.records:
            self._outbox.submit(lease, id, change.records)
        self._saved(aggregate.kind, id, change.due)


@dataclass(frozen=True, slots=True)
class _Run(Generic[S]):
    """What ``handle_all`` was asked for."""

    aggregate: Aggregate[S, Any]
    id: str
    steps: Sequence[Step]


def _is_mere_memory(outcomes: Sequence[Outcome[Any]], loaded: Loaded[Any]) -> bool:
    """Nothing was written, and not all were repetitions: what is remembered may be old, and nobody has looked."""
    nothing_written = all(outcome.version == loaded.version for outcome in outcomes)
    return nothing_written and any(outcome.status == "unchanged" for outcome in outcomes)
