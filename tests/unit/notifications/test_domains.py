"""Places, rates and troubles of the domains that mails go to, and when refusals are about us."""

import asyncio

import pytest

from notifications.domains import PATIENCE, WAITS, Domains
from notifications.standing import Standing


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_a_domain_has_so_many_places_and_others_have_theirs(clock: Clock) -> None:
    domains = Domains(2, None, clock=clock)
    assert [await domains.enter("a.example") for _ in range(2)] == [0, 0]
    assert await domains.enter("a.example") > 0
    assert await domains.enter("b.example") == 0


async def test_a_place_that_becomes_free_soon_is_waited_for(clock: Clock) -> None:
    domains = Domains(1, None, clock=clock)
    await domains.enter("a.example")
    waiting = asyncio.create_task(domains.enter("a.example"))
    await asyncio.sleep(0)
    domains.leave("a.example", 0.1)
    assert await waiting == 0


async def test_a_slow_domain_lets_nobody_wait_for_a_place(clock: Clock) -> None:
    domains = Domains(1, None, clock=clock)
    await domains.enter("a.example")
    domains.leave("a.example", 20.0)
    await domains.enter("a.example")
    async with asyncio.timeout(0.1):
        assert await domains.enter("a.example") >= 1


async def test_one_recipients_trouble_holds_up_no_others_of_the_domain(clock: Clock) -> None:
    domains = Domains(4, None, clock=clock)
    assert domains.trouble("a.example") > 0
    assert await domains.enter("a.example") == 0


async def test_troubles_in_a_row_close_a_domain_and_one_mail_tries_it_later(clock: Clock) -> None:
    domains = Domains(4, None, clock=clock)
    for _ in range(PATIENCE):
        domains.trouble("a.example")
    assert 0 < await domains.enter("a.example") <= WAITS[0]
    assert await domains.enter("b.example") == 0
    clock.now += WAITS[0]
    assert await domains.enter("a.example") == 0
    assert await domains.enter("a.example") > 0, "the first one has not told yet"
    domains.worked("a.example")
    assert await domains.enter("a.example") == 0


async def test_the_waits_of_a_domain_grow_up_to_a_quarter_of_an_hour(clock: Clock) -> None:
    domains = Domains(4, None, clock=clock)
    waits = [domains.trouble("a.example") for _ in range(30)]
    assert waits[-1] == WAITS[-1] == 900


async def test_a_rate_spaces_the_mails_of_one_domain(clock: Clock) -> None:
    domains = Domains(4, 2.0, clock=clock)
    assert await domains.enter("a.example") == 0
    assert await domains.enter("a.example") == pytest.approx(0.5)
    assert await domains.enter("b.example") == 0
    clock.now += 0.5
    assert await domains.enter("a.example") == 0


def test_three_domains_that_refuse_in_a_row_mean_us() -> None:
    standing = Standing()
    assert [standing.refused("unclear", f"{name}.example") for name in "aab"] == [False] * 3
    assert standing.refused("policy", "c.example")


@pytest.mark.parametrize("between", ["accepted", "unknown-mailbox"])
def test_an_answer_that_shows_a_working_server_ends_the_row(between: str) -> None:
    standing = Standing()
    standing.refused("unclear", "a.example")
    standing.refused("unclear", "b.example")
    standing.good() if between == "accepted" else standing.refused("unknown-mailbox", "c.example")
    assert not standing.refused("unclear", "d.example")
