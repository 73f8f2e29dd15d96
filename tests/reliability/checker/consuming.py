"""I11 and I12: offsets and outcomes of what was consumed."""

from collections.abc import Iterator
from typing import NamedTuple

from reliability.checker.events import place, read
from reliability.checker.evidence import Evidence
from reliability.checker.letters import DISCARDED, DLQ, Letter, Letters
from reliability.checker.verdict import Findings, Verdict
from reliability.history import Record

from kontor_contracts.deadletters import Place


class Reading(NamedTuple):
    """How far a group has come in a partition that has records, or that it has committed something of."""

    group: str
    topic: str
    partition: int
    committed: int
    end: int

    def __str__(self) -> str:
        return f"{self.group} stands at {self.committed} of {self.end} in {self.topic}/{self.partition}"


def committed(evidence: Evidence) -> Verdict:
    """I11. Nothing beyond the end, and no poison record passed over that has no dead letter."""
    findings = Findings("I11", "no offset ahead of its outcome")
    offsets: dict[tuple[str, str, int], int] = {}
    for reading in _readings(evidence):
        findings.look()
        offsets[reading.group, reading.topic, reading.partition] = reading.committed
        if reading.committed > reading.end:
            findings.broken(f"{reading}: beyond the end")
    letters = Letters(evidence.history)
    for group, record in _poisoned(evidence):
        findings.look()
        at = offsets.get((group, record.topic, record.partition), 0)
        if record.offset < at and letters.get(group, _place(record)) is None:
            passed = f"{group} has committed {at} in {record.topic}/{record.partition}"
            findings.broken(passed, f"poison at {record.offset} has no dead letter", evidence.when(record.at))
    return findings.verdict()


def settled(evidence: Evidence) -> Verdict:
    """I12, at rest. What a group has read is behind it, and what is in its dead-letter topic could not be applied."""
    findings = Findings("I12", "every record has its outcome")
    for reading in _readings(evidence):
        findings.look()
        if reading.committed < reading.end:
            findings.broken(str(reading), _first_left(evidence, reading))
    letters = Letters(evidence.history)
    _arrived(evidence, findings)
    for group, record in _poisoned(evidence):
        findings.look()
        for fault in _parked(evidence, letters.get(group, _place(record)), record):
            findings.broken(f"poison at {place(record)} {fault} {group}{DLQ}", evidence.when(record.at))
    for letter in letters.all():
        findings.look()
        if _is_lost(evidence, letter):
            findings.broken(*_lost(evidence, letter))
    for record in letters.astray:
        findings.look()
        findings.broken(f"{place(record)} is no dead letter: nothing tells where it stood", evidence.when(record.at))
    return findings.verdict()


def _readings(evidence: Evidence) -> Iterator[Reading]:
    history = evidence.history
    for topic, groups in history.consumers.items():
        for group in groups:
            offsets = history.committed.get(group, {}).get(topic, {})
            ends = history.ends.get(topic, {})
            for partition in sorted({*ends, *offsets}):
                reading = Reading(group, topic, partition, offsets.get(partition, 0), ends.get(partition, 0))
                if reading.end or reading.committed:
                    yield reading


def _first_left(evidence: Evidence, reading: Reading) -> str:
    for record in evidence.history.records:
        if (record.topic, record.partition) == reading[1:3] and record.offset >= reading.committed:
            event = read(record)
            what = f"{event.name} {evidence.why(event)}" if event else "no event"
            return f"the first left, at {record.offset}: {what}, {evidence.when(record.at)}"
    return ""


# -- poison and dead letters


def _place(record: Record) -> Place:
    return Place(record.topic, record.partition, record.offset)


def _poisoned(evidence: Evidence) -> Iterator[tuple[str, Record]]:
    """Each record that the rig has spoilt, for each group that reads it."""
    for record in evidence.history.records:
        if (record.topic, record.value) in evidence.poison:
            for group in evidence.history.consumers.get(record.topic, ()):
                yield group, record


def _arrived(evidence: Evidence, findings: Findings) -> None:
    there = {(record.topic, record.value) for record in evidence.history.records}
    for topic, value in sorted(evidence.poison - there):
        findings.look()
        findings.broken(f"poison put into {topic} is not even there: {value[:60]!r}")


def _parked(evidence: Evidence, letter: Letter | None, record: Record) -> Iterator[str]:
    if letter is None:
        yield "is not in"
        return
    if any(copy.value != record.value for copy in letter.copies):
        yield "is not as it was in"
    # A crash between the dead letter and its offset may bring it twice.
    if letter.first_hand > 1 and not evidence.history.faults:
        yield f"is {letter.first_hand} times in"


def _is_lost(evidence: Evidence, letter: Letter) -> bool:
    if letter.outcome not in (None, DISCARDED):
        return False
    return not all((letter.place.topic, copy.value) in evidence.poison for copy in letter.copies)


def _lost(evidence: Evidence, letter: Letter) -> Iterator[str]:
    said, record = letter.notes, letter.copies[-1]
    event = read(record)
    type = (record.message or {}).get("type", "no message")
    what = event.name if event else str(type)
    lost = "discarded" if letter.outcome else f"parked at {place(record)}"
    yield f"{what} ({letter.place}) is lost to {letter.group}: {lost}"
    yield f"{said.get('dlq-stage')}, {said.get('dlq-error-class')}: {said.get('dlq-error-message')}"
    yield evidence.tell(event) if event else evidence.when(record.at)
