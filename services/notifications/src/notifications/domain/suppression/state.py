"""The state of one address's suppression, its commands and its facts. The address itself is not in it, only masked."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Literal

from kontor_contracts.envelope import Refusal
from kontor_contracts.notifications import AddressSuppressed, SuppressionLifted, SuppressionReason

SOFT_LIMIT = 5
SOFT_WINDOW = timedelta(days=30)
"""So many mails that came back for now, each within this time of the one before, suppress the address."""
MOST_ENTRIES = 20

LASTS: dict[SuppressionReason, timedelta | None] = {
    "unknown-mailbox": timedelta(days=30),
    "bounced": timedelta(days=30),
    "complained": None,
    "staff": None,
}
"""How long a suppression holds. Mailboxes are made later, and servers err; an objection holds until it is lifted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the history. ``reason`` None: lifted."""

    at: datetime
    by: str
    reason: SuppressionReason | None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Suppression:
    """``until`` None while listed: without end. ``soft``: mails that came back for now, since the last one that arrived.

    ``key``: of the document, derived from the address.
    """

    address: str = ""
    key: str = ""
    reason: SuppressionReason | None = None
    since: datetime | None = None
    until: datetime | None = None
    soft: int = 0
    soft_at: datetime | None = None
    entries: tuple[Entry, ...] = ()

    def holds(self, now: datetime) -> SuppressionReason | None:
        """Why no mail goes to the address at ``now``, or None."""
        return None if self.reason is None or (self.until is not None and now >= self.until) else self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressAddress:
    """``address``: masked."""

    address: str
    reason: SuppressionReason
    at: datetime
    by: str
    note: str | None = None
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSoftBounce:
    """A mail came back for now. ``address``: masked."""

    address: str
    key: str = ""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftSuppression:
    """``note``: why, in the staff's words."""

    at: datetime
    by: str
    note: str


Command = SuppressAddress | NoteSoftBounce | LiftSuppression


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressListed:
    """Not announced as it is: the address is in it, masked."""

    address: str
    entry: Entry
    until: datetime | None
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftBounceNoted:
    address: str
    at: datetime
    count: int


@dataclass(frozen=True, slots=True)
class AddressDelisted:
    entry: Entry


class SuppressionRefused(Refusal):
    """``detail`` says what is wrong and what to do."""

    TYPE: ClassVar[str] = "kontor.notifications.suppression-refused.v1"
    reason: Literal["not-suppressed"]
    detail: str


Announced = AddressSuppressed | SuppressionLifted
Fact = AddressListed | SoftBounceNoted | AddressDelisted | Announced | SuppressionRefused
