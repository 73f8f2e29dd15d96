"""I7 and I8: documents stay small, and all becomes quiet."""

from collections.abc import Iterator, Mapping
from typing import Any

import bson
from reliability.checker.evidence import Evidence, clock
from reliability.checker.verdict import Findings, Verdict

LARGEST_BYTES = 64 * 1024
MOST_PENDING = 256
QUIET_WITHIN_SECONDS = 60.0
MOST_COPIES = 0.2
"""Of all events in the topics, where the database was slow and nothing else happened: who sends again what it was slow to
hear of makes it slower still."""
BUSY = "database:busy"


def small(evidence: Evidence) -> Verdict:
    """I7, at rest. The note names the largest."""
    findings = Findings("I7", "documents stay small")
    largest, whose = 0, ""
    for service, documents in evidence.documents.items():
        for id, document in documents.items():
            findings.look()
            size = len(bson.encode(document))
            for fault in _faults(document, size):
                findings.broken(f"{id} of {service} {fault}")
            largest, whose = max((largest, whose), (size, f"{id} of {service}"))
    return findings.verdict(note=f"largest: {largest} bytes, {whose}" if whose else "")


def _faults(document: Mapping[str, Any], size: int) -> Iterator[str]:
    if size > LARGEST_BYTES:
        heaviest = max(document, key=lambda name: len(bson.encode({name: document[name]})))
        yield f"has {size} bytes, most of them in {heaviest!r}"
    pending = len(unpublished(document))
    if pending > MOST_PENDING:
        yield f"has {pending} events pending"


def unpublished(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The events that are to go to the topic. A document keeps the last ones that are there, too."""
    outbox = document.get("ob")
    return (
        []
        if outbox is None
        else [one for one in document.get("out") or () if one.get("n", 0) >= outbox.get("from", 0) or "p" in one]
    )


def quiet(evidence: Evidence) -> Verdict:
    """I8."""
    history = evidence.history
    findings = Findings("I8", "quiet within 60 s")
    if not history.ended:
        return findings.verdict()
    findings.look()
    last = f"the last fault was over at {clock(history.ended)}"
    if history.quiet is None:
        findings.broken("it never became quiet", last)
        return findings.verdict()
    took = history.quiet - history.ended
    kinds = {fault.kind for fault in history.faults}
    events = [event for found in evidence.subjects.values() for event in found]
    copies = 1 - len({(event.topic, event.id) for event in events}) / len(events) if events else 0.0
    if kinds == {BUSY} and copies > MOST_COPIES:
        findings.broken(f"{copies:.0%} of the events in the topics are copies, with nothing but a slow database", last)
    if took > QUIET_WITHIN_SECONDS:
        findings.broken(f"quiet only after {took:.1f} s", last)
    return findings.verdict(note=f"after {took:.1f} s; {copies:.0%} of the events are copies")
