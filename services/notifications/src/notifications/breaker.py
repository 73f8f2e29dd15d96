"""A circuit breaker for the mail server: while it is unavailable, mails do not use up their attempts."""

import time
from collections.abc import Callable

import structlog

log = structlog.get_logger("notifications.breaker")

WAITS = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0)
"""Seconds until the next probe, after the first, second, … failure in a row."""


class Breaker:
    """Closed: every mail may be sent. Open: none, until the wait is over; then one mail probes the server.

    ``tell`` hears whether the server is away.
    """

    def __init__(self, tell: Callable[[bool], None], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._tell = tell
        self._clock = clock
        self._failures = 0
        self._until = 0.0
        self._probing = False

    def admit(self) -> bool | None:
        """None: not now. Otherwise whether this one is the probe; pass it to ``leave``."""
        if not self._failures:
            return False
        if self._probing or self._clock() < self._until:
            return None
        self._probing = True
        return True

    def leave(self, probe: bool) -> None:
        """A probe without a result lets the next one try."""
        if probe:
            self._probing = False

    def worked(self) -> None:
        if self._failures:
            log.info("mail_server_available")
        self._failures = 0
        self._tell(False)

    def failed(self, error: str) -> None:
        if self._failures and self._clock() < self._until:
            return  # one outage, seen by several mails at once
        wait = WAITS[min(self._failures, len(WAITS) - 1)]
        self._failures += 1
        self._until = self._clock() + wait
        self._tell(True)
        log.warning("mail_server_unavailable", error=error, probe_in=wait)
