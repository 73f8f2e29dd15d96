"""A gap in what an aggregate announces is noticed, and nothing else is taken for one."""

from types import SimpleNamespace
from typing import Any

import pytest

from chassis.consumer.judgement import claimed_sequence
from chassis.consumer.sequences import Sequences
from chassis.observability.metrics import Metrics


class Topic:
    """One partition, as a process reads it."""

    def __init__(self, *, most: int = 100) -> None:
        self.metrics = Metrics()
        self.sequences = Sequences(self.metrics, most=most)

    def read(self, offset: int, key: str, number: int | None) -> None:
        record: Any = SimpleNamespace(topic="t", partition=0, offset=offset, key=key.encode())
        self.sequences.begin([record])
        self.sequences.saw(record, number)

    @property
    def missing(self) -> float:
        return self.metrics.registry.get_sample_value("kontor_sequence_gaps_total", {"topic": "t"}) or 0.0


def test_a_gap_is_counted_by_what_is_missing() -> None:
    topic = Topic()
    for offset, number in enumerate((1, 2, 5, 6)):
        topic.read(offset, "a", number)
    assert topic.missing == 2


def test_a_second_event_after_nothing_is_a_gap_where_all_was_read() -> None:
    topic = Topic()
    topic.read(0, "a", 1)
    topic.read(1, "b", 2)
    assert topic.missing == 1


def test_a_process_that_begins_in_the_middle_takes_nothing_for_missing() -> None:
    topic = Topic()
    topic.read(70, "a", 7)
    topic.read(71, "a", 8)
    assert topic.missing == 0
    topic.read(72, "a", 10)
    assert topic.missing == 1


def test_events_that_come_again_are_no_gap() -> None:
    topic = Topic()
    for offset, number in ((0, 1), (1, 2), (2, 3), (1, 2), (2, 3), (3, 1), (4, 2), (5, 4)):
        topic.read(offset, "a", number)
    assert topic.missing == 0


def test_what_another_process_has_read_meanwhile_is_not_missing() -> None:
    topic = Topic()
    topic.read(0, "a", 1)
    topic.read(50, "a", 9)
    topic.read(51, "b", 3)
    assert topic.missing == 0


def test_a_log_cut_short_shows_with_the_next_event() -> None:
    topic = Topic()
    for offset in range(5):
        topic.read(offset, "a", offset + 1)
    for offset in range(3):
        topic.read(offset, "a", offset + 1)  # the end is lost, and the group begins again
    topic.read(3, "a", 8)
    assert topic.missing == 2


def test_an_event_that_cannot_be_read_is_not_missing() -> None:
    topic = Topic()
    topic.read(0, "a", 1)
    topic.read(1, "a", None)
    topic.read(2, "a", 3)
    assert topic.missing == 0


def test_what_was_forgotten_for_room_is_not_missing() -> None:
    topic = Topic(most=2)
    for offset, key in enumerate("abc"):
        topic.read(offset, key, 1)
    topic.read(3, "a", 2)
    assert topic.missing == 0


def test_a_number_far_ahead_is_no_gap() -> None:
    topic = Topic()
    topic.read(0, "a", 1)
    topic.read(1, "a", 2**63 - 1)
    topic.read(2, "a", 2)
    assert topic.missing == 0
    topic.read(3, "a", 4)
    assert topic.missing == 1


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("0000000012", 12),
        (12, 12),
        (2**63 - 1, 2**63 - 1),
        (2**63, None),
        ("9" * 4000, None),
        (int("9" * 4000), None),
        ("0", None),
        ("-1", None),
        ("٣", None),
        (True, None),
        (1.0, None),
        (float("inf"), None),
        ([], None),
        (None, None),
    ],
)
def test_an_unchecked_number_is_one_that_an_event_may_have(said: Any, number: int | None) -> None:
    assert claimed_sequence({"sequence": said}) == number
