"""Waiting for a server that is away."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from chassis.errors import UnavailableError

log = structlog.get_logger("chassis.lifecycle.waiting")

T = TypeVar("T")

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 2.0
SAY_EVERY = 60.0


async def patiently(step: Callable[[], Awaitable[T]], within: float) -> T:
    """Try again while a server is away, for so many seconds. One line when it begins, one a minute, one when it is over.

    A service that ended because a server is away for a moment would be started again after a pause that grows with
    every such end; all of them together would come back long after the server.

    Raises UnavailableError where that was not enough, and at once any other error.
    """
    began = time.monotonic()
    said: float | None = None
    pause = FIRST_PAUSE
    while True:
        try:
            done = await step()
        except UnavailableError as error:
            now = time.monotonic()
            if now + pause > began + within:
                raise
            if said is None or now - said >= SAY_EVERY:
                said = now
                log.warning("waiting_for_server", error=str(error), seconds=round(now - began, 1), at_most=within)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        else:
            if said is not None:
                log.info("servers_available", seconds=round(time.monotonic() - began, 1))
            return done
