"""I2, I3 and I4: documents and event topics tell the same, and topics tell it in order."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reliability.checker import snapshots
from reliability.checker.documents import unpublished
from reliability.checker.events import Event, place
from reliability.checker.evidence import EVENTS, Evidence
from reliability.checker.verdict import Findings, Verdict

NAMED = 5


def published(evidence: Evidence) -> Verdict:
    """I2. A document with ``seq`` N has its events 1 to N in the topic, and nothing pending. Snapshots say what is so."""
    findings = Findings("I2", "every saved event reaches its topic")
    for service, documents in evidence.documents.items():
        topic = f"{service}{EVENTS}"
        for id, document in documents.items():
            findings.look()
            events = evidence.subjects.get((topic, id), [])
            there = {event.sequence for event in events}
            missing = [number for number in range(1, document.get("seq", 0) + 1) if number not in there]
            if missing:
                lost = f"{topic} lacks {_numbers(missing)} of the {document['seq']} events of {id}"
                findings.broken(lost, _neighbour(evidence, events, missing[0]))
            if left := _left(document):
                findings.broken(f"{id} of {service} {left} when all should be quiet")
    snapshots.judged(evidence, findings)
    return findings.verdict()


def _left(document: Mapping[str, Any]) -> str:
    pending = [event.get("n", "?") for event in unpublished(document)]
    if pending:
        return f"holds {_numbers(pending)} unpublished"
    return "still stands in the sweep (ob)" if "ob" in document else ""


def _neighbour(evidence: Evidence, events: Sequence[Event], missing: int) -> str:
    """The event next to the missing one."""
    if not events:
        return "it has none at all"
    near = min(events, key=lambda event: abs(event.sequence - missing))
    return f"it has {near.name} at {place(near.record)}, {evidence.tell(near)}"


def _numbers(numbers: Sequence[object]) -> str:
    more = f" and {len(numbers) - NAMED} more" if len(numbers) > NAMED else ""
    return ", ".join(str(number) for number in numbers[:NAMED]) + more


def ordered(evidence: Evidence) -> Verdict:
    """I3. First occurrences of a subject come as 1, 2, 3, … in one partition, under its key. Repetitions do not matter."""
    findings = Findings("I3", "first occurrences per key in order")
    for (topic, subject), events in evidence.subjects.items():
        findings.look()
        for story in _disorder(topic, subject, events):
            findings.broken(*story[:-1], evidence.tell(story[-1]))
    return findings.verdict()


def _disorder(topic: str, subject: str, events: Sequence[Event]) -> Iterator[tuple[*tuple[str, ...], Event]]:
    """At most one story of each kind."""
    partitions = sorted({event.record.partition for event in events})
    if len(partitions) > 1:
        stray = next(event for event in events if event.record.partition != events[0].record.partition)
        yield f"{subject} is in partitions {_numbers(partitions)} of {topic}", stray
    elif (found := _overtaking(events)) is not None:
        early, number, late = found
        behind = f"before {number} (offset {late.record.offset})" if late else f"and {number} never came before it"
        where = f"{topic}/{partitions[0]}: {subject}"
        yield f"{where}: sequence {early.sequence} came at offset {early.record.offset} {behind}", early
    if other := next((event for event in events if not _keyed(event)), None):
        yield f"{place(other.record)}: key {other.record.key!r} is not the partitionkey of {other.name}", other


def _overtaking(events: Sequence[Event]) -> tuple[Event, int, Event | None] | None:
    """The first event that came too early, the number that should have come, and the event of that number."""
    highest = 0
    for event in events:
        if event.sequence > highest + 1:
            return event, highest + 1, next((late for late in events if late.sequence == highest + 1), None)
        highest = max(highest, event.sequence)
    return None


def _keyed(event: Event) -> bool:
    key = event.message.get("partitionkey")
    return isinstance(key, str) and event.record.key == key.encode(errors="replace")


def founded(evidence: Evidence) -> Verdict:
    """I4. Each event, refusals too, belongs to a change that a document has; one number, one id, one text."""
    findings = Findings("I4", "no event without its state change")
    ids: dict[tuple[str, str, int], Event] = {}
    for event in evidence.events:
        findings.look()
        for fault in _unfounded(evidence, event):
            findings.broken(f"{place(event.record)}: {event.name} {fault}", evidence.tell(event))
        first = ids.setdefault((event.topic, event.subject, event.sequence), event)
        if first.id != event.id:
            two = f"{place(first.record)} and {place(event.record)} are two events with one number: {event.name}"
            findings.broken(two, f"ids {first.id} and {event.id}", evidence.tell(event))
    for record in evidence.strays:
        findings.look()
        findings.broken(f"{place(record)} is no event", evidence.when(record.at))
    return findings.verdict()


def _unfounded(evidence: Evidence, event: Event) -> Iterator[str]:
    if event.sequence < 1:
        yield "counts from less than 1"
    document = evidence.document(event)
    if document is None:
        yield "has no document"
    elif document.get("seq", 0) < event.sequence:
        yield f"is unknown to its document, which has {document.get('seq', 0)}"
    first = evidence.by_id[event.id]
    if first.record.value != event.record.value:
        yield f"differs from {place(first.record)}, which has the same id {event.id}"
