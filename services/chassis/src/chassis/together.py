"""What is asked for while an answer is under way goes out together when it is there: one round trip for many."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class Together(Generic[T]):
    """``send`` takes what has gathered, ``most`` at once, and tells for each whether it failed; it may raise for all.

    An item that comes alone goes alone and at once. Of the items in one call none waits for a later one.
    """

    def __init__(self, send: Callable[[Sequence[T]], Awaitable[Sequence[Exception | None]]], *, most: int) -> None:
        self._send = send
        self._most = most
        self._waiting: list[tuple[T, asyncio.Future[None]]] = []
        self._sending: asyncio.Task[None] | None = None

    async def do(self, item: T) -> None:
        """Return when it is done; raise what came of it. A caller that is cancelled does not take it back."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._sending is None:
            self._sending = asyncio.create_task(self._run())
        await done

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                await self._try(batch)
        finally:
            self._sending = None

    async def _try(self, batch: list[tuple[T, asyncio.Future[None]]]) -> None:
        try:
            errors = await self._send([item for item, _ in batch])
        except Exception as error:  # noqa: BLE001  it is theirs who asked
            errors = [error] * len(batch)
        except BaseException:
            for _, done in batch:
                done.cancel()
            raise
        for (_, done), failure in zip(batch, errors, strict=True):
            if done.done():
                continue
            if failure is None:
                done.set_result(None)
            else:
                done.set_exception(failure)
