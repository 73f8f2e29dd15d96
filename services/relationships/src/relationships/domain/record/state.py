"""The state of a record: which reseller a provider has named on a customer's subscription, now and before.

A record that exists is no right that holds: whether the reseller may be named now is judged by `judging` on the present
documents of the partners, their partnership and the customer.
"""

from dataclasses import dataclass
from datetime import datetime

from kontor_contracts.resellers_of_record import NamedPartner, RecordEnd

MOST_PAST = 20
"""Resellers of before that a record lists: the newest. The activity log has all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """``set_by``: the user who named the reseller; ``portal``: the portal that did."""

    reseller: NamedPartner
    since: datetime
    set_by: str | None = None
    portal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastNaming:
    naming: Naming
    until: datetime
    because: RecordEnd
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """``current`` None: no reseller is named now. ``past``: oldest first.

    ``home``: the customer that it was named for, while the record is about another one, which that customer is.
    """

    record_id: str
    customer_id: str
    subscription_id: str
    provider: NamedPartner
    current: Naming | None = None
    past: tuple[PastNaming, ...] = ()
    home: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    record: Record | None = None


def names(record: Record, organization_id: str) -> bool:
    """Whether the organization is the reseller that is named now."""
    return record.current is not None and record.current.reseller.organization_id == organization_id


def named_before(record: Record, organization_id: str) -> tuple[PastNaming, ...]:
    return tuple(one for one in record.past if one.naming.reseller.organization_id == organization_id)
