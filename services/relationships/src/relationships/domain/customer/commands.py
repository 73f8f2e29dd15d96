"""Commands on a customer."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from kontor_contracts.admin_grants import GrantRole
from kontor_contracts.customer_matches import PortalMessagePassedOn, ReturnedRelationship
from kontor_contracts.customers import Channel, EndedBy
from kontor_contracts.values import Partner, Permission, Recipient
from relationships.domain.customer.state import Relationship


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizeResellers:
    """The customer accepted an invitation. All of ``partners`` become its resellers of record."""

    customer_id: str
    name: str
    country: str
    contact: Recipient
    contact_user: str | None = None
    partners: tuple[Partner, ...]
    invitation_id: str
    at: datetime
    consent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCustomer:
    """A partner serves this customer through another portal. ``organization_id``: the partner's, known when it is active."""

    customer_id: str
    portal: str
    external_id: str
    name: str
    country: str
    partner_id: str
    permissions: tuple[Permission, ...]
    at: datetime
    organization_id: str | None = None
    domain: str | None = None


@dataclass(frozen=True, slots=True)
class ForgetContact:
    """Identity purged the user, or with None erased the work account. The document keeps nothing of the contact.

    The events that the document keeps to announce them again go as well.
    """

    ERASES: ClassVar[bool] = True
    user_id: str | None


@dataclass(frozen=True, slots=True)
class RenameCustomer:
    """Identity has another name for the customer's organization."""

    name: str


@dataclass(frozen=True, slots=True)
class RenameContact:
    """Identity has another name or language for the user."""

    user_id: str
    name: str
    culture: str


@dataclass(frozen=True, slots=True)
class FollowAccount:
    """Identity has closed the customer's work account, or reopened it."""

    closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EndRelationship:
    """The customer, the partner or the program's staff ends a relationship.

    ``partner`` and ``others``: the partner and those that came with it, as the program knows them, to tell them.
    """

    partner_id: str
    by: EndedBy
    user_id: str
    reason: str | None
    at: datetime
    partner: Partner | None = None
    others: tuple[Partner, ...] = ()


@dataclass(frozen=True, slots=True)
class NameChannel:
    """The partner notes how it found the customer; None removes the note."""

    partner_id: str
    channel: Channel | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSubscriptions:
    """A portal says how many subscriptions are active. ``entitled``: it may speak for the partner."""

    customer_id: str
    partner_id: str
    portal: str
    active: int
    at: datetime
    entitled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldGrant:
    """The customer approved an administrator grant, or it was extended: the relationship holds it.

    ``requested_at``: a relationship that began later does not hold it.
    """

    grant_id: str
    partner_id: str
    roles: tuple[GrantRole, ...]
    expires_at: datetime
    requested_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DropGrant:
    """The grant has ended."""

    grant_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchCustomer:
    """On the imported customer: the customer with a work account says that it is the same company.

    ``proposed``: what was compared says so, too. ``quiet``: it follows from an acceptance, so there is nobody to refuse it to.
    """

    customer_id: str
    customer_name: str
    country: str
    contact: Recipient | None
    user_id: str
    invitation_id: str | None
    partners: tuple[Partner, ...]
    at: datetime
    proposed: bool = True
    quiet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOver:
    """On the customer: the relationships of the imported customer that it is. ``partners``: to write to if it cannot be."""

    customer_id: str
    customer_name: str
    partners: tuple[Partner, ...]
    imported_id: str
    imported_name: str
    portal: str
    external_id: str
    relationships: tuple[Relationship, ...]
    matched_at: datetime
    undo_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoMatch:
    """On the customer. ``partner_id``: the partner that undoes it; None: the customer or the program's staff."""

    imported_id: str
    by: EndedBy
    user_id: str | None
    partner_id: str | None
    partners: tuple[Partner, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreImported:
    """On the imported customer: the match is undone."""

    customer_id: str
    returned: tuple[ReturnedRelationship, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyPassedOn:
    """On the customer: a portal's message about an imported customer that it is."""

    message: PortalMessagePassedOn


Command = (
    AuthorizeResellers
    | ImportCustomer
    | ForgetContact
    | RenameCustomer
    | RenameContact
    | FollowAccount
    | EndRelationship
    | ReportSubscriptions
    | NameChannel
    | HoldGrant
    | DropGrant
    | MatchCustomer
    | TakeOver
    | UndoMatch
    | RestoreImported
    | ApplyPassedOn
)
