"""The flood guard: pauses one partition for failures of our own, tries again with growing pauses, and says since when and why."""

from datetime import UTC, datetime

from aiokafka import TopicPartition

from chassis.consumer.breaker import CALM_SECONDS, WINDOW_SECONDS, Breaker

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
HERE = TopicPartition("meter.events", 0)
THERE = TopicPartition("meter.events", 1)
LIMIT = 3


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


class Guarded:
    """A breaker with a clock, and what it tells of partitions."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.told: list[tuple[TopicPartition, datetime | None]] = []
        self.breaker = Breaker(
            limit=LIMIT,
            first_pause=5.0,
            longest_pause=15.0,
            now=lambda: NOW,
            changed=lambda place, since: self.told.append((place, since)),
            clock=self.clock,
        )

    def fail(self, place: TopicPartition = HERE) -> bool:
        """Whether the record was parked."""
        admitted = self.breaker.admits(place, "RuntimeError 1f2e")
        if admitted:
            self.breaker.parked(place)
        return admitted

    def trip(self, place: TopicPartition = HERE) -> None:
        while self.fail(place):
            pass

    def wait(self, seconds: float) -> list[TopicPartition]:
        self.clock.seconds += seconds
        return self.breaker.due()

    def pause(self) -> float:
        (paused,) = self.breaker.paused()
        return paused.retry_seconds


def test_the_partition_pauses_after_the_allowed_number_of_failures() -> None:
    guarded = Guarded()
    assert [guarded.fail() for _ in range(LIMIT + 2)] == [True] * LIMIT + [False] * 2
    (paused,) = guarded.breaker.paused()
    assert (paused.topic, paused.partition, paused.since, paused.state) == ("meter.events", 0, NOW, "open")
    assert paused.reason == "RuntimeError 1f2e"
    assert guarded.told == [(HERE, NOW)]


def test_other_partitions_go_on() -> None:
    guarded = Guarded()
    guarded.trip(HERE)
    assert guarded.fail(THERE)
    assert (guarded.breaker.state(HERE), guarded.breaker.state(THERE)) == ("open", "closed")


def test_failures_of_more_than_a_minute_ago_do_not_count() -> None:
    guarded = Guarded()
    for _ in range(10):
        assert [guarded.fail() for _ in range(LIMIT)] == [True] * LIMIT
        guarded.wait(WINDOW_SECONDS + 1)


def test_a_failure_whose_dead_letter_was_not_written_does_not_count() -> None:
    guarded = Guarded()
    for _ in range(10):
        assert guarded.breaker.admits(HERE, "RuntimeError")
        guarded.breaker.not_parked(HERE)


def test_a_paused_partition_is_tried_again_and_goes_on() -> None:
    guarded = Guarded()
    guarded.trip()
    assert guarded.wait(4.9) == []
    assert guarded.wait(0.2) == [HERE]
    assert guarded.breaker.state(HERE) == "half-open"
    guarded.breaker.worked(HERE)
    assert (guarded.breaker.state(HERE), guarded.breaker.paused(), guarded.breaker.tripped) == ("closed", [], False)
    assert guarded.told == [(HERE, NOW), (HERE, None)]


def test_each_try_that_fails_parks_one_record_and_doubles_the_pause() -> None:
    guarded = Guarded()
    guarded.trip()
    pauses = []
    for _ in range(4):
        pauses.append(guarded.pause())
        guarded.wait(guarded.pause())
        assert guarded.fail()
        assert not guarded.fail()
    assert pauses == [5.0, 10.0, 15.0, 15.0]
    assert [since for _, since in guarded.told] == [NOW]


def test_a_flood_soon_after_a_pause_waits_longer_and_a_late_one_does_not() -> None:
    guarded = Guarded()
    guarded.trip()
    guarded.wait(5)
    guarded.breaker.worked(HERE)
    guarded.trip()
    assert guarded.pause() == 10.0
    guarded.wait(10)
    guarded.breaker.worked(HERE)
    guarded.wait(CALM_SECONDS + 1)
    guarded.trip()
    assert guarded.pause() == 5.0


def test_a_partition_that_another_instance_reads_is_forgotten() -> None:
    guarded = Guarded()
    guarded.trip(HERE)
    guarded.trip(THERE)
    guarded.breaker.keep({THERE})
    assert [paused.partition for paused in guarded.breaker.paused()] == [1]
    assert guarded.told[-1] == (HERE, None)
