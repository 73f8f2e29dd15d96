"""The table of stages names what is there, and counts processor time for the right stage.

The clock stands still but where a test moves it, so every figure is exact.
"""

import asyncio
import inspect
import threading
from collections.abc import Callable

import pytest
from benchmarks.stages.accounting import MEASURING, OUTSIDE, Accounts
from benchmarks.stages.names import UnknownNameError, install, place
from benchmarks.stages.table import ITEMS, STAGES


class Clock:
    """Nanoseconds that pass when somebody works."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now

    def work(self, amount: int) -> None:
        self.now += amount


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(clock: Clock) -> Accounts:
    return Accounts(clock)


def spent(accounts: Accounts) -> dict[str, int]:
    return {name: spent for name, (spent, _) in accounts.snapshot().items() if spent}


def calls(accounts: Accounts, stage: str) -> int:
    return accounts.snapshot()[stage][1]


# -- the table


@pytest.mark.parametrize("name", [name for names in STAGES.values() for name in names])
def test_every_name_in_the_table_is_there(name: str) -> None:
    owner, attribute = place(name)
    assert callable(getattr(owner, attribute))


def test_no_name_is_in_two_stages() -> None:
    names = [name for names in STAGES.values() for name in names]
    assert len(names) == len(set(names))


def test_what_the_others_are_divided_by_is_a_stage_of_one_function() -> None:
    assert len(STAGES[ITEMS]) == 1


class Base:
    def inherited(self) -> None:
        """Found by getattr on the class below, but not its own."""


class Shop(Base):
    open = True

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def sell(self) -> str:
        self._clock.work(5)
        return "sold"

    @staticmethod
    async def deliver(clock: Clock) -> str:
        clock.work(2)
        await asyncio.sleep(0)
        clock.work(3)
        return "delivered"


@pytest.mark.parametrize("name", ["Shop.buy", "Store.sell", "Shop.open", "Shop.inherited"])
def test_a_name_that_cannot_be_measured_is_refused(name: str, accounts: Accounts) -> None:
    with pytest.raises(UnknownNameError, match=name):
        install(accounts, {"shop": [f"{__name__}:{name}"]})


def test_a_module_that_is_not_there_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="no_such_module"):
        place("no_such_module:anything")


def test_one_wrong_name_leaves_everything_as_it_was(accounts: Accounts) -> None:
    before = Shop.sell
    with pytest.raises(UnknownNameError):
        install(accounts, {"shop": [f"{__name__}:Shop.sell", f"{__name__}:Shop.buy"]})
    assert Shop.sell is before


async def test_methods_of_all_kinds_are_measured_where_they_are(
    accounts: Accounts, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("sell", "deliver"):
        monkeypatch.setattr(Shop, name, vars(Shop)[name])
    install(accounts, {"sales": [f"{__name__}:Shop.sell"], "transport": [f"{__name__}:Shop.deliver"]})
    assert Shop(clock).sell() == "sold"
    assert await Shop.deliver(clock) == "delivered"
    assert spent(accounts) == {"sales": 5, "transport": 5}


# -- the accounts


class SlowClock(Clock):
    """One that takes time to look at."""

    def __call__(self) -> int:
        self.now += 3
        return self.now


async def test_what_measuring_costs_is_taken_off_again() -> None:
    clock = SlowClock()
    accounts = Accounts(clock)
    accounts.calibrate()
    before, begun = sum(spent(accounts).values()), clock.now

    async def save() -> None:
        clock.work(100)
        await asyncio.sleep(0)
        clock.work(100)

    saved = accounts.measured("save", save)

    async def handle() -> None:
        clock.work(1)
        await saved()

    await asyncio.gather(*(accounts.measured("handle", handle)() for _ in range(5)))
    found = spent(accounts)
    assert (found["handle"], found["save"]) == (5, 1000)
    assert found[MEASURING] > 0
    assert sum(found.values()) - before == clock.now - begun


def test_a_function_keeps_what_it_does_not_hand_on(accounts: Accounts, clock: Clock) -> None:
    inner = accounts.measured("inner", lambda: clock.work(7))

    def around() -> None:
        clock.work(1)
        inner()
        clock.work(2)
        inner()

    accounts.measured("outer", around)()
    clock.work(4)
    assert spent(accounts) == {"outer": 3, "inner": 14, OUTSIDE: 4}
    assert calls(accounts, "inner") == 2


def test_a_stage_within_itself_is_counted_once_for_its_time(accounts: Accounts, clock: Clock) -> None:
    def down(levels: int) -> None:
        clock.work(1)
        if levels:
            measured(levels - 1)

    measured: Callable[[int], None] = accounts.measured("down", down)
    measured(3)
    assert spent(accounts) == {"down": 4}


async def test_a_coroutine_is_not_charged_for_what_others_do_while_it_waits(accounts: Accounts, clock: Clock) -> None:
    let_go = asyncio.Event()

    async def waits() -> None:
        clock.work(10)
        await let_go.wait()
        clock.work(20)

    async def busy() -> None:
        clock.work(300)
        await asyncio.sleep(0)
        clock.work(400)
        let_go.set()

    await asyncio.gather(accounts.measured("waiting", waits)(), accounts.measured("busy", busy)())
    assert spent(accounts) == {"waiting": 30, "busy": 700}


async def test_nested_coroutines_of_several_tasks_keep_apart(accounts: Accounts, clock: Clock) -> None:
    async def save() -> None:
        clock.work(100)
        await asyncio.sleep(0)
        clock.work(100)

    saved = accounts.measured("save", save)

    async def handle() -> None:
        clock.work(1)
        await saved()
        clock.work(1)

    handled = accounts.measured("handle", handle)
    await asyncio.gather(*(handled() for _ in range(5)))
    assert spent(accounts) == {"handle": 10, "save": 1000}
    assert calls(accounts, "handle") == calls(accounts, "save") == 5


async def test_what_a_coroutine_answers_and_raises_comes_through(accounts: Accounts, clock: Clock) -> None:
    async def answers(error: Exception | None) -> int:
        clock.work(1)
        await asyncio.sleep(0)
        if error:
            raise error
        return 42

    measured = accounts.measured("answers", answers)
    assert await measured(None) == 42
    with pytest.raises(ValueError, match="no"):
        await measured(ValueError("no"))
    clock.work(5)
    assert spent(accounts) == {"answers": 2, OUTSIDE: 5}


async def test_cancelling_reaches_the_coroutine_and_its_last_words_are_its_own(
    accounts: Accounts, clock: Clock
) -> None:
    cleaned: list[str] = []

    async def waits() -> None:
        clock.work(1)
        try:
            await asyncio.Event().wait()
        finally:
            clock.work(10)
            cleaned.append("yes")

    task = asyncio.create_task(accounts.measured("waits", waits)())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    clock.work(3)
    assert cleaned == ["yes"]
    assert spent(accounts) == {"waits": 11, OUTSIDE: 3}


async def test_a_time_limit_within_a_measured_coroutine_holds(accounts: Accounts) -> None:
    async def waits() -> str:
        try:
            async with asyncio.timeout(0):
                await asyncio.Event().wait()
        except TimeoutError:
            return "late"
        return "never"

    assert await accounts.measured("waits", waits)() == "late"


def test_a_coroutine_that_is_closed_early_gives_the_stage_back(accounts: Accounts, clock: Clock) -> None:
    async def waits() -> None:
        try:
            await asyncio.sleep(0)
        finally:
            clock.work(10)

    running = accounts.measured("waits", waits)()
    running.send(None)
    running.close()
    clock.work(1)
    assert spent(accounts) == {"waits": 10, OUTSIDE: 1}


async def test_a_function_that_returns_a_coroutine_is_measured_to_its_end(accounts: Accounts, clock: Clock) -> None:
    async def later() -> str:
        clock.work(20)
        return "there"

    def soon() -> object:
        clock.work(1)
        return later()

    handed_out = accounts.measured("soon", soon)()
    clock.work(5)
    assert asyncio.iscoroutine(handed_out)
    assert await asyncio.create_task(handed_out) == "there"
    assert spent(accounts) == {"soon": 21, OUTSIDE: 5}


def test_other_threads_are_let_through(accounts: Accounts, clock: Clock) -> None:
    measured = accounts.measured("work", lambda: clock.work(9))
    other = threading.Thread(target=measured)
    other.start()
    other.join()
    assert calls(accounts, "work") == 0
    assert spent(accounts) == {OUTSIDE: 9}


def test_frameworks_see_the_same_kind_of_function(accounts: Accounts) -> None:
    async def endpoint(name: str) -> None: ...

    measured = accounts.measured("endpoint", endpoint)
    assert inspect.iscoroutinefunction(measured)
    assert inspect.signature(measured) == inspect.signature(endpoint)


def test_what_still_runs_is_in_the_snapshot(accounts: Accounts, clock: Clock) -> None:
    def works() -> dict[str, int]:
        clock.work(8)
        return spent(accounts)

    assert accounts.measured("works", works)() == {"works": 8}
