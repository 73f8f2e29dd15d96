"""What a relay has in its hand: per document, the events on their way and the right to send them."""

from collections import deque
from dataclasses import dataclass, field

from chassis.aggregate.model import OutgoingEvent

KNOWN = 1024
"""Ids that an event queue remembers. A document has at most a quarter as many events pending."""


@dataclass(slots=True, eq=False)
class EventQueue:
    """One document's events on their way, in order. ``known`` are the ids of those put in last.

    Not of all: the event queue of a document that never rests lives for as long as the process.
    """

    id: str
    path: str
    leased_at: float
    lease: str
    """Taken last."""
    waiting: deque[OutgoingEvent] = field(default_factory=deque)
    replies: deque[OutgoingEvent] = field(default_factory=deque)
    """Sent when no event waits."""
    acknowledged: list[str] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    order: deque[str] = field(default_factory=deque)
    """The same, oldest first."""
    running: bool = False
    """The publisher has it."""
    failed: bool = False
    again: bool = False
    """What is published is published once more, and says so."""
    owes: bool = False
    """A reply was not taken now. It stays in the document, and its turn comes when the lease is over."""
    renewed: bool = False
    """It has the snapshot that somebody asked for once more."""

    def add(self, records: tuple[OutgoingEvent, ...]) -> None:
        for record in records:
            if record.id not in self.known:
                self.known.add(record.id)
                self.order.append(record.id)
                (self.replies if record.is_reply else self.waiting).append(record)
        while len(self.order) > KNOWN:
            self.known.discard(self.order.popleft())

    @property
    def next(self) -> deque[OutgoingEvent]:
        """What is to be sent first; empty where nothing waits."""
        return self.waiting or self.replies


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to publish behind ``event_queue`` (None: nothing of the document is pending).

    ``lease`` names this one lease among all, for the write that takes it. ``at`` is a moment before that write, so that
    what we think is left of it is never too much.
    """

    event_queue: EventQueue | None
    at: float
    lease: str
