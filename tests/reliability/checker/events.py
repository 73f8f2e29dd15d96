"""The events in the topics, read by the contract of the envelope."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reliability.history import Record

MAX_DIGITS = 19


@dataclass(frozen=True, slots=True)
class Event:
    """A record of an event topic. ``id`` is the message's, the same in every record that repeats it."""

    record: Record
    id: str
    type: str
    subject: str
    sequence: int
    cause: str | None

    @property
    def topic(self) -> str:
        return self.record.topic

    @property
    def message(self) -> Mapping[str, Any]:
        return self.record.message or {}

    @property
    def name(self) -> str:
        """For people: type, sequence and subject."""
        return f"{short(self.type)} {self.sequence} of {self.subject}"


def read(record: Record) -> Event | None:
    """None for what is no event of an aggregate."""
    message = record.message or {}
    named = [message.get(attribute) for attribute in ("id", "type", "subject")]
    number = _number(message.get("sequence"))
    if number is None or not all(isinstance(text, str) and text for text in named):
        return None
    cause = message.get("causationid")
    id, type, subject = map(str, named)
    return Event(record, id, type, subject, number, cause if isinstance(cause, str) else None)


def short(type: str) -> str:
    """``kontor.identity.user-added.v1`` → ``user-added``."""
    parts = type.split(".")
    return parts[-2] if len(parts) > 2 else type


def place(record: Record) -> str:
    return f"{record.topic}/{record.partition}/{record.offset}"


def _number(sequence: object) -> int | None:
    if isinstance(sequence, str) and sequence.isascii() and sequence.isdigit() and len(sequence) <= MAX_DIGITS:
        return int(sequence)
    return sequence if isinstance(sequence, int) and not isinstance(sequence, bool) else None
