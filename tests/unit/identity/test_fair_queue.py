"""Fair shares of the hashing of passwords: one client fills the queue for itself, and known devices come first."""

import asyncio
import random
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.http.serving.networks import network_of
from identity.credentials.fair_queue import KNOWN_AT_ONCE, STRANGERS_TURN, FairQueue, QueueFullError, Share


class Ground:
    """A queue with one place in work, which serves one request after the other at a signal."""

    def __init__(self, most: int = 64) -> None:
        self.queue = FairQueue(abreast=1, most=most)
        self.served: list[str] = []
        self.refused: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []
        self._gate = asyncio.Semaphore(0)

    async def ask(self, name: str, share: Share) -> None:
        async def ask() -> None:
            try:
                async with self.queue.turn(share):
                    await self._gate.acquire()
                    self.served.append(name)
            except QueueFullError:
                self.refused.append(name)

        self.tasks.append(asyncio.create_task(ask()))
        await asyncio.sleep(0)

    async def ask_all(self, asked: Iterable[tuple[str, Share]]) -> None:
        for name, share in asked:
            await self.ask(name, share)

    async def serve(self) -> list[str]:
        for _ in self.tasks:
            self._gate.release()
        await asyncio.gather(*self.tasks)
        return self.served


def flood(count: int, network: str = "flood", account: str = "") -> list[tuple[str, Share]]:
    return [(f"{network} {n}", Share(account or f"account {n}", network)) for n in range(count)]


async def test_a_flood_of_one_network_delays_another_by_one_turn() -> None:
    ground = Ground()
    await ground.ask_all(flood(120))
    await ground.ask("owner", Share("owner", "home"))
    served = await ground.serve()
    assert served.index("owner") <= 2
    assert "owner" not in ground.refused
    assert ground.refused, "what does not fit is turned away at once"


async def test_a_flood_of_many_networks_on_one_account_leaves_the_others_alone() -> None:
    ground = Ground()
    await ground.ask_all((f"bot {n}", Share("victim", f"network {n}")) for n in range(120))
    await ground.ask("owner", Share("another", "home"))
    assert (await ground.serve()).index("owner") <= 2


async def test_a_flood_on_one_account_delays_no_other_of_its_network() -> None:
    ground = Ground()
    await ground.ask_all(flood(120, "office", account="guessed at"))
    await ground.ask("colleague", Share("colleague", "office"))
    assert (await ground.serve()).index("colleague") <= 2
    assert "colleague" not in ground.refused


async def test_a_client_alone_may_use_the_whole_queue() -> None:
    ground = Ground(most=64)
    await ground.ask_all(flood(65, account="one"))
    assert len(await ground.serve()) == 65
    assert ground.refused == []


async def test_a_known_device_comes_first_even_under_a_flood_of_networks() -> None:
    ground = Ground(most=8)
    await ground.ask_all((f"bot {n}", Share(f"account {n}", f"network {n}")) for n in range(30))
    await ground.ask("owner", Share("owner", "home", known=True))
    assert (await ground.serve()).index("owner") <= 2


async def test_known_devices_leave_every_fourth_turn_to_strangers() -> None:
    ground = Ground()
    await ground.ask("first", Share())
    await ground.ask("stranger", Share("s", "elsewhere"))
    await ground.ask_all((f"known {n}", Share(f"account {n}", f"network {n}", known=True)) for n in range(30))
    assert (await ground.serve()).index("stranger") <= STRANGERS_TURN + 1


async def test_one_account_has_few_requests_in_front() -> None:
    ground = Ground()
    await ground.ask("first", Share())
    await ground.ask_all((f"greedy {n}", Share("greedy", "here", known=True)) for n in range(10))
    await ground.ask("modest", Share("modest", "there", known=True))
    assert (await ground.serve()).index("modest") <= KNOWN_AT_ONCE + 1


async def test_networks_get_equal_shares() -> None:
    ground = Ground()
    await ground.ask("first", Share())
    await ground.ask_all(flood(20, "a"))
    await ground.ask_all(flood(20, "b"))
    served = await ground.serve()
    early = served[1:21]
    assert abs(sum(name.startswith("a") for name in early) - 10) <= 1


async def test_who_was_turned_away_is_not_behind_for_it_later() -> None:
    ground = Ground(most=4)
    await ground.ask_all(flood(100, "office"))
    await ground.ask_all(flood(3, "home"))
    served = await ground.serve()
    again = Ground(most=4)
    again.queue = ground.queue
    await again.ask("first", Share())
    await again.ask("office", Share("x", "office"))
    await again.ask("home", Share("y", "home"))
    assert served and await again.serve() == ["first", "office", "home"]


async def test_who_goes_away_gives_the_turn_back() -> None:
    ground = Ground()
    await ground.ask_all(flood(5))
    for task in ground.tasks[1:]:
        task.cancel()
    await asyncio.gather(*ground.tasks[1:], return_exceptions=True)
    ground.tasks[1:] = []
    await ground.ask("late", Share("late", "home"))
    assert await ground.serve() == ["flood 0", "late"]


SHARES = st.builds(Share, st.sampled_from("abc"), st.sampled_from(["n", "m", "o"]), st.booleans())


@given(st.lists(st.tuples(SHARES, st.booleans()), max_size=60), st.integers(0, 8), st.integers(1, 3))
async def test_every_request_is_served_refused_or_gone(
    asked: list[tuple[Share, bool]], most: int, abreast: int
) -> None:
    queue, order = FairQueue(abreast=abreast, most=most), random.Random(1)

    async def ask(share: Share) -> str:
        try:
            async with queue.turn(share):
                await asyncio.sleep(0)
                return "served"
        except QueueFullError:
            return "refused"

    tasks = []
    for share, leaves in asked:
        task = asyncio.create_task(ask(share))
        tasks.append(task)
        if order.random() < 0.5:
            await asyncio.sleep(0)
        if leaves:
            task.cancel()
    ended = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 10)
    wrong = [
        each for each in ended if each not in {"served", "refused"} and not isinstance(each, asyncio.CancelledError)
    ]
    assert wrong == []
    async with queue.turn(Share()):
        assert queue._free == abreast - 1
    assert (queue._waiting, queue._ends) == ([], {})


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.78", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("testclient", "unknown"),
    ],
)
def test_addresses_of_one_network_share(address: str, network: str) -> None:
    assert network_of({"type": "http", "client": (address, 1)}) == network
    assert network_of({"type": "http", "client": None}) == "unknown"
