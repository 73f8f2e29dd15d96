"""What relationships announces about administrator grants: time-bound rights of a partner in a customer's account.

`kontor_contracts.relationships` lists these messages. Key: the grant, or the customer for the two about what the customer holds.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from kontor_contracts.customers import Note
from kontor_contracts.envelope import Event, Payload
from kontor_contracts.values import Id, Line, Moment, Partner, PartnerId, Recipient, Value

GrantRole = Literal[
    "global-administrator",
    "user-administrator",
    "licence-administrator",
    "subscription-administrator",
    "global-reader",
]
GrantName = Annotated[Line, StringConstraints(max_length=50)]
Days = Annotated[int, Field(ge=1, le=730)]
AutoExtend = Literal[0, 180]
GrantEnd = Literal[
    "rejected", "withdrawn", "unanswered", "expired", "ended-by-customer", "ended-by-partner", "relationship-ended"
]
"""``unanswered``: the customer did not answer within 90 days."""


class GrantTerms(Value):
    """Who may administer what, for how long. ``auto_extend_days``: by so much it is extended when it runs out; 0: it ends."""

    grant_id: Id
    customer_id: Id
    customer_name: Line
    partner: Partner
    name: GrantName
    roles: tuple[GrantRole, ...]
    days: Days
    auto_extend_days: AutoExtend = 0
    contact: Recipient | None = None


class _OfGrant(Event):
    """``grant.contact`` is the customer's."""

    TENANT: ClassVar[tuple[str, ...]] = ("grant.customer_id", "grant.partner.organization_id")
    grant: GrantTerms


class AdminGrantRequested(_OfGrant):
    """A partner asks a customer for administrator rights. Nothing is granted before the customer approves."""

    TYPE: ClassVar[str] = "kontor.relationships.admin-grant-requested.v1"
    requested_by: Id
    requested_at: Moment
    answer_by: Moment


class AdminGrantApproved(_OfGrant):
    """The customer approved. The rights begin with `AdminGrantActivated`, a moment later."""

    TYPE: ClassVar[str] = "kontor.relationships.admin-grant-approved.v1"
    approved_by: Id
    approved_at: Moment
    expires_at: Moment


class AdminGrantActivated(_OfGrant):
    """The partner has the rights until ``expires_at``."""

    TYPE: ClassVar[str] = "kontor.relationships.admin-grant-activated.v1"
    expires_at: Moment


class AdminGrantDelayed(_OfGrant):
    """The customer approved 15 minutes ago, and the rights have not begun. The program's staff looks into it."""

    TYPE: ClassVar[str] = "kontor.relationships.admin-grant-delayed.v1"
    approved_at: Moment
    looked_at: Moment


class AdminGrantExtended(_OfGrant):
    """It ran out and was extended, as the customer had approved."""

    TYPE: ClassVar[str] = "kontor.relationships.admin-grant-extended.v1"
    expires_at: Moment


class AdminGrantExtensionChanged(_OfGrant):
    """Whether the grant is extended when it runs out was changed; ``grant`` has the new value."""

    TYPE: ClassVar[str] = "kontor.relationships.admin-grant-extension-changed.v1"
    changed_by: Id


class AdminGrantExpiring(_OfGrant):
    """The grant runs out in ``days_left`` days."""

    TYPE: ClassVar[str] = "kontor.relationships.admin-grant-expiring.v1"
    expires_at: Moment
    days_left: int


class AdminGrantEnded(_OfGrant):
    """The partner has no right by this grant any more, or gets none. ``reason``: in the words of who ended it."""

    TYPE: ClassVar[str] = "kontor.relationships.admin-grant-ended.v1"
    because: GrantEnd
    ended_by: Id | None = None
    reason: Note | None = None
    ended_at: Moment


class AdminGrantHeld(Event):
    """The customer's relationship with the partner holds this grant; authorization checks count it. Subject: the customer."""

    TYPE: ClassVar[str] = "kontor.relationships.admin-grant-held.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("customer_id",)
    customer_id: Id
    partner_id: PartnerId
    grant_id: Id
    roles: tuple[GrantRole, ...]
    expires_at: Moment


class AdminGrantDropped(Event):
    """Checks count the grant no longer, or never did: customer and partner have no relationship. Subject: the customer."""

    TYPE: ClassVar[str] = "kontor.relationships.admin-grant-dropped.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("customer_id",)
    customer_id: Id
    partner_id: PartnerId
    grant_id: Id


EVENTS: tuple[type[Payload], ...] = (
    AdminGrantRequested,
    AdminGrantApproved,
    AdminGrantActivated,
    AdminGrantDelayed,
    AdminGrantExtended,
    AdminGrantExtensionChanged,
    AdminGrantExpiring,
    AdminGrantEnded,
    AdminGrantHeld,
    AdminGrantDropped,
)
