"""Limits concurrent work while a server is slow, and marks work that may wait (backlog)."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

GROWTH_STEPS = 16
"""Good rounds from the least to the most."""

_backlog: ContextVar[bool] = ContextVar("backlog", default=False)


class Pace:
    """A limit that shrinks by what the last round managed and grows again: additive increase, multiplicative decrease.

    It is halved after a round that failed or took ``slow`` seconds, once for all that was begun before; it grows by a step
    after a round that took less than half of that.
    """

    def __init__(self, most: int, *, least: int = 1, slow: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = most
        self._most = most
        self._least = min(least, most)
        self._slow = slow
        self._clock = clock
        self._shrunk_at = float("-inf")

    def took(self, seconds: float) -> None:
        """A round went well that began so long ago."""
        if seconds >= self._slow:
            self._shrink(self._clock() - seconds)
        elif seconds < self._slow / 2:
            self.limit = min(self._most, self.limit + max(1, self._most // GROWTH_STEPS))

    def failed(self, seconds: float = 0.0) -> None:
        """A round did not come through, or was given up, that began so long ago."""
        self._shrink(self._clock() - seconds)

    def _shrink(self, began: float) -> None:
        # What was begun before the last time tells nothing of the limit since then.
        if began >= self._shrunk_at:
            self.limit = max(self._least, self.limit // 2)
            self._shrunk_at = self._clock()


@contextmanager
def backlog() -> Iterator[None]:
    """Marks the work inside as backlog: it comes after what a person waits for."""
    token = _backlog.set(True)
    try:
        yield
    finally:
        _backlog.reset(token)


def is_backlog() -> bool:
    return _backlog.get()
