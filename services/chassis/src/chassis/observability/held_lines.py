"""Lines about trouble that may come from a server that is away. They would come by the hundred, and say nothing but that.

They are held until it is known whether a server is away. If none is, one of each kind goes out, and another a minute later at
the earliest. If one is, they are counted and dropped: a line of `chassis.observability.outages` tells of it.
"""

import asyncio
import logging
import time
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog

LIBRARIES = ("aiokafka", "faststream")
"""What they log is about connections, nearly always; and each of their many clients logs for itself."""
SAY_EVERY = 60.0

Event = MutableMapping[str, Any]


class HeldLines:
    """Until ``hold`` is called every line goes out as usual: somebody has to be there who releases them."""

    def __init__(self, render: Callable[[Any, str, Event], str], clock: Callable[[], float] = time.monotonic) -> None:
        self.trouble = asyncio.Event()
        self.dropped = 0
        self._render = render
        self._clock = clock
        self._holding = False
        self._lines: dict[str, tuple[int, Callable[[int], None]]] = {}
        self._said: dict[str, float] = {}

    def hold(self) -> None:
        self._holding = True

    def processor(self, logger: Any, method: str, event: Event) -> Event:
        """For structlog, last before the line is made of it: takes events with ``held=True``."""
        if event.pop("held", False) and self._holding:

            def write(times: int) -> None:
                getattr(logger, method)(self._render(logger, method, dict(event) | {"times": times}))

            self._take(f"{event.get('logger')}: {event.get('event')}", write)
            raise structlog.DropEvent
        return event

    def library_filter(self, handler: logging.Handler) -> Callable[[logging.LogRecord], bool]:
        """For the standard library's handler: takes what libraries of the broker's log."""

        def keep(record: logging.LogRecord) -> bool:
            if not self._holding or record.name.partition(".")[0] not in LIBRARIES or hasattr(record, "times"):
                return True

            def write(times: int) -> None:
                record.times = times
                handler.handle(record)

            self._take(record.name.partition(".")[0], write)
            return False

        return keep

    def release(self) -> None:
        """No server is away: it was something else, which has to be seen."""
        now = self._clock()
        for kind, (times, write) in list(self._lines.items()):
            if now - self._said.get(kind, -SAY_EVERY) >= SAY_EVERY:
                self._said[kind] = now
                del self._lines[kind]
                write(times)

    def drop(self) -> None:
        """A server is away."""
        self.dropped += sum(times for times, _ in self._lines.values())
        self._lines.clear()

    def _take(self, kind: str, write: Callable[[int], None]) -> None:
        times, _ = self._lines.get(kind, (0, write))
        self._lines[kind] = (times + 1, write)
        self.trouble.set()
