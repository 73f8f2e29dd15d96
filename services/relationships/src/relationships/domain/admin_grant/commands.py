"""Commands on an administrator grant."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from kontor_contracts.admin_grants import AutoExtend, GrantTerms
from kontor_contracts.values import Recipient


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestGrant:
    """A partner asks for it. ``related``: customer and partner have a relationship. ``reachable``: the customer can approve.

    ``room``: the two may have another open grant.
    """

    terms: GrantTerms
    related: bool
    reachable: bool
    room: bool
    contact_user: str | None
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ApproveGrant:
    """``contact``: the user who approves. The mails about the grant go there from now on."""

    by: str
    contact: Recipient
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EndGrant:
    """One side ends it: the partner withdraws or gives it back, the customer rejects or takes it away.

    ``side`` None: customer and partner have no relationship any more.
    """

    side: str | None
    by: str | None
    reason: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ActivateGrant:
    """The customer's document holds the grant."""


@dataclass(frozen=True, slots=True)
class SetAutoExtend:
    """``by_customer``: only the customer may switch it on."""

    days: AutoExtend
    by: str
    by_customer: bool


@dataclass(frozen=True, slots=True)
class LookAtGrant:
    """The timer: a date of the grant has come."""

    at: datetime


@dataclass(frozen=True, slots=True)
class ForgetGrantContact:
    """Identity purged the user, or with None erased the work account. The document keeps nothing of the contact."""

    ERASES: ClassVar[bool] = True
    user_id: str | None


Command = RequestGrant | ApproveGrant | EndGrant | ActivateGrant | SetAutoExtend | LookAtGrant | ForgetGrantContact
