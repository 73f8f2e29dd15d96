"""A history, made ready to be asked: what was announced, by which command it came about, and what was being done then."""

from bisect import bisect_right
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from reliability.checker.events import Event, read
from reliability.checker.expectations import Expectations
from reliability.history import Entry, Fault, History, Record, Times

AFTERMATH_SECONDS = 30.0
"""For so long after a fault a story mentions it."""
GENERATIONS = 8
EVENTS = ".events"


class Evidence:
    """``strays``: records of event topics that are no event, and that the rig did not put there."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.events: list[Event] = []
        self.strays: list[Record] = []
        self.by_id: dict[str, Event] = {}
        self.subjects: dict[tuple[str, str], list[Event]] = {}
        self.poison = {(poison.topic, poison.value) for poison in history.poison}
        for record in history.records:
            if record.topic.endswith(EVENTS) and (record.topic, record.value) not in self.poison:
                self._take(record)
        self._faults = sorted(history.faults, key=lambda fault: fault.at)
        self._begins = [fault.at for fault in self._faults]

    def _take(self, record: Record) -> None:
        event = read(record)
        if event is None:
            self.strays.append(record)
            return
        self.events.append(event)
        self.by_id.setdefault(event.id, event)
        self.subjects.setdefault((event.topic, event.subject), []).append(event)

    @cached_property
    def documents(self) -> dict[str, dict[str, Mapping[str, Any]]]:
        """By service and id."""
        return {service: {str(d["_id"]): d for d in found} for service, found in self.history.documents.items()}

    def document(self, event: Event) -> Mapping[str, Any] | None:
        """Of the aggregate that it is about."""
        return self.documents.get(owner(event.topic), {}).get(event.subject)

    @cached_property
    def expectations(self) -> Expectations:
        return Expectations(self.events)

    @cached_property
    def _ledger(self) -> dict[str, Entry]:
        return {entry.id: entry for entry in self.history.ledger}

    @cached_property
    def _asked(self) -> dict[str, list[Entry]]:
        """By message id, the commands that expect the event."""
        asked: dict[str, list[Entry]] = {}
        for entry in self.history.ledger:
            for expected in entry.events:
                for id in self.expectations.find(expected):
                    asked.setdefault(id, []).append(entry)
        return asked

    # -- words for stories

    def why(self, event: Event) -> str:
        """The command it came from, as far back as the messages tell."""
        if (entry := self._entry(event)) is not None:
            return f"from {command(entry)}"
        cause = f"from cause {event.cause}" if event.cause else "from no cause"
        first = self._entry(self.subjects.get((event.topic, event.subject), [event])[0])
        return f"{cause}, on what came from {command(first)}" if first else cause

    def _entry(self, event: Event) -> Entry | None:
        current: Event | None = event
        for _ in range(GENERATIONS):
            if current is None:
                return None
            if entries := self._asked.get(current.id):
                # Where several expect the same, the one that was sent just before it.
                before = [entry for entry in entries if entry.sent <= current.record.at]
                return before[-1] if before else entries[0]
            if entry := self._ledger.get(current.cause or ""):
                return entry
            current = self.by_id.get(current.cause or "")
        return None

    def when(self, at: Times) -> str:
        """The time of day (UTC), and the last fault before it."""
        number = bisect_right(self._begins, at) - 1
        fault = self._faults[number] if number >= 0 else None
        return f"at {clock(at)}{_beside(fault, at) if fault else ''}"

    def tell(self, event: Event) -> str:
        return f"{self.why(event)}, {self.when(event.record.at)}"


def owner(topic: str) -> str:
    """The service that announces on this topic."""
    return topic.removesuffix(EVENTS)


def command(entry: Entry) -> str:
    return f"{entry.command} {entry.id} to {entry.service}"


def clock(at: Times) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%H:%M:%S.%f}"[:-3]


def _beside(fault: Fault, at: Times) -> str:
    target = f"{fault.kind} of {fault.target}"
    if fault.until is not None and at <= fault.until:
        return f", during {target}"
    since = at - (fault.until or fault.at)
    return f", {since:.1f} s after {target}" if since <= AFTERMATH_SECONDS else ""
