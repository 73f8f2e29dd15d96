"""Partitions that stand still, and since when."""

from datetime import UTC, datetime, timedelta

from aiokafka import TopicPartition

from chassis.consumer.halts import Halts

ONE, OTHER = TopicPartition("a.events", 0), TopicPartition("a.events", 1)


class Course:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 28, tzinfo=UTC)
        self.told: list[datetime | None] = []
        self.halts = Halts(lambda: self.now, self.told.append)

    def later(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


def test_a_partition_that_moves_is_not_halted() -> None:
    course = Course()
    course.halts.note([ONE, OTHER], set())
    assert course.told == []
    assert course.halts.report() == []


def test_a_halt_counts_from_its_first_batch() -> None:
    course = Course()
    first = course.later()
    course.halts.note([ONE], {ONE})
    course.later()
    course.halts.note([ONE], {ONE})
    assert course.told == [first, first]


def test_batches_of_others_do_not_end_a_halt() -> None:
    course = Course()
    first = course.later()
    course.halts.note([ONE], {ONE})
    course.halts.note([OTHER], set())
    assert course.told[-1] == first
    course.halts.note([ONE], set())
    assert course.told[-1] is None


def test_a_partition_that_went_to_another_instance_is_let_go() -> None:
    course = Course()
    course.halts.note([ONE, OTHER], {ONE})
    course.halts.keep({OTHER})
    assert course.told[-1] is None
