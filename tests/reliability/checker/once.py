"""I5: what is applied once has one set of events, and no document has applied what nobody announced."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator

from reliability.checker import expectations
from reliability.checker.events import Event
from reliability.checker.evidence import EVENTS, Evidence, command
from reliability.checker.verdict import Findings, Verdict
from reliability.history import Entry, Expected

Identity = tuple[str, str]


def applied_once(evidence: Evidence) -> Verdict:
    """I5. The rule: no cause leads to two events of one type on one subject."""
    findings = Findings("I5", "each event and command applied once")
    _causes(evidence, findings)
    _watermarks(evidence, findings)
    _commands(evidence, findings)
    _again(evidence, findings)
    return findings.verdict()


def _causes(evidence: Evidence, findings: Findings) -> None:
    effects: dict[tuple[str, str, str, str], dict[str, Event]] = {}
    for event in evidence.events:
        if event.cause is not None:
            findings.look()
            key = (event.topic, event.subject, event.type, event.cause)
            effects.setdefault(key, {}).setdefault(event.id, event)
    for (topic, _, _, cause), found in effects.items():
        if len(found) > 1:
            first, second, *_ = found.values()
            twice = f"{topic}: one cause, {len(found)} events: {first.name} and {second.name}, cause {_name(evidence, cause)}"
            findings.broken(twice, f"the second {evidence.tell(second)}")


def _name(evidence: Evidence, cause: str) -> str:
    message = evidence.by_id.get(cause)
    return f"{message.name} ({cause})" if message else cause


# -- what documents say that they have applied


def source(*parts: object) -> str:
    """How documents name a source of messages in ``in``: an event topic and a subject, or a partition and key of commands."""
    return hashlib.blake2b("|".join(str(part) for part in parts).encode(errors="replace"), digest_size=9).hexdigest()


def _watermarks(evidence: Evidence, findings: Findings) -> None:
    sources = dict(_sources(evidence))
    for service, documents in evidence.documents.items():
        for id, document in documents.items():
            for name, watermark in (document.get("in") or {}).items():
                findings.look()
                words, highest = sources.get(name, ("a source that no topic has", 0))
                if watermark["n"] > highest:
                    findings.broken(
                        f"{id} of {service} has applied {watermark['n']} of {words}, which ends at {highest}"
                    )


def _sources(evidence: Evidence) -> Iterator[tuple[str, tuple[str, int]]]:
    """What each is for people, and its highest number: of an event its sequence, of a command its offset and one."""
    for (topic, subject), events in evidence.subjects.items():
        yield source(topic, subject), (f"{subject} in {topic}", max(event.sequence for event in events))
    for record in evidence.history.records:
        if record.key is not None and not record.topic.endswith((EVENTS, ".dlq", ".replay")):
            key = record.key.decode(errors="replace")
            name = source(record.topic, record.partition, key)
            yield name, (f"{key} in {record.topic}/{record.partition}", record.offset + 1)


# -- commands, which a client may have sent several times


def _commands(evidence: Evidence, findings: Findings) -> None:
    """As many events as commands that expect them, at most; one that was not answered may have had its share, too."""
    asked, entries = _asked(evidence)
    claims: defaultdict[str, set[Identity]] = defaultdict(set)
    for key, (expected, _) in entries.items():
        for id in evidence.expectations.find(expected):
            claims[id].add(key)
    unanswered = Counter(entry.command for entry in evidence.history.ledger if entry.acknowledged is None)
    for key, (expected, entry) in entries.items():
        findings.look()
        found = evidence.expectations.find(expected)
        if len(found) <= asked[key]:
            continue
        wanted = sum(asked[other] for other in set().union(*(claims[id] for id in found)))
        if len(found) > wanted + unanswered[entry.command]:
            _, last = list(found.values())[-2:]
            many = f"{command(entry)}, sent {entry.tries} times, led to {len(found)} events, not {wanted}"
            findings.broken(
                many, expectations.name(expected), f"the last: {last.name}, {evidence.when(last.record.at)}"
            )


def _asked(evidence: Evidence) -> tuple[Counter[Identity], dict[Identity, tuple[Expected, Entry]]]:
    """How often each event is expected, and by which command: the one that was sent most often."""
    asked: Counter[Identity] = Counter()
    entries: dict[Identity, tuple[Expected, Entry]] = {}
    for entry in evidence.history.ledger:
        for expected in entry.events if entry.acknowledged is not None else ():
            key = expectations.identity(expected)
            asked[key] += 1
            if key not in entries or entries[key][1].tries < entry.tries:
                entries[key] = expected, entry
    return asked, entries


# -- every topic read a second time


def _again(evidence: Evidence, findings: Findings) -> None:
    """It must leave every document as it was, to the last field, and make no other."""
    for service, documents in evidence.history.before.items():
        now = evidence.documents.get(service, {})
        for before in documents:
            findings.look()
            if (after := now.get(before["_id"])) != before:
                names = sorted({*before, *(after or {})})
                changed = [name for name in names if after is None or before.get(name) != after.get(name)]
                what = f"{before['_id']} of {service} is another one after its topics were read again"
                findings.broken(what, f"changed: {', '.join(changed)}")
        for id in sorted(now.keys() - {before["_id"] for before in documents}):
            findings.broken(f"{id} of {service} is there since its topics were read again")
