"""One at a time per key, in the order of asking."""

import asyncio
from collections import deque

from chassis.errors import ContendedError


class KeyedLock:
    """A key that nobody holds costs nothing but a look. ``seconds`` is how long anybody waits."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._queues: dict[str, deque[asyncio.Future[None]]] = {}

    async def take(self, key: str) -> None:
        """Raises ContendedError after too long a wait; then the turn was not taken."""
        queue = self._queues.get(key)
        if queue is None:
            self._queues[key] = deque()
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            async with asyncio.timeout(self._seconds):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                # It was given to us in the moment in which we stopped waiting.
                self.give(key)
            if isinstance(error, TimeoutError):
                raise ContendedError(f"{key} has too many commands waiting") from error
            raise

    def give(self, key: str) -> None:
        """To the next who still waits."""
        queue = self._queues[key]
        while queue:
            turn = queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        del self._queues[key]
