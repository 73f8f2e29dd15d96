"""Providers and resellers that work together, and the provider's access to the reseller's account."""

from typing import ClassVar, Literal

from kontor_contracts.envelope import Event, Payload
from kontor_contracts.values import Id, Line, Moment, Partner


class PartnershipEstablished(Event):
    """Provider and reseller work together.

    It shares no customers; with ``admin_access`` the provider may administer the reseller's own account.
    Subject: the partnership, one per pair. ``since``: when the reseller accepted.
    """

    TYPE: ClassVar[str] = "kontor.relationships.partnership-established.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("provider.organization_id", "reseller.organization_id")
    partnership_id: Id
    provider: Partner
    reseller: Partner
    admin_access: bool
    invitation_id: Id
    since: Moment | None = None


PartnershipEndReason = Literal[
    "by-agreement", "contract-ended", "moved-to-another-partner", "conduct", "organization-erased", "other"
]
"""``organization-erased``: the program ended it because one of the two is gone for good."""

PartnershipSide = Literal["provider", "reseller"]


class PartnershipEnded(Event):
    """Provider and reseller no longer work together.

    Customers, their relationships with either partner and their administrator grants stay. The provider's administrator
    access to the reseller's own account ends with it. ``ended_by``: the organization that ended it; None: the program.
    ``since`` and ``invitation_id``: when and by which invitation it had begun.
    """

    TYPE: ClassVar[str] = "kontor.relationships.partnership-ended.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("provider.organization_id", "reseller.organization_id")
    partnership_id: Id
    provider: Partner
    reseller: Partner
    invitation_id: Id
    since: Moment
    ended_at: Moment
    ended_by: Id | None = None
    reason: PartnershipEndReason
    comment: Line | None = None


class PartnershipSuspended(Event):
    """One of the two companies is no active partner now, so the partnership gives no rights until it is resumed.

    ``side``: which of them; there is one event for each.
    """

    TYPE: ClassVar[str] = "kontor.relationships.partnership-suspended.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("provider.organization_id", "reseller.organization_id")
    partnership_id: Id
    provider: Partner
    reseller: Partner
    side: PartnershipSide
    suspended_at: Moment


class PartnershipResumed(Event):
    """The company on this ``side`` is an active partner again. The partnership gives rights when both are."""

    TYPE: ClassVar[str] = "kontor.relationships.partnership-resumed.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("provider.organization_id", "reseller.organization_id")
    partnership_id: Id
    provider: Partner
    reseller: Partner
    side: PartnershipSide
    resumed_at: Moment
    active: bool


class ResellerReauthorizationDue(Event):
    """The reseller of the partnership has to confirm its data by ``due_at``, or it leaves the program then."""

    TYPE: ClassVar[str] = "kontor.relationships.reseller-reauthorization-due.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("provider.organization_id", "reseller.organization_id")
    partnership_id: Id
    provider: Partner
    reseller: Partner
    due_at: Moment


class ResellerReauthorized(Event):
    """The reseller of the partnership has confirmed its data; the partnership goes on."""

    TYPE: ClassVar[str] = "kontor.relationships.reseller-reauthorized.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("provider.organization_id", "reseller.organization_id")
    partnership_id: Id
    provider: Partner
    reseller: Partner


class ProviderAdminAccessGranted(Event):
    """The reseller lets the provider administer its own work account; ``until``: the end that the reseller set, if any.

    Sent again when that end changes. The first consent is part of `PartnershipEstablished`.
    """

    TYPE: ClassVar[str] = "kontor.relationships.provider-admin-access-granted.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("reseller.organization_id", "provider.organization_id")
    partnership_id: Id
    provider: Partner
    reseller: Partner
    granted_by: Id
    granted_at: Moment
    until: Moment | None = None


class ProviderAdminAccessRemoved(Event):
    """The provider may not administer the reseller's work account any more.

    ``cause``: the reseller removed it, the time that the reseller had set is over, or the partnership ended. In the first
    two cases the partnership stays.
    """

    TYPE: ClassVar[str] = "kontor.relationships.provider-admin-access-removed.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("reseller.organization_id", "provider.organization_id")
    partnership_id: Id
    provider: Partner
    reseller: Partner
    removed_at: Moment
    cause: Literal["removed-by-reseller", "time-over", "partnership-ended"]


EVENTS: tuple[type[Payload], ...] = (
    PartnershipEstablished,
    PartnershipEnded,
    PartnershipSuspended,
    PartnershipResumed,
    ResellerReauthorizationDue,
    ResellerReauthorized,
    ProviderAdminAccessGranted,
    ProviderAdminAccessRemoved,
)
