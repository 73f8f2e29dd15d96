"""One at a time per key, in the order of asking."""

import asyncio

import pytest

from chassis.aggregate.keyed_lock import KeyedLock
from chassis.errors import ContendedError


async def test_turns_are_given_in_the_order_of_asking() -> None:
    turns, order = KeyedLock(5), []

    async def work(name: int) -> None:
        await turns.take("k")
        try:
            order.append(name)
            await asyncio.sleep(0)
        finally:
            turns.give("k")

    await asyncio.gather(*(work(name) for name in range(20)))
    assert order == list(range(20))
    assert turns._queues == {}


async def test_keys_do_not_wait_for_each_other() -> None:
    turns = KeyedLock(5)
    await turns.take("a")
    await asyncio.wait_for(turns.take("b"), 1)


async def test_who_waits_too_long_is_told_and_holds_up_nobody() -> None:
    turns = KeyedLock(0.01)
    await turns.take("k")
    with pytest.raises(ContendedError):
        await turns.take("k")
    turns.give("k")
    await asyncio.wait_for(turns.take("k"), 1)


async def test_a_cancelled_wait_passes_its_turn_on() -> None:
    turns = KeyedLock(5)
    await turns.take("k")
    waiting = [asyncio.create_task(turns.take("k")) for _ in range(2)]
    await asyncio.sleep(0)
    # Given and cancelled in the same moment: the turn must not be lost with the task.
    turns.give("k")
    waiting[0].cancel()
    await asyncio.wait_for(waiting[1], 1)
    turns.give("k")
    assert turns._queues == {}
