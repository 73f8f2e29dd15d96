"""What relationships announces and accepts about the end of customer relationships, and about active subscriptions.

`kontor_contracts.relationships` lists these messages. Key: the customer.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from kontor_contracts.envelope import Command, Event, Payload, Refusal
from kontor_contracts.values import Id, Line, Moment, Partner, PartnerId, Recipient

Action = Literal[
    "administer",
    "order",
    "add-subscription",
    "administer-users",
    "administer-licences",
    "administer-subscriptions",
    "view",
]
"""What a partner may be asked about. The reseller's and the provider's permission give several of them each."""
EndedBy = Literal["customer", "partner", "program"]
Channel = Literal["own-marketing", "referral", "provider"]
"""How a partner found a customer (\"Connect with new customers\" in the program's description)."""
Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
"""Why something was ended, in a person's words."""


class RelationshipEnded(Event):
    """The partner has no right to the customer any more. Subject: the customer.

    ``version`` counts the changes of this relationship. ``partner`` is the partner as the program knows it; ``others`` are
    the partners that came with it by one invitation, and keep their own relationship. ``contact``: the customer's.
    The same companies connect again only by a new invitation.
    """

    TYPE: ClassVar[str] = "kontor.relationships.relationship-ended.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("customer_id", "organization_id")
    customer_id: Id
    customer_name: Line
    partner_id: PartnerId
    organization_id: Id | None = None
    partner_name: Line | None = None
    ended_by: EndedBy
    ended_by_user: Id | None = None
    reason: Note | None = None
    ended_at: Moment
    version: int = 1
    contact: Recipient | None = None
    partner: Partner | None = None
    others: tuple[Partner, ...] = ()


class SubscriptionsReported(Event):
    """So many subscriptions of the customer with this partner are active in the portal. Subject: the customer.

    While there are any, neither side can end the relationship. ``imported_id``: the portal reported about this imported
    customer, which the customer is.
    """

    TYPE: ClassVar[str] = "kontor.relationships.subscriptions-reported.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("customer_id",)
    customer_id: Id
    partner_id: PartnerId
    portal: Id
    active: int
    reported_at: Moment
    imported_id: Id | None = None


class SubscriptionsRefused(Refusal):
    """The report changed nothing. Subject: the customer.

    ``no-relationship``: customer and partner have none that holds. ``too-many-portals``: 20 portals report for it already.
    ``portal-not-entitled``: the portal may not speak for this partner. ``id-reused``, ``too-late``: as for imports.
    """

    TYPE: ClassVar[str] = "kontor.relationships.subscriptions-refused.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    customer_id: Id
    partner_id: PartnerId
    portal: Id
    reason: Literal["id-reused", "no-relationship", "portal-not-entitled", "too-late", "too-many-portals"]


class ReportSubscriptions(Command):
    """Say how many subscriptions of the customer with this partner are active in the portal; 0 when none is left.

    Key: ``portal:customer_id``. Each report replaces the portal's report before it. The answer is ``subscriptions-reported``
    or ``subscriptions-refused``; a report that says the same again has no answer.
    """

    TYPE: ClassVar[str] = "kontor.relationships.report-subscriptions.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    portal: Id
    customer_id: Id
    partner_id: PartnerId
    active: Annotated[int, Field(ge=0, le=10_000_000)]


EVENTS: tuple[type[Payload], ...] = (RelationshipEnded, SubscriptionsReported, SubscriptionsRefused)
COMMANDS: tuple[type[Payload], ...] = (ReportSubscriptions,)
