"""The domains that mails go to: how many connections each may use, how fast it takes mails, and whether it is in trouble.

One slow or unwilling domain must not delay the mails to the others. A mail that has no place now waits in its document.
"""

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger("notifications.domains")

WAITS = (1.0, 5.0, 15.0, 30.0, 60.0, 300.0, 900.0)
"""Seconds until the next mail to a domain, after the third, fourth, … trouble in a row."""
PATIENCE = 3
"""So many troubles in a row concern the domain, and not one of its recipients."""
SLOW = 2.0
"""An attempt that takes longer makes the domain a slow one."""
PLACE_SECONDS = 0.5
KEPT = 10_000


@dataclass(slots=True)
class _Domain:
    active: int = 0
    slow: bool = False
    troubles: int = 0
    until: float = 0.0
    next_slot: float = 0.0
    freed: asyncio.Event = field(default_factory=asyncio.Event)


class Domains:
    """``connections``: of one process to one domain at a time. ``rate``: mails a second to one domain; None: any."""

    def __init__(self, connections: int, rate: float | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._connections = connections
        self._rate = rate
        self._clock = clock
        self._known: dict[str, _Domain] = {}

    async def enter(self, domain: str) -> float:
        """0: the mail may go now, and ``leave`` must follow. Else it is to wait for so many seconds."""
        known = self._of(domain)
        if (wait := self._wait(known)) > 0:
            return wait
        if known.active >= self._connections and not known.slow:
            known.freed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(PLACE_SECONDS):
                    await known.freed.wait()
        if known.active >= self._connections:
            return 1.0 + 4.0 * random.random()  # noqa: S311  no secret
        known.active += 1
        if self._rate is not None:
            known.next_slot = max(known.next_slot, self._clock()) + 1 / self._rate
        return 0.0

    def leave(self, domain: str, took: float) -> None:
        known = self._of(domain)
        known.active -= 1
        known.slow = took > SLOW
        known.freed.set()

    def worked(self, domain: str) -> None:
        known = self._of(domain)
        known.troubles, known.until = 0, 0.0

    def trouble(self, domain: str) -> float:
        """The seconds for which the mail that met it is to wait."""
        known = self._of(domain)
        known.troubles += 1
        wait = WAITS[min(max(known.troubles - PATIENCE, 0), len(WAITS) - 1)]
        if known.troubles >= PATIENCE:
            known.until = self._clock() + wait
            log.warning("mail_domain_in_trouble", domain=domain, troubles=known.troubles, wait=wait)
            return wait
        return WAITS[min(known.troubles, len(WAITS) - 1)]

    def _wait(self, known: _Domain) -> float:
        now = self._clock()
        closed = known.until - now
        if known.until and closed <= 0 and known.troubles >= PATIENCE and known.active:
            return 1.0  # one mail tries the domain; the others wait for what becomes of it
        return max(closed, known.next_slot - now)

    def _of(self, domain: str) -> _Domain:
        if (known := self._known.get(domain)) is None:
            if len(self._known) >= KEPT:
                self._known = {name: one for name, one in self._known.items() if one.active or one.troubles}
            known = self._known[domain] = _Domain()
        return known
