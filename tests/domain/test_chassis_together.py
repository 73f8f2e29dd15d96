"""What is asked for while an answer is under way goes out together."""

import asyncio
from collections.abc import Sequence

import pytest

from chassis.batcher import Batcher


class Server:
    def __init__(self, abreast: int = 1) -> None:
        self.calls: list[list[int]] = []
        self.under_way = 0
        self.most_under_way = 0
        self._abreast = abreast

    async def send(self, items: Sequence[int]) -> list[Exception | None]:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        assert self.under_way <= self._abreast
        self.calls.append(list(items))
        await asyncio.sleep(0.001)
        self.under_way -= 1
        if 666 in items:
            raise RuntimeError("all of them")
        return [ValueError(str(item)) if item < 0 else None for item in items]


async def test_one_that_comes_alone_goes_alone_and_the_others_together() -> None:
    server = Server()
    together = Batcher(server.send, most=10)
    await asyncio.gather(*(together.do(number) for number in range(25)))
    await together.do(99)
    assert [len(call) for call in server.calls] == [10, 10, 5, 1]
    assert [item for call in server.calls for item in call] == [*range(25), 99]


async def test_each_gets_its_own_outcome() -> None:
    together = Batcher(Server().send, most=10)
    outcomes = await asyncio.gather(*(together.do(number) for number in (1, -2, 3)), return_exceptions=True)
    assert [str(outcome) for outcome in outcomes] == ["None", "-2", "None"]


async def test_a_call_that_fails_fails_for_all_in_it_and_the_next_is_made() -> None:
    together = Batcher(Server().send, most=2)
    outcomes = await asyncio.gather(*(together.do(number) for number in (666, 1, 2)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [RuntimeError, RuntimeError, type(None)]


async def test_who_stops_waiting_takes_nothing_back_and_holds_up_nobody() -> None:
    server = Server()
    together = Batcher(server.send, most=10)
    first = asyncio.create_task(together.do(1))
    await asyncio.sleep(0)
    second, third = asyncio.create_task(together.do(2)), asyncio.create_task(together.do(3))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.gather(first, third)
    assert server.calls == [[1], [2, 3]]
    with pytest.raises(asyncio.CancelledError):
        await second


async def test_several_calls_may_be_under_way_and_nothing_is_left_behind() -> None:
    server = Server(abreast=2)
    together = Batcher(server.send, most=4, abreast=2)

    async def caller(first: int) -> None:
        for number in range(first, first + 20):
            await together.do(number)

    await asyncio.wait_for(asyncio.gather(*(caller(100 * who) for who in range(9))), 10)
    assert server.most_under_way == 2
    assert sorted(item for call in server.calls for item in call) == sorted(
        number for who in range(9) for number in range(100 * who, 100 * who + 20)
    )


async def test_one_that_comes_in_the_moment_in_which_the_last_call_ends_is_sent() -> None:
    server = Server()
    together = Batcher(server.send, most=10)

    async def twice() -> None:
        await together.do(1)
        await together.do(2)

    await asyncio.wait_for(twice(), 5)
    assert server.calls == [[1], [2]]
