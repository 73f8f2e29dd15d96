"""Processor time of one thread, given to whichever stage runs at the moment: exclusive times, never wall-clock ones.

The stages that are being worked on form a stack. Entering and leaving one, the time since the last change goes to the stage
that was on top. A coroutine is on the stack only while it runs: each of its steps enters and leaves, so what other tasks do
while it waits is theirs. Steps nest as calls do, which is why one stack serves all tasks of an event loop.

Looking at the clock costs about as much as a short stage takes. So what a change of stages costs is measured beforehand, with
stages in which nothing happens, and taken off again: `MEASURING` is what was taken off.
"""

import inspect
import time
from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass
from functools import wraps
from threading import get_ident
from typing import Any

OUTSIDE = "event loop and the rest"
MEASURING = "measuring"
TRIALS = 20_000


@dataclass(slots=True)
class Stage:
    """``spent`` is in nanoseconds of processor time, that of measuring included; ``calls`` counts what was begun.

    ``entered`` and ``left`` count the changes: to this stage, and from it to another that it called.
    """

    spent: int = 0
    calls: int = 0
    entered: int = 0
    left: int = 0


class Accounts:
    """Of the thread that made it. Calls from other threads are let through unmeasured; so is their time."""

    def __init__(self, clock: Callable[[], int] = time.thread_time_ns) -> None:
        self._clock = clock
        self._thread = get_ident()
        self._outside = Stage()
        self.stages: dict[str, Stage] = {OUTSIDE: self._outside}
        self._stack: list[Stage] = []
        self._top = self._outside
        # Of one change and back, nanoseconds that fall to the stage entered, and to the one that was left for it.
        self._within = 0.0
        self._around = 0.0
        self._since = clock()

    def calibrate(self) -> None:
        """Find out what measuring costs. Once, before anything is measured."""
        outer, inner = Stage(), Stage()

        def many(step: Callable[[], None]) -> int:
            self.enter(outer)
            before = outer.spent
            for _ in range(TRIALS):
                step()
            self.leave()
            return outer.spent - before

        def nothing() -> None:
            """As quick as can be."""

        alone = many(nothing)
        both = many(self._wrapped(inner, nothing))
        self._within = inner.spent / TRIALS
        self._around = (both - alone) / TRIALS

    def stage(self, name: str) -> Stage:
        return self.stages.setdefault(name, Stage())

    def snapshot(self) -> dict[str, tuple[int, int]]:
        """By stage, nanoseconds and calls up to this moment, also of what is still running."""
        self.enter(self._top)
        self.leave()
        cost = {name: round(s.entered * self._within + s.left * self._around) for name, s in self.stages.items()}
        found = {name: (stage.spent - cost[name], stage.calls) for name, stage in self.stages.items()}
        return {**found, MEASURING: (sum(cost.values()), 0)}

    def enter(self, stage: Stage) -> None:
        now = self._clock()
        top = self._top
        top.spent += now - self._since
        top.left += 1
        self._stack.append(top)
        self._top = stage
        stage.entered += 1
        self._since = now

    def leave(self) -> None:
        now = self._clock()
        self._top.spent += now - self._since
        self._top = self._stack.pop()
        self._since = now

    @property
    def here(self) -> bool:
        return get_ident() == self._thread

    def measured(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, plain or a coroutine's, with its time going to this stage. It still is what it was to `inspect`."""
        return self._wrapped(self.stage(name), function)

    def _wrapped(self, stage: Stage, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        async def in_steps(*args: Any, **kwargs: Any) -> Any:
            if not self.here:
                return await function(*args, **kwargs)
            stage.calls += 1
            return await _Steps(self, stage, function(*args, **kwargs))

        @wraps(function)
        def at_once(*args: Any, **kwargs: Any) -> Any:
            if not self.here:
                return function(*args, **kwargs)
            stage.calls += 1
            self.enter(stage)
            try:
                found = function(*args, **kwargs)
            finally:
                self.leave()
            # A plain function that hands out a coroutine has done nothing yet.
            return _Steps(self, stage, found) if inspect.iscoroutine(found) else found

        return in_steps if inspect.iscoroutinefunction(function) else at_once


class _Steps(Coroutine[Any, Any, Any]):
    """A coroutine whose every step is measured. Values, errors and cancellation go through as they are."""

    __slots__ = ("_accounts", "_inner", "_stage")

    def __init__(self, accounts: Accounts, stage: Stage, inner: Coroutine[Any, Any, Any]) -> None:
        self._accounts = accounts
        self._stage = stage
        self._inner = inner

    def __await__(self) -> Generator[Any, Any, Any]:
        return self  # `await` asks for no more than an iterator that has send and throw

    def __iter__(self) -> "_Steps":
        return self

    def __next__(self) -> Any:
        return self.send(None)

    def send(self, value: Any) -> Any:
        self._accounts.enter(self._stage)
        try:
            return self._inner.send(value)
        finally:
            self._accounts.leave()

    def throw(self, *error: Any) -> Any:
        self._accounts.enter(self._stage)
        try:
            return self._inner.throw(*error)
        finally:
            self._accounts.leave()

    def close(self) -> None:
        self._accounts.enter(self._stage)
        try:
            self._inner.close()
        finally:
            self._accounts.leave()
