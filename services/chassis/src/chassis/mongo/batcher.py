"""Batches concurrent calls into one round trip."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from chassis.mongo.pace import Pace, is_backlog

T = TypeVar("T")
SLOW_SECONDS = 0.5
"""A round trip for a backlog that takes longer is one for fewer the next time: somebody may be waiting behind it."""


class Batcher(Generic[T]):
    """``send`` takes what has gathered, ``most`` at once, and tells for each whether it failed; it may raise for all.

    An item that comes alone goes alone and at once. ``abreast`` calls may be under way: with two, one is prepared here while
    the other is answered there. Their items may be done in any order. Items of a backlog (`chassis.mongo.pace`) come after all
    others, never share a call with them, and while one of their calls is under way, the others have one call more.
    """

    def __init__(
        self, send: Callable[[Sequence[T]], Awaitable[Sequence[Exception | None]]], *, most: int, abreast: int = 1
    ) -> None:
        self._send = send
        self._most = most
        self._abreast = abreast
        self._pace = Pace(most, slow=SLOW_SECONDS)
        self._people: list[tuple[T, asyncio.Future[None]]] = []
        self._backlog: list[tuple[T, asyncio.Future[None]]] = []
        self._sending: set[asyncio.Task[None]] = set()
        self._express: asyncio.Task[None] | None = None
        self._backlog_calls = 0

    async def do(self, item: T) -> None:
        """Return when it is done; raise what came of it. A caller that is cancelled does not take it back."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waits = is_backlog()
        (self._backlog if waits else self._people).append((item, done))
        if len(self._sending) < self._abreast:
            self._sending.add(asyncio.create_task(self._run()))
        elif not waits and self._express is None and self._backlog_calls:
            self._express = asyncio.create_task(self._run_express())
        await done

    async def _run(self) -> None:
        try:
            while self._people or self._backlog:
                if self._people:
                    await self._try(self._first_people())
                else:
                    await self._try_backlog()
        finally:
            # Here and not when the task is done: what came in between would wait for ever.
            self._sending.discard(asyncio.current_task())

    async def _run_express(self) -> None:
        try:
            while self._people:
                await self._try(self._first_people())
        finally:
            self._express = None

    def _first_people(self) -> list[tuple[T, asyncio.Future[None]]]:
        batch, self._people = self._people[: self._most], self._people[self._most :]
        return batch

    async def _try_backlog(self) -> None:
        limit, began = self._pace.limit, time.monotonic()
        batch, self._backlog = self._backlog[:limit], self._backlog[limit:]
        self._backlog_calls += 1
        try:
            answered = await self._try(batch)
        finally:
            self._backlog_calls -= 1
        if answered:
            self._pace.took(time.monotonic() - began)
        else:
            self._pace.failed(time.monotonic() - began)

    async def _try(self, batch: list[tuple[T, asyncio.Future[None]]]) -> bool:
        """False: the call as a whole failed."""
        answered = True
        try:
            errors = await self._send([item for item, _ in batch])
        except Exception as error:  # noqa: BLE001  it is theirs who asked
            errors = [error] * len(batch)
            answered = False
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
        return answered
