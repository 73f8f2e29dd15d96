"""I9 and I10: what is one organization's stays its own, and secrets stay secret."""

from collections.abc import Iterator

from reliability.checker import rights
from reliability.checker.events import place, short
from reliability.checker.evidence import Evidence, command
from reliability.checker.search import Search
from reliability.checker.verdict import Findings, Verdict
from reliability.history import Entry, Record


def separate(evidence: Evidence) -> Verdict:
    """I9. By probes, by the tenant of messages and documents where the document belongs to one, and by rights that ended."""
    findings = Findings("I9", "no organization sees another's data")
    for probe in evidence.history.probes:
        findings.look()
        if probe.leaked:
            asked = f"{probe.service} answered {probe.status} to a stranger asking for {probe.path}"
            findings.broken(asked, f"of {probe.tenant}", evidence.when(probe.at))
    for event in evidence.events:
        tenant = (evidence.document(event) or {}).get("tenant")
        if tenant is None:
            continue
        findings.look()
        named = event.message.get("tenantid")
        if named != tenant:
            wrong = f"{place(event.record)}: {event.name} names tenant {named}, its document {tenant}"
            findings.broken(wrong, evidence.tell(event))
    rights.judged(evidence, findings)
    return findings.verdict()


def secret(evidence: Evidence) -> Verdict:
    """I10. In records of all topics, dead letters included, and in logs. Stories name the command, never the secret."""
    findings = Findings("I10", "no secret in logs, topics, dead letters")
    whose = {text: entry for entry in evidence.history.ledger for text in entry.secrets if text}
    if not whose:
        return findings.verdict()
    search = Search(whose)
    for record in evidence.history.records:
        findings.look()
        parts = [*_parts(record)]
        for text in search.find(b"\0".join(value for _, value in parts)):
            told = f"{_title(record)} holds a secret of {command(whose[text])}"
            where = ", ".join(name for name, value in parts if text in search.find(value))
            findings.broken(f"{told} in its {where}", evidence.when(record.at))
    for instance, log in evidence.history.logs.items():
        findings.look()
        _read_log(instance, log, search, whose, findings)
    return findings.verdict()


def _parts(record: Record) -> Iterator[tuple[str, bytes]]:
    yield "value", record.value or b""
    yield "key", record.key or b""
    for name, value in record.headers:
        yield f"header {name}", name.encode(errors="replace") + b"\0" + (value or b"")


def _title(record: Record) -> str:
    type = (record.message or {}).get("type")
    return f"{short(type)} at {place(record)}" if isinstance(type, str) else place(record)


def _read_log(instance: str, log: str, search: Search, whose: dict[str, Entry], findings: Findings) -> None:
    """One story per secret: its first line."""
    if not (found := search.find(log.encode(errors="replace"))):
        return
    for number, line in enumerate(log.splitlines(), 1):
        for text in found & search.find(line.encode(errors="replace")):
            found.discard(text)
            findings.broken(f"line {number} of the log of {instance} holds a secret of {command(whose[text])}")
        if not found:
            return
    for text in found:
        findings.broken(f"the log of {instance} holds a secret of {command(whose[text])}")
