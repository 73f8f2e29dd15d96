"""A document's events on their way: what its event queue remembers, and that it does not remember for ever."""

from chassis.aggregate.model import OutgoingEvent
from chassis.mongo.store import MAX_PENDING
from chassis.outbox.queue import KNOWN, EventQueue


def records(first: int, count: int) -> tuple[OutgoingEvent, ...]:
    return tuple(OutgoingEvent(f"e{number}", number, "t", b"") for number in range(first, first + count))


def test_an_event_is_put_in_once() -> None:
    event_queue = EventQueue("a:1", "fast", 0.0, "ours")
    event_queue.add(records(1, 3))
    event_queue.add(records(2, 3))
    assert [record.number for record in event_queue.waiting] == [1, 2, 3, 4]


def test_a_queue_that_never_rests_remembers_what_can_be_pending() -> None:
    event_queue = EventQueue("a:1", "fast", 0.0, "ours")
    for number in range(1, 5 * KNOWN):
        event_queue.add(records(number, 1))
        event_queue.waiting.clear()
    assert len(event_queue.known) == len(event_queue.order) == KNOWN
    newest = [record.id for record in records(5 * KNOWN - MAX_PENDING, MAX_PENDING)]
    assert event_queue.known.issuperset(newest)
    assert "e1" not in event_queue.known
