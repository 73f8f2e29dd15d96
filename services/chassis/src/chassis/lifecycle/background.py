"""Work that runs beside requests until the service stops."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from typing import Any

import structlog
from aiokafka.errors import KafkaError

log = structlog.get_logger("chassis.service")

STOP_SECONDS = 4.0


def run_beside(stack: AsyncExitStack, work: Coroutine[Any, Any, None]) -> None:
    """Until the stack ends."""
    task = asyncio.create_task(work)
    task.add_done_callback(_tell)

    async def end() -> None:
        task.cancel()
        await asyncio.wait({task}, timeout=STOP_SECONDS)

    stack.push_async_callback(end)


def _tell(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("background_task_failed", error=f"{type(error).__name__}: {error}", exc_info=error)


async def bounded(stop: Callable[[], Awaitable[object]]) -> None:
    """A client whose broker is away may try for long to say goodbye."""
    with suppress(TimeoutError, KafkaError):
        async with asyncio.timeout(STOP_SECONDS):
            await stop()
