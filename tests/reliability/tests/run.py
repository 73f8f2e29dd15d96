"""Runs made up for the checker: what a correct system would have left behind, for tests to spoil."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from reliability.checker import Verdict, check
from reliability.checker.once import source
from reliability.history import Entry, Expected, ExpectedMail, Fault, History, Poison, Probe, Record, Sent

from kontor_contracts.topics import SERVICES, TOPICS

BEGAN = 1_790_000_000.0
PARTITIONS = 3
TENANT = "org-1"
EMAIL = "ute@unruh.example"
SECRET = "Ein Faß voll Öl & 17 Ketten am Kai"


class Run:
    """Whatever is written down here happens a second after what was before."""

    def __init__(self) -> None:
        self.history = History(started=BEGAN, consumers={topic.name: topic.consumers for topic in TOPICS})
        self.history.documents = {service: [] for service in SERVICES}
        self._now = BEGAN

    def now(self) -> float:
        self._now += 1.0
        return self._now

    def record(self, topic: str, key: bytes | None, value: bytes, headers: Mapping[str, str] | None = None) -> Record:
        """At the end of the partition that the key decides."""
        partition = sum(key or b"") % PARTITIONS
        ends = self.history.ends.setdefault(topic, {})
        offset = ends.get(partition, 0)
        ends[partition] = offset + 1
        raw = tuple((name, text.encode()) for name, text in (headers or {}).items())
        record = Record(topic, partition, offset, self.now(), key, value, raw, _message(value))
        self.history.records.append(record)
        return record

    def document(self, service: str, id: str) -> dict[str, Any]:
        documents = self.history.documents[service]
        found = next((document for document in documents if document["_id"] == id), None)
        if found is None:
            found = {"_id": id, "v": 1, "seq": 0, "tenant": TENANT, "out": [], "in": {}}
            documents.append(found)
        return found

    def event(self, service: str, subject: str, name: str, data: Mapping[str, Any], cause: str) -> Record:
        """Saved and published."""
        document = self.document(service, subject)
        document["seq"] += 1
        message = {
            "id": f"{subject}#{document['seq']}",
            "type": f"kontor.{service}.{name}.v1",
            "subject": subject,
            "partitionkey": subject,
            "sequence": f"{document['seq']:010d}",
            "causationid": cause,
            "tenantid": TENANT,
            "data": dict(data),
        }
        return self.record(f"{service}.events", subject.encode(), json.dumps(message).encode())

    def applied(self, service: str, id: str, cause: Record) -> None:
        """The document remembers how far it has come in the source of this record."""
        message = cause.message or {}
        number, name = int(message.get("sequence", 0)), source(cause.topic, message.get("subject"))
        if not cause.topic.endswith(".events"):
            number, name = cause.offset + 1, source(cause.topic, cause.partition, (cause.key or b"").decode())
        self.document(service, id)["in"][name] = {"n": number}

    def mail(self, mail_id: str, cause: Record, to: str = EMAIL) -> None:
        """Queued, accepted, and recorded as sent."""
        data = {"mail_id": mail_id, "cause_id": (cause.message or {})["id"]}
        self.event("notifications", f"mail:{mail_id}", "mail-queued", data, data["cause_id"])
        self.applied("notifications", f"mail:{mail_id}", cause)
        text = f"Guten Tag, {mail_id}"
        self.history.mails.append(Sent(self.now(), (to,), "Willkommen", text, f"<{mail_id}@kontor.example>"))
        self.event("notifications", f"mail:{mail_id}", "mail-sent", data, f"mail:{mail_id}:1")

    def parked(self, group: str, record: Record) -> Record:
        """As ``group`` would write the dead letter; the broker's topic names have a prefix."""
        where = {"topic": f"run-1.{record.topic}", "partition": str(record.partition), "offset": str(record.offset)}
        headers = {f"dlq-original-{name}": text for name, text in where.items()}
        why = {"dlq-stage": "parse", "dlq-error-class": "MalformedError", "dlq-error-message": "value: not JSON"}
        return self.record(f"{group}.dlq", record.key, record.value or b"", headers | why)

    def settled(self, group: str, record: Record, outcome: str) -> None:
        """What stands in the dead-letter topic after a replay."""
        resolves = f"{record.topic}/{record.partition}/{record.offset}"
        marker = {"dlq-resolves": resolves, "dlq-outcome": outcome, "dlq-consumer-group": group}
        self.record(f"{group}.dlq", record.key, b"", marker)

    def poisoned(self, topic: str, value: bytes = b'{"poison":') -> Record:
        """Put into the topic, and parked by all who read it."""
        self.history.poison.append(Poison(topic, value))
        record = self.record(topic, b"unruh", value)
        for group in self.history.consumers[topic]:
            self.parked(group, record)
        return record

    def entry(self, id: str, command: str, service: str, **rest: Any) -> Entry:
        """Acknowledged, unless ``rest`` says otherwise."""
        sent = self.now()
        entry = Entry(id, command, service, TENANT, sent, **{"acknowledged": sent + 0.5, "tries": 1, **rest})
        self.history.ledger.append(entry)
        return entry

    def over(self) -> History:
        """Everything read and committed, and all quiet."""
        history = self.history
        for topic, groups in history.consumers.items():
            for group in groups:
                history.committed.setdefault(group, {})[topic] = dict(history.ends.get(topic, {}))
        history.records.sort(key=lambda record: (record.topic, record.partition, record.offset))
        history.ended, history.quiet = self.now(), self.now()
        return history


