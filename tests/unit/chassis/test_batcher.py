"""What is asked for while an answer is under way goes out together."""

import asyncio
from collections.abc import Sequence

import pytest

from chassis.mongo.batcher import Batcher
from chassis.mongo.pace import backlog


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


class Slow:
    """Answers when told to, and keeps what it was asked for."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.answer = asyncio.Semaphore(0)

    async def send(self, items: Sequence[str]) -> list[Exception | None]:
        self.calls.append(list(items))
        await self.answer.acquire()
        return [None] * len(items)


async def test_what_a_person_waits_for_does_not_wait_behind_a_backlog() -> None:
    server = Slow()
    batcher: Batcher[str] = Batcher(server.send, most=10)
    with backlog():
        records = [asyncio.create_task(batcher.do(f"record {n}")) for n in range(30)]
    await asyncio.sleep(0)
    requests = [asyncio.create_task(batcher.do(f"request {n}")) for n in range(3)]
    await asyncio.sleep(0.01)
    assert [call[0] for call in server.calls] == ["record 0", "request 0"], "beside it, and not after it"
    assert server.calls[1] == [f"request {n}" for n in range(3)], "and with no record among them"
    later = asyncio.create_task(batcher.do("request 3"))
    await asyncio.sleep(0.01)
    server.answer.release()
    await asyncio.sleep(0.01)
    assert server.calls[2] == ["request 3"], "before the records that wait for longer"
    for _ in range(10):
        server.answer.release()
    await asyncio.gather(*records, *requests, later)


async def test_a_backlog_goes_out_in_smaller_parts_while_calls_fail() -> None:
    calls: list[int] = []

    async def send(items: Sequence[int]) -> list[Exception | None]:
        calls.append(len(items))
        if len(calls) <= 3:
            raise RuntimeError("not now")
        return [None] * len(items)

    batcher: Batcher[int] = Batcher(send, most=64)
    with backlog():
        for _ in range(8):
            await asyncio.gather(*(batcher.do(n) for n in range(64)), return_exceptions=True)
    assert calls[0] == 64 and min(calls) <= 16
    assert max(calls[-8:]) > 16, "more again after it has failed"
