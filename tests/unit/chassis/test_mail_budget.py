"""How many mails a person may cause in a day: the counters, their limits, and the answers to callers."""

from datetime import UTC, date, datetime, timedelta
from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from chassis.limits.mail_budget import (
    MOST_COUNTERS,
    Budget,
    BudgetRefused,
    Charge,
    Spend,
    Spent,
    decide,
    evolve,
    seconds_left,
)
from chassis.limits.mail_budgets import BUDGET

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def spend(*charges: tuple[str, int, int], at: datetime = NOW) -> Spend:
    return Spend(tuple(Charge(key, f"policy-{key}", limit, mails) for key, limit, mails in charges), at)


def after(*commands: Spend) -> Budget:
    return reduce(lambda state, command: reduce(evolve, decide(command, state), state), commands, Budget())


def refused(command: Spend, state: Budget) -> BudgetRefused:
    (fact,) = decide(command, state)
    assert isinstance(fact, BudgetRefused)
    return fact


def test_a_budget_takes_as_many_mails_as_its_limit_and_no_more() -> None:
    state = after(*[spend(("all", 3, 1))] * 3)
    no = refused(spend(("all", 3, 1)), state)
    assert (no.reason, no.status, no.limit, no.left) == ("mail-budget-spent", 429, 3, 0)
    assert refused(spend(("all", 3, 4)), Budget()).left == 3


def test_all_charges_of_a_command_count_or_none() -> None:
    state = after(spend(("all", 10, 1), ("person:a", 1, 1)))
    again = spend(("all", 10, 1), ("person:a", 1, 1))
    assert refused(again, state).policy == "policy-person:a"
    assert reduce(evolve, decide(again, state), state) == state
    assert isinstance(decide(spend(("all", 10, 1), ("person:b", 1, 1)), state)[0], Spent)


def test_a_new_day_begins_with_an_empty_budget() -> None:
    state = after(spend(("all", 1, 1)), spend(("other", 1, 1)))
    tomorrow = after(spend(("all", 1, 1)), spend(("all", 1, 1), at=NOW + DAY))
    assert state.counts == {"all": 1, "other": 1}
    assert (tomorrow.day, tomorrow.counts) == (date(2026, 11, 23), {"all": 1})


def test_a_clock_that_is_behind_does_not_give_a_day_back() -> None:
    state = after(spend(("all", 1, 1)))
    assert refused(spend(("all", 1, 1), at=NOW - DAY), state).left == 0


def test_a_document_of_counters_stays_small() -> None:
    state = Budget(NOW.date(), {str(number): 1 for number in range(MOST_COUNTERS)})
    assert refused(spend(("one more", 5, 1)), state)
    assert isinstance(decide(spend(("7", 5, 1)), state)[0], Spent)


def test_a_caller_is_told_to_come_again_when_the_next_day_begins() -> None:
    assert seconds_left(NOW) == (14 * 60 + 30) * 60
    assert seconds_left(datetime(2026, 11, 22, 23, 59, 59, 999_999, tzinfo=UTC)) == 1


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 4), st.integers(0, 2)), max_size=30))
def test_no_order_of_commands_exceeds_a_limit(wishes: list[tuple[str, int, int]]) -> None:
    state, days = Budget(), NOW
    for who, mails, later in wishes:
        days += later * DAY
        command = spend(("all", 9, mails), (f"person:{who}", 5, mails), at=days)
        state = reduce(evolve, decide(command, state), state)
        assert state.counts.get("all", 0) <= 9
        assert all(count <= 5 for key, count in state.counts.items() if key != "all")
        assert BUDGET.parse(BUDGET.dump(state)) == state
