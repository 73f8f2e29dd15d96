"""What is asked for while answers are under way goes out together when one is there: one round trip for many."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class Batcher(Generic[T]):
    """``send`` takes what has gathered, ``most`` at once, and tells for each whether it failed; it may raise for all.

    An item that comes alone goes alone and at once. ``abreast`` calls may be under way: with two, one is prepared here while
    the other is answered there. Their items may be done in any order.
    """

    def __init__(
        self, send: Callable[[Sequence[T]], Awaitable[Sequence[Exception | None]]], *, most: int, abreast: int = 1
    ) -> None:
        self._send = send
        self._most = most
        self._abreast = abreast
        self._waiting: list[tuple[T, asyncio.Future[None]]] = []
        self._sending: set[asyncio.Task[None]] = set()

    async def do(self, item: T) -> None:
        """Return when it is done; raise what came of it. A caller that is cancelled does not take it back."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if len(self._sending) < self._abreast:
            self._sending.add(asyncio.create_task(self._run()))
        await done

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                await self._try(batch)
        finally:
            # Here and not when the task is done: what came in between would wait for nobody.
            self._sending.discard(asyncio.current_task())

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
