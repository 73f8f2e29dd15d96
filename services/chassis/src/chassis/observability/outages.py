"""Which servers are away: one line when one goes, one a minute, one when it is back, and a metric."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

import structlog

from chassis.observability.held_lines import HeldLines
from chassis.observability.metrics import Metrics

log = structlog.get_logger("chassis.observability.outages")

LOOK_SECONDS = 5.0
LEAST_SECONDS = 1.0
"""Between two looks, however much trouble there is."""
ANSWER_SECONDS = 4.0
SAY_EVERY = 60.0

Check = Callable[[], Awaitable[None]]


class Outages:
    """Asks each server now and then, and at once when something fails."""

    def __init__(
        self,
        checks: Mapping[str, Check],
        held: HeldLines,
        metrics: Metrics,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``checks`` by the servers' names; they raise where it does not answer."""
        self._checks = checks
        self._held = held
        self._metrics = metrics
        self._clock = clock
        self._away: dict[str, float] = {}
        self._said: dict[str, float] = {}
        self._errors: dict[str, str] = {}

    async def watch(self) -> None:
        """Never returns."""
        self._held.hold()
        while True:
            await self.look()
            await asyncio.sleep(LEAST_SECONDS)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._held.trouble.wait()
            self._held.trouble.clear()

    async def look(self) -> None:
        await asyncio.gather(*(self._ask(server, check) for server, check in self._checks.items()))
        if self._away:
            self._held.drop()
        else:
            self._held.release()

    def report(self) -> dict[str, Any]:
        now = self._clock()
        return {
            server: {
                "available": False,
                "away_seconds": round(now - self._away[server], 1),
                "error": self._errors[server],
            }
            if server in self._away
            else {"available": True}
            for server in self._checks
        }

    async def _ask(self, server: str, check: Check) -> None:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await check()
        except Exception as error:  # noqa: BLE001  whatever it is, the server is of no use to us
            self._is_away(server, str(error) or "no answer")
        else:
            self._is_back(server)

    def _is_away(self, server: str, error: str) -> None:
        now = self._clock()
        self._errors[server] = error
        since = self._away.setdefault(server, now)
        self._metrics.server_available.labels(server).set(0)
        if now - self._said.get(server, -SAY_EVERY) >= SAY_EVERY:
            self._said[server] = now
            log.error(
                "dependency_unavailable",
                dependency=server,
                error=error,
                seconds=round(now - since, 1),
                lines_dropped=self._held.dropped,
            )

    def _is_back(self, server: str) -> None:
        self._metrics.server_available.labels(server).set(1)
        since = self._away.pop(server, None)
        if since is not None:
            self._said.pop(server, None)
            seconds = round(self._clock() - since, 1)
            log.info("dependency_available", dependency=server, seconds=seconds, lines_dropped=self._held.dropped)
