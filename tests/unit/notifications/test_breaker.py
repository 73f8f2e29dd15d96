"""Waiting for the mail server: nobody is sent to a server that is away, and one probe tells when it is back."""

import pytest
from prometheus_client import Gauge

from notifications.breaker import WAITS, Breaker


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gauge() -> Gauge:
    return Gauge("away", "…", registry=None)


@pytest.fixture
def breaker(clock: Clock, gauge: Gauge) -> Breaker:
    return Breaker(lambda away: gauge.set(int(away)), clock=clock)


def shown(gauge: Gauge) -> float:
    (metric,) = gauge.collect()
    return metric.samples[0].value


def test_all_may_go_while_the_server_answers(breaker: Breaker) -> None:
    assert [breaker.admit() for _ in range(3)] == [False, False, False]


def test_nobody_goes_until_the_wait_is_over_and_then_one(breaker: Breaker, clock: Clock, gauge: Gauge) -> None:
    breaker.failed("refused")
    assert (breaker.admit(), shown(gauge)) == (None, 1)
    clock.now += WAITS[0]
    assert [breaker.admit(), breaker.admit()] == [True, None]
    breaker.worked()
    assert (breaker.admit(), shown(gauge)) == (False, 0)


def test_each_probe_that_fails_makes_the_wait_longer_up_to_a_minute(breaker: Breaker, clock: Clock) -> None:
    breaker.failed("refused")
    for wait in (*WAITS, WAITS[-1]):
        clock.now += wait - 0.1
        assert breaker.admit() is None
        clock.now += 0.1
        assert breaker.admit() is True
        breaker.failed("refused")
        breaker.leave(probe=True)


def test_one_outage_seen_by_many_counts_once(breaker: Breaker, clock: Clock) -> None:
    for _ in range(8):
        breaker.failed("cut off")
    clock.now += WAITS[0]
    assert breaker.admit() is True


def test_a_probe_that_could_tell_nothing_makes_room_for_the_next(breaker: Breaker, clock: Clock) -> None:
    breaker.failed("refused")
    clock.now += WAITS[0]
    assert breaker.admit() is True
    breaker.leave(probe=False)
    assert breaker.admit() is None
    breaker.leave(probe=True)
    assert breaker.admit() is True
