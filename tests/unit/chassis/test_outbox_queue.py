"""A document's events on their way: what its chain remembers, and that it does not remember for ever."""

from chassis.aggregate.model import OutgoingEvent
from chassis.mongo.store import MAX_PENDING
from chassis.outbox.queue import KNOWN, EventQueue


def records(first: int, count: int) -> tuple[OutgoingEvent, ...]:
    return tuple(OutgoingEvent(f"e{number}", number, "t", b"") for number in range(first, first + count))


def test_an_event_is_put_in_once() -> None:
    chain = EventQueue("a:1", "fast", 0.0, "ours")
    chain.add(records(1, 3))
    chain.add(records(2, 3))
    assert [record.number for record in chain.waiting] == [1, 2, 3, 4]


def test_a_chain_that_never_rests_remembers_no_more_than_can_be_pending() -> None:
    chain = EventQueue("a:1", "fast", 0.0, "ours")
    for number in range(1, 5 * KNOWN):
        chain.add(records(number, 1))
        chain.waiting.clear()
    assert len(chain.known) == len(chain.order) == KNOWN
    newest = [record.id for record in records(5 * KNOWN - MAX_PENDING, MAX_PENDING)]
    assert chain.known.issuperset(newest)
    assert "e1" not in chain.known
