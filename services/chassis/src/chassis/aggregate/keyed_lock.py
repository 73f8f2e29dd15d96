"""A lock per key, first come, first served."""

import asyncio
from collections import deque

from chassis.errors import ContendedError


class KeyedLock:
    """``seconds`` is the longest wait. A free key costs one look-up."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._queues: dict[str, deque[asyncio.Future[None]]] = {}

    async def take(self, key: str) -> None:
        """Raises ContendedError after too long a wait; the lock is not taken then."""
        queue = self._queues.get(key)
        if queue is None:
            self._queues[key] = deque()
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(waiter)
        try:
            async with asyncio.timeout(self._seconds):
                await waiter
        except BaseException as error:
            if waiter.done() and not waiter.cancelled():
                # It became ours at the moment the wait ended.
                self.give(key)
            if isinstance(error, TimeoutError):
                raise ContendedError(f"{key} has too many commands waiting") from error
            raise

    def give(self, key: str) -> None:
        """Give it to the next caller that still waits."""
        queue = self._queues[key]
        while queue:
            waiter = queue.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        del self._queues[key]
