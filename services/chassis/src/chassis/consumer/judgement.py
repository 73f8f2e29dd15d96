"""The one rule that says whether a message on a topic may be believed: its key, its source, its number, its organization.

A record is a claim until this rule has judged it. Every reader applies it: the consumer group, and the readers without one.
"""

from collections.abc import Mapping
from typing import Any

from chassis.errors import PermanentError
from kontor_contracts import Envelope, organizations_of
from kontor_contracts.claims import OWN_SOURCES
from kontor_contracts.topics import Topic

LAST_SEQUENCE = 2**63 - 1
"""What a 64-bit store can hold, as in the envelope."""
MAX_DIGITS = len(str(LAST_SEQUENCE))


class InvalidError(PermanentError):
    """A well-formed message that breaks a rule of its topic. ``stray``: it stands in no aggregate's order."""

    def __init__(self, text: str, *, stray: bool = False) -> None:
        super().__init__(text)
        self.stray = stray


def judge(envelope: Envelope[Any], topic: Topic, key: bytes | None) -> None:
    """Raises InvalidError."""
    if key != envelope.partitionkey.encode():
        raise InvalidError("partitionkey: the record's key must equal it, or order is lost", stray=True)
    if topic.kind in ("events", "snapshot"):
        if envelope.source != topic.source:
            raise InvalidError(f"source: only {topic.source} announces on this topic", stray=True)
        if envelope.sequence < 1:
            raise InvalidError("sequence: an event carries its number within the aggregate, from 1", stray=True)
    elif envelope.source.startswith(OWN_SOURCES):
        raise InvalidError(f"source: below {OWN_SOURCES} are Kontor's services, and they send no commands", stray=True)
    owners = organizations_of(envelope.data)
    if owners and envelope.tenantid not in (None, *owners):
        raise InvalidError(f"tenantid: it must equal data.{' or data.'.join(envelope.data.TENANT)}")


def stands_in_order(claims: Mapping[str, Any], topic: Topic, key: bytes | None) -> bool:
    """The same for a message whose data cannot be read: whether later events of its aggregate have to wait for it.

    Only where it comes from the one writer of the topic; anybody else's holds up nothing.
    """
    if topic.kind != "events" or claims.get("source") != topic.source or key is None:
        return False
    partitionkey = claims.get("partitionkey")
    if not isinstance(partitionkey, str) or not partitionkey.isascii() or partitionkey.encode() != key:
        return False
    return claimed_sequence(claims) is not None


def claimed_sequence(claims: Mapping[str, Any]) -> int | None:
    """The number of an event by its unchecked attributes. None: no number that an event may have."""
    said = claims.get("sequence")
    # Digits are counted first: making an integer of very many is an error of its own.
    if isinstance(said, str) and said.isascii() and said.isdigit() and len(said) <= MAX_DIGITS:
        said = int(said)
    return said if type(said) is int and 1 <= said <= LAST_SEQUENCE else None
