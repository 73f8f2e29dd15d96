"""Timers: a date in a document, and a command when it has come.

A due timer is a command like any other. Several processes may fire the same one: the version of the document lets one
of them through, and the domain answers the others with "already so". So timers need no lease and survive any crash.
"""

import asyncio
import math
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from contextvars import Context
from datetime import datetime
from itertools import product
from typing import Protocol

import structlog

from chassis import tracing
from chassis.aggregate.model import Cause, own_cause
from chassis.errors import TransientError
from chassis.mongo.pace import backlog
from chassis.observability.metrics import Metrics

log = structlog.get_logger("chassis.timers")

Fire = Callable[[str, Cause], Awaitable[None]]
"""Acts on the document with this id, whose timer is due. Must move or remove ``due``, or it fires again."""

LOOK = 200
CONCURRENT = 32


class TimerStore(Protocol):
    async def due(self, now: datetime, limit: int) -> list[tuple[str, str]]: ...
    async def traced(self, id: str) -> tuple[str, datetime] | None: ...


class Timers:
    """One loop per process. ``nudge`` tells it of a date that this process has just saved: what is due already fires at once."""

    def __init__(
        self,
        store: TimerStore,
        fire: Mapping[str, Fire],
        *,
        service: str,
        interval: float,
        now: Callable[[], datetime],
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._fire = fire
        self._service = service
        self._interval = interval
        self._now = now
        self._metrics = metrics
        for kind, outcome in product(fire, ("fired", "later", "failed")):
            metrics.timers.labels(kind, outcome)
        self._next: datetime | None = None
        self._wake = asyncio.Event()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(CONCURRENT)
        self._loop: asyncio.Task[None] | None = None

    async def start(self) -> None:
        if self._fire:
            self._loop = asyncio.create_task(self._run())

    async def stop(self, timeout: float) -> None:
        """Fire nothing more; let what runs finish."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)
        if self._running:
            await asyncio.wait(set(self._running.values()), timeout=timeout)

    def nudge(self, kind: str, id: str, due: datetime | None) -> None:
        if due is None or kind not in self._fire or self._loop is None:
            return
        if due <= self._now() and len(self._running) < CONCURRENT:
            self._begin(kind, id)
        elif self._next is None or due < self._next:
            self._next = due
            self._wake.set()

    async def _run(self) -> None:
        while True:
            await self._pause()
            self._next = None
            try:
                due = await self._store.due(self._now(), LOOK)
            except TransientError as error:
                log.warning("timers_delayed", error=str(error), held=True)
                continue
            except Exception:
                log.exception("timers_delayed")
                continue
            # In no order, so that two processes looking at the same list seldom try the same document.
            random.shuffle(due)
            for kind, id in due:
                if kind in self._fire:
                    self._begin(kind, id)

    async def _pause(self) -> None:
        """Until the next look is due, which a nudge may bring forward while we wait.

        The interval is measured by the event loop, so that a clock that is set back delays no look.
        """
        loop = asyncio.get_running_loop()
        latest = loop.time() + self._interval
        while (wait := min(latest - loop.time(), self._until_next())) > 0:
            self._wake.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._wake.wait()

    def _until_next(self) -> float:
        """Seconds until the earliest date that this process has saved."""
        return (self._next - self._now()).total_seconds() if self._next else math.inf

    def _begin(self, kind: str, id: str) -> None:
        if id in self._running:
            # Its next look finds the date, if it is still due then.
            return
        # In a context of its own: it works on something else than the task that saved the date.
        task = asyncio.get_running_loop().create_task(self._fire_one(kind, id), context=Context())
        self._running[id] = task
        task.add_done_callback(lambda _: self._running.pop(id, None))

    async def _fire_one(self, kind: str, id: str) -> None:
        async with self._slots:
            try:
                with backlog():
                    await self._fire_traced(kind, id)
                outcome = "fired"
            except TransientError as error:
                outcome = "later"
                log.warning("timer_delayed", subject=id, error=str(error), held=True)
            except Exception:
                outcome = "failed"
                log.exception("timer_failed", subject=id)
            self._metrics.timers.labels(kind, outcome).inc()

    async def _fire_traced(self, kind: str, id: str) -> None:
        cause = await self._store.traced(id) if tracing.is_on() else None
        with tracing.timer(kind, cause, self._now()):
            trace = tracing.traceparent()
            await self._fire[kind](id, own_cause(self._service, "timer", id, at=self._now(), traceparent=trace))
