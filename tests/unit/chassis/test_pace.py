"""How much is begun at a time follows what the last round managed."""

from hypothesis import given
from hypothesis import strategies as st

from chassis.mongo.pace import GROWTH_STEPS, Pace, backlog, is_backlog


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_limit_halves_by_failures_and_grows_by_steps() -> None:
    clock = Clock()
    pace = Pace(64, slow=1.0, clock=clock)
    for expected in (32, 16, 8, 4, 2, 1, 1):
        clock.now += 1
        pace.failed(0.5)
        assert pace.limit == expected
    for _ in range(GROWTH_STEPS):
        pace.took(0.1)
    assert pace.limit == 64


def test_all_that_was_begun_before_a_shrinking_counts_once() -> None:
    clock = Clock()
    pace = Pace(64, slow=1.0, clock=clock)
    clock.now += 5
    for _ in range(10):
        pace.failed(3.0)
    assert pace.limit == 32
    clock.now += 5
    pace.took(2.0)
    assert pace.limit == 16, "a round that comes through slowly is too much, too"


def test_a_round_between_quick_and_slow_changes_nothing() -> None:
    pace = Pace(64, slow=1.0)
    pace.failed()
    pace.took(0.7)
    assert pace.limit == 32


@given(st.integers(1, 100), st.lists(st.tuples(st.booleans(), st.floats(0, 10)), max_size=50))
def test_a_limit_stays_between_one_and_the_most(most: int, rounds: list[tuple[bool, float]]) -> None:
    pace = Pace(most, slow=1.0)
    for failed, seconds in rounds:
        pace.failed(seconds) if failed else pace.took(seconds)
        assert 1 <= pace.limit <= most


def test_work_is_a_backlog_only_inside() -> None:
    assert not is_backlog()
    with backlog():
        assert is_backlog()
    assert not is_backlog()
