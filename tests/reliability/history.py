"""What a run left behind: the ledger of what was asked and answered, and what stands in topics, documents and mails.

The checker sees nothing else. Nothing here knows how a service does its work: messages are read by their contract,
documents by the housekeeping fields that ADR 2 promises (``v``, ``seq``, ``out``, ``ob``, ``in``).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

Times = float
"""Seconds since the epoch, of the one clock of the machine that ran the rig."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A message that must follow from a command: its type, and fields its data must have (dotted paths)."""

    type: str
    where: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ExpectedMail:
    """A mail that must arrive once. ``words`` is a regular expression for its subject or text."""

    to: str
    words: str


@dataclass(slots=True)
class Entry:
    """One command of one client. ``acknowledged`` is None where nobody ever got an answer: it may or may not have happened.

    ``id`` is its Idempotency-Key, or its message id on the bus. ``tries`` counts how often it was sent.
    """

    id: str
    command: str
    service: str
    tenant: str
    sent: Times
    acknowledged: Times | None = None
    tries: int = 0
    events: tuple[Expected, ...] = ()
    mails: tuple[ExpectedMail, ...] = ()
    secrets: tuple[str, ...] = ()
    """Texts that must never be seen in a topic, a dead letter or a log."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A request for what belongs to somebody else, and what came of it. ``leaked``: it was answered with data."""

    at: Times
    service: str
    path: str
    tenant: str
    status: int

    @property
    def leaked(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a topic. ``topic`` is the registry's name, without a prefix.

    ``message`` is the value parsed; None where it is no JSON object.
    """

    topic: str
    partition: int
    offset: int
    at: Times
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    message: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Sent:
    """A mail that the SMTP server accepted."""

    at: Times
    to: tuple[str, ...]
    subject: str
    text: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Poison:
    """A record that no consumer can apply, put into a topic by the rig."""

    topic: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Fault:
    """Something the rig did to the system. ``kind`` such as ``crash:C3`` or ``kill``; ``target`` an instance or server."""

    at: Times
    kind: str
    target: str
    until: Times | None = None


@dataclass(slots=True)
class History:
    """Everything of one run. Records are in order of partition and offset."""

    started: Times = 0.0
    ended: Times = 0.0
    """When the last fault was over and the clients had stopped."""
    quiet: Times | None = None
    """When every group had read everything and no document had anything to publish; None: never within the time allowed."""
    ledger: list[Entry] = field(default_factory=list)
    probes: list[Probe] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    documents: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """By service: its whole collection."""
    before: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """The same, as it was before all groups read everything again from the first record; empty where they did not."""
    committed: dict[str, dict[str, dict[int, int]]] = field(default_factory=dict)
    """By group, topic and partition: the offset from which the group goes on."""
    ends: dict[str, dict[int, int]] = field(default_factory=dict)
    """By topic and partition: the offset the next record will have."""
    consumers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By topic of the registry: the groups that read it."""
    listed: dict[str, list[str]] = field(default_factory=dict)
    """By partner: the ids of the customers that relationships lists for it over HTTP."""
    mails: list[Sent] = field(default_factory=list)
    poison: list[Poison] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    logs: dict[str, str] = field(default_factory=dict)
    """By instance: everything it wrote to its log."""

    def of(self, *topics: str) -> Sequence[Record]:
        return [record for record in self.records if record.topic in topics]


def ledger_line(entry: Entry) -> str:
    """One line of the ledger's file."""
    return json.dumps(asdict(entry), ensure_ascii=False, default=list)
