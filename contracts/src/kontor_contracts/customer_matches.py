"""What relationships announces when an imported customer and a customer with a work account are found to be one.

`kontor_contracts.relationships` lists these messages. ``imported_id`` is the customer as a portal imported it, ``customer_id``
the customer with a work account. Key: the customer that the event changes.
"""

from typing import ClassVar, Literal

from kontor_contracts.customers import EndedBy
from kontor_contracts.envelope import Event, Payload
from kontor_contracts.values import Country, Id, Line, Moment, Partner, PartnerId, Permission, Recipient, Value

MatchBasis = Literal["name", "domain"]
"""What was the same beside the country: the name without its legal form, or a mail domain that the customer has proved."""


class MovedRelationship(Value):
    """A partner and what it may do for the customer."""

    partner_id: PartnerId
    permissions: tuple[Permission, ...]
    since: Moment


class PortalCount(Value):
    """How many subscriptions are active in a portal, as the portal reported last."""

    portal: Id
    active: int


class ReturnedRelationship(Value):
    """A relationship as the imported customer gets it back; ``ended_at`` where it was ended while the two were one."""

    partner_id: PartnerId
    permissions: tuple[Permission, ...]
    subscriptions: tuple[PortalCount, ...] = ()
    ended_at: Moment | None = None
    ended_by: EndedBy | None = None


class CustomerMatched(Event):
    """A customer confirmed that it is this imported customer. Subject: the imported customer, which gives no rights now.

    `RelationshipsMoved` follows: its partners keep their rights under ``customer_id``, by which they ask from now on.
    Until ``undo_until`` the customer or one of the partners can undo it. ``invitation_id``: the acceptance that confirmed it.
    """

    TYPE: ClassVar[str] = "kontor.relationships.customer-matched.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("customer_id",)
    imported_id: Id
    imported_name: Line
    portal: Id
    external_id: Id
    country: Country
    customer_id: Id
    customer_name: Line
    contact: Recipient | None = None
    confirmed_by: Id
    invitation_id: Id | None = None
    matched_at: Moment
    undo_until: Moment
    partners: tuple[Partner, ...] = ()


class RelationshipsMoved(Event):
    """The customer has the relationships of the imported customer, and keeps its own. Subject: the customer.

    A partner that it works with already keeps both permissions; one with which it had ended the relationship gets none.
    """

    TYPE: ClassVar[str] = "kontor.relationships.relationships-moved.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("customer_id",)
    customer_id: Id
    imported_id: Id
    moved: tuple[MovedRelationship, ...]
    moved_at: Moment


class CustomerMatchUndone(Event):
    """The two are two customers again. Subject: the customer with the work account.

    `ImportedCustomerRestored` follows. ``undone_by``: which side; ``program`` where the customer had no room for the partners.
    """

    TYPE: ClassVar[str] = "kontor.relationships.customer-match-undone.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("customer_id",)
    customer_id: Id
    customer_name: Line
    imported_id: Id
    contact: Recipient | None = None
    undone_by: EndedBy
    undone_by_user: Id | None = None
    undone_at: Moment
    returned: tuple[ReturnedRelationship, ...] = ()
    dropped: tuple[PartnerId, ...] = ()
    partners: tuple[Partner, ...] = ()


class ImportedCustomerRestored(Event):
    """The imported customer gives rights again, as before the match. Subject: the imported customer."""

    TYPE: ClassVar[str] = "kontor.relationships.imported-customer-restored.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    imported_id: Id
    customer_id: Id
    restored_at: Moment


class PortalMessagePassedOn(Event):
    """A portal's message about an imported customer that is matched: the customer ``customer_id`` applies it.

    Subject: the imported customer. ``permissions``: of an import; ``active``: of a report of subscriptions.
    """

    TYPE: ClassVar[str] = "kontor.relationships.portal-message-passed-on.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    imported_id: Id
    customer_id: Id
    partner_id: PartnerId
    portal: Id
    organization_id: Id | None = None
    permissions: tuple[Permission, ...] | None = None
    active: int | None = None
    at: Moment


EVENTS: tuple[type[Payload], ...] = (
    CustomerMatched,
    RelationshipsMoved,
    CustomerMatchUndone,
    ImportedCustomerRestored,
    PortalMessagePassedOn,
)
