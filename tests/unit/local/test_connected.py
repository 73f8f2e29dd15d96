"""Clients of the broker are closed whatever happens, and an end that is meant for us is not taken for theirs."""

import asyncio
from typing import Any

import pytest

from kontor_local.connected import connected


class Consumer:
    """Ends as aiokafka's does when one of its fetches has just failed."""

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        fetch = asyncio.create_task(asyncio.sleep(60))
        await asyncio.sleep(0)
        fetch.cancel()
        await fetch


async def test_a_consumer_whose_fetch_failed_ends_in_order() -> None:
    client: Any = Consumer()
    async with connected(client):
        pass


async def test_who_is_cancelled_meanwhile_is_cancelled() -> None:
    client: Any = Consumer()
    inside = asyncio.Event()

    async def use() -> None:
        async with connected(client):
            inside.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(use())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
