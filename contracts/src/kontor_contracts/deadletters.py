"""What ``<group>.dlq`` and ``<group>.replay`` carry: records as they were read, and headers ``dlq-*`` about their fate.

Three kinds of records are in a dead-letter topic, all under the key of the record they are about:

- a dead letter: value and headers of a parked record, with where it stood (``dlq-original-…``), why it was parked
  (``dlq-stage``, ``dlq-error-…``, ``dlq-fingerprint``) and the key it holds up, if it does (``dlq-lane``). The same record
  may be parked several times: the last one counts, and ``dlq-replay-count`` says how often it had been replayed;
- a resolution (``dlq-resolves``: the place, ``dlq-outcome``): the dead letter of that place is no longer open, but
  ``dlq-lane-open`` others of its key are;
- a refusal (``dlq-refuses``: the place, ``dlq-reason``): a replay was not tried, and the dead letter stays open.

What stands in the dead-letter topic alone therefore tells which dead letters are open. A replay topic carries dead
letters again, with ``dlq-replay-id`` (any text, repeated on what comes of it), ``dlq-operator`` and, to drop a dead letter
instead of applying it, ``dlq-action: discard`` and ``dlq-reason``.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from kontor_contracts.errors import MalformedError

PREFIX = "dlq-"
DISCARD = "discard"
MAX_DIGITS = 19
MAX_NUMBER = 2**63 - 2
"""What an offset can be: the next one is a 64-bit number, too. A larger one would fail only in the database, each time again."""

Headers = Iterable[tuple[str, bytes | None]]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a record stands. As text, ``<topic>/<partition>/<offset>``, it is the id of a dead letter."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"

    @classmethod
    def parse(cls, text: str) -> "Place":
        """Raises MalformedError."""
        rest, _, offset = text.rpartition("/")
        topic, _, partition = rest.rpartition("/")
        numbers = number(partition), number(offset)
        if not topic or numbers[0] is None or numbers[1] is None:
            raise MalformedError("id", "write it as <topic>/<partition>/<offset>")
        return cls(topic, numbers[0], numbers[1])

    @classmethod
    def original(cls, notes: dict[str, str]) -> "Place":
        """Where a parked record stood, by the notes on it. Raises MalformedError."""
        fields = (notes.get(f"dlq-original-{field}", "") for field in ("topic", "partition", "offset"))
        return cls.parse("/".join(fields))


def notes(headers: Headers) -> dict[str, str]:
    """The ``dlq-*`` headers, as text."""
    return {name: (value or b"").decode(errors="replace") for name, value in headers if name.startswith(PREFIX)}


def without_notes(headers: Headers) -> list[tuple[str, bytes | None]]:
    """The record's own headers. None of them begins with ``dlq-``: a producer could pass it off as a note of ours."""
    return [(name, value) for name, value in headers if not name.startswith(PREFIX)]


def with_notes(headers: Headers, notes: dict[str, str]) -> list[tuple[str, bytes | None]]:
    return [*without_notes(headers), *((name, text.encode()) for name, text in notes.items())]


def number(text: str) -> int | None:
    """A number in a note, None where it is none that an offset, a timestamp or a count can be."""
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS):
        return None
    return int(text) if int(text) <= MAX_NUMBER else None
