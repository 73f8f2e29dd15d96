"""The state of an administrator grant, its numbers, and questions about it.

A partner requests it, the customer approves or rejects it. It begins when the customer's document holds it, and ends by
time, by either side, or with the relationship.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, assert_never

from kontor_contracts.admin_grants import GrantEnd, GrantTerms

Status = Literal["requested", "approved", "active", "ended"]

ANSWERED_WITHIN = timedelta(days=90)
"""Then a request ends unanswered."""
DELAYED_AFTER = timedelta(minutes=15)
"""An approved grant begins within seconds. One that has not by then is reported, and tried again."""
TRIED_AGAIN = timedelta(hours=1)
KEPT_FOR = timedelta(days=365)
"""After its end. Then the document forgets the grant; the activity log keeps what happened."""
REMINDERS = (30, 7, 1)
"""Days before the end, at which both sides get a mail."""
MOST_DAYS = 730
LONGEST_NAME = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminGrant:
    """A grant, from the request to its end.

    ``contact_user``: the customer's user who gets the mails. ``reminded``: days of the last reminder that was sent; None
    before the first. ``tried_at``: the last report of a delay.
    """

    terms: GrantTerms
    status: Status
    requested_at: datetime
    contact_user: str | None = None
    approved_at: datetime | None = None
    tried_at: datetime | None = None
    expires_at: datetime | None = None
    reminded: int | None = None
    ended_at: datetime | None = None
    ended_because: GrantEnd | None = None
    ended_reason: str | None = None

    @property
    def open(self) -> bool:
        """It may still give a right."""
        return self.status != "ended"

    def holds(self, at: datetime) -> bool:
        """It gives its rights now."""
        return self.status == "active" and self.expires_at is not None and at < self.expires_at


@dataclass(frozen=True, slots=True)
class State:
    """``forgotten``: there was a grant, and its time after the end is over."""

    admin_grant: AdminGrant | None = None
    forgotten: bool = False


def due(state: State) -> datetime | None:
    """When the timer looks at the grant next."""
    grant = state.admin_grant
    if grant is None:
        return None
    match grant.status:
        case "requested":
            return grant.requested_at + ANSWERED_WITHIN
        case "approved":
            return grant.tried_at + TRIED_AGAIN if grant.tried_at else _since(grant) + DELAYED_AFTER
        case "active":
            return _next_date(grant)
        case "ended":
            return grant.ended_at + KEPT_FOR if grant.ended_at else None
        case _:
            assert_never(grant.status)


def next_reminder(grant: AdminGrant) -> int | None:
    """The days of the next reminder. One whose day had passed when the grant began is left out."""
    if grant.expires_at is None or grant.terms.auto_extend_days:
        return None
    return next(iter(_reminders(grant)), None)


def reminder_due(grant: AdminGrant, at: datetime) -> int | None:
    """The reminder to send now: the last one whose day has come, so that a late timer sends one."""
    if grant.expires_at is None or grant.terms.auto_extend_days:
        return None
    come = [days for days in _reminders(grant) if at >= grant.expires_at - timedelta(days=days)]
    return min(come, default=None)


def _reminders(grant: AdminGrant) -> list[int]:
    """Those that are left."""
    assert grant.expires_at is not None
    lasts = (grant.expires_at - _since(grant)).days
    return [days for days in REMINDERS if days < min(lasts, grant.reminded or MOST_DAYS)]


def _next_date(grant: AdminGrant) -> datetime | None:
    days = next_reminder(grant)
    if grant.expires_at is None or days is None:
        return grant.expires_at
    return grant.expires_at - timedelta(days=days)


def _since(grant: AdminGrant) -> datetime:
    return grant.approved_at or grant.requested_at


def name_key(state: State) -> str | None:
    """The name is unique among the open grants of a partner."""
    grant = state.admin_grant
    return f"{grant.terms.partner.partner_id}|{grant.terms.name.casefold()}" if grant and grant.open else None