def good() -> History:
    """A little of everything, and nothing wrong."""
    run = Run()
    added = Expected("kontor.identity.user-added.v1", {"user.email": EMAIL})
    mail = ExpectedMail(EMAIL, "Will[k]ommen")
    run.entry("key-1", "add-user", "identity", tries=2, events=(added,), mails=(mail,), secrets=(SECRET,))
    user = run.event("identity", "user:1", "user-added", {"user": {"email": EMAIL}}, "http:1")
    for number, role in enumerate(("agent", "owner", "agent")):
        wanted = Expected("kontor.identity.user-roles-changed.v1", {"user_id": "1", "roles": (role,)})
        run.entry(f"key-{number + 2}", "change-roles", "identity", events=(wanted,))
        changed = {"user_id": "1", "roles": [role]}
        run.event("identity", "user:1", "user-roles-changed", changed, f"http:{number + 2}")
    run.mail("m-1", user)
    imported = Expected("kontor.relationships.customer-imported.v1", {"external_id": "K-1"})
    run.entry("bus-1", "import-customer", "relationships", events=(imported,))
    run.entry("key-9", "invite", "relationships", acknowledged=None)
    asked = run.record("relationships.commands", b"unruh:K-1", b'{"id": "bus-1", "type": "import-customer"}')
    run.event("relationships", "customer:1", "customer-imported", {"external_id": "K-1"}, "bus-1")
    run.applied("relationships", "customer:1", asked)
    run.poisoned("identity.events")
    run.history.probes.append(Probe(run.now(), "identity", "/v1/users/1", TENANT, 404))
    run.history.logs["identity-1"] = f"started\nuser {EMAIL} added\n"
    return run.over()


Spoil = Callable[[History], None]


class Ways:
    """Of breaking promises, each with the words that its story must have. The invariant is what its name begins with."""

    def __init__(self) -> None:
        self.cases: list[Any] = []

    def breaks(self, *words: str, also: str = "") -> Callable[[Spoil], Spoil]:
        """``also``: other invariants that fall with it."""

        def register(spoil: Spoil) -> Spoil:
            name = spoil.__name__.strip("_")
            self.cases.append(pytest.param(spoil, name.split("_")[0].upper(), also.split(), words, id=name))
            return spoil

        return register


def find(spoil: Spoil, invariant: str, also: Sequence[str], words: Sequence[str]) -> None:
    """Spoil a good run, and assert that the checker sees it."""
    history = good()
    spoil(history)
    fallen = broken(history)
    assert set(fallen) == {invariant, *also}
    stories = " ".join(fallen[invariant].stories)
    assert [word for word in words if word not in stories] == [], stories
    assert SECRET not in str(fallen)


def broken(history: History) -> dict[str, Verdict]:
    return {verdict.invariant: verdict for verdict in check(history) if not verdict.held}


def without(history: History, gone: Iterable[Record]) -> None:
    """These records never came. Their offsets stay empty."""
    away = {id(record) for record in gone}
    history.records = [record for record in history.records if id(record) not in away]


def put(history: History, old: Record, **changes: Any) -> Record:
    """The same record, with changes. A changed ``message`` is its value, too."""
    if "message" in changes:
        changes = {"value": json.dumps(changes["message"]).encode()} | changes
    new = replace(old, **changes)
    history.records = [new if record is old else record for record in history.records]
    return new


def found(history: History, type: str, number: int = 0) -> Record:
    """The n-th record of a message type, by its short name."""
    return [record for record in history.records if f".{type}.v1" in str((record.message or {}).get("type"))][number]


def fault(kind: str, target: str, at: float, until: float | None = None) -> Fault:
    return Fault(at, kind, target, until)


def _message(value: bytes) -> dict[str, Any] | None:
    try:
        document = json.loads(value)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None
