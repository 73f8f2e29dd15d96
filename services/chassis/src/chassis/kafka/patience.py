"""Brokers that do not wait.

A fetch asks the broker to hold its answer until there is something to read, for half a second at most. Kafka does; some that
speak its protocol (the embedded one among them) answer at once, and aiokafka asks again at once: an idle consumer then keeps
a processor busy. Here an empty answer that came too soon is followed by a pause: a short one while there was something to read
a moment ago, for where something came more is likely to, and a longer one in quiet.
"""

import asyncio
import time
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

from aiokafka.consumer.fetcher import Fetcher

TOO_SOON_SECONDS = 0.1
MOMENT_SECONDS = 1.0
SHORT_PAUSE_SECONDS = 0.002
PAUSE_SECONDS = 0.01

_original = Fetcher._proc_fetch_request  # noqa: SLF001  the one place where a fetch begins and ends
_last_found: WeakKeyDictionary[Fetcher, float] = WeakKeyDictionary()


def install() -> None:
    """From now on in every consumer of this process. May be called again."""
    Fetcher._proc_fetch_request = _fetch  # noqa: SLF001


async def _fetch(self: Fetcher, *arguments: Any) -> Any:
    """True where there is something to read."""
    asked = time.monotonic()
    found = await _original(self, *arguments)
    now = time.monotonic()
    if found:
        _last_found[self] = now
    elif now - asked < TOO_SOON_SECONDS:
        recently = now - _last_found.get(self, -MOMENT_SECONDS) < MOMENT_SECONDS
        # Cancelled when the consumer is closed, which expects of a fetch that it just ends.
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(SHORT_PAUSE_SECONDS if recently else PAUSE_SECONDS)
    return found
