"""How a document recognizes a command that comes again, without growing.

Three memories, each bounded: the answers of the last `ANSWERS_KEPT` commands; of the `MARKS_KEPT` before these a mark, which
tells that a command was carried out but not what was answered; and of all before these the time of the newest. A command is
recognized for `REPEATED_FOR` at the least. What is older than all that is remembered is refused where its time is known:
a message says when it was made, and so does an Idempotency-Key that is a UUID of version 7.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

ANSWERS_KEPT = 50
MARKS_KEPT = 500
REPEATED_FOR = timedelta(hours=24)
MARK_BYTES = 8
TIMED = 7
"""The version of UUIDs that begin with a time in milliseconds."""
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Answer(NamedTuple):
    """What a command was answered. ``at`` is when it was made, or carried out where that is not known."""

    fingerprint: str
    reply: Any
    at: datetime = LONG_AGO


class Mark(NamedTuple):
    """A command whose answer is gone; ``at`` in whole seconds."""

    mark: bytes
    at: datetime


class Forgotten(NamedTuple):
    """What a document keeps only marks of from now on; ``floor``: the newest of what it keeps nothing of, if that is more."""

    marks: Sequence[Mark] = ()
    floor: datetime | None = None


NOTHING_FORGOTTEN = Forgotten()


def mark_of(key: str) -> bytes:
    return hashlib.blake2b(key.encode(), digest_size=MARK_BYTES).digest()


def forgotten(
    answers: Mapping[str, Answer], marks: Mapping[bytes, datetime], new: Mapping[str, Answer], *, all_answers: bool
) -> Forgotten:
    """What ``new`` answers push out of the two memories. ``all_answers``: none but the last of the new ones is kept."""
    left = min(1, len(new)) if all_answers else ANSWERS_KEPT
    known = len(answers) + len(new)
    if known <= left:
        return NOTHING_FORGOTTEN
    in_order = ((key, answer) for some in (answers, new) for key, answer in some.items())
    added = [Mark(mark_of(key), answer.at.replace(microsecond=0)) for key, answer in islice(in_order, known - left)]
    too_many = len(marks) + len(added) - MARKS_KEPT
    gone = islice((*marks.values(), *(mark.at for mark in added)), max(0, too_many))
    return Forgotten(added, max(gone, default=None))


def kept_marks(marks: Mapping[bytes, datetime], added: Iterable[Mark]) -> dict[bytes, datetime]:
    """The newest of them, oldest first."""
    together = {**marks, **{one.mark: one.at for one in added}}
    return dict(islice(together.items(), max(0, len(together) - MARKS_KEPT), None))


def is_full(marks: Mapping[bytes, datetime], at: datetime) -> bool:
    """Whether one more command would have one forgotten for which a repetition has still to be recognized."""
    if len(marks) < MARKS_KEPT:
        return False
    return at - next(iter(marks.values())) < REPEATED_FOR


def time_in(key: str) -> datetime | None:
    """When an Idempotency-Key was made, as a UUID of version 7 says it (RFC 9562), written with its hyphens."""
    try:
        found = UUID(key)
        if str(found) != key.lower():
            # Thirty-two random digits without hyphens are no UUID: one in sixty-four would look like version 7.
            return None
        return LONG_AGO + timedelta(milliseconds=found.int >> 80) if found.version == TIMED else None
    except (ValueError, OverflowError):
        # No UUID, or one of the year 10000.
        return None
