"""Customers and their resellers of record."""

from typing import ClassVar, Literal

from kontor_contracts.envelope import Event, Payload, Refusal
from kontor_contracts.values import Country, Id, Line, Moment, Partner, Permission, Recipient, Value


class Grant(Value):
    """One partner of a customer and what it may do for it."""

    partner: Partner
    permissions: tuple[Permission, ...]


class ResellersAuthorized(Event):
    """The customer made these partners its resellers of record, all of them in this one step. Subject: the customer.

    ``country``: the customer's. ``accepted_by``: the user who accepted, at ``accepted_at``, the text with this ``consent``.
    """

    TYPE: ClassVar[str] = "kontor.relationships.resellers-authorized.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("customer_id",)
    customer_id: Id
    customer_name: Line
    contact: Recipient
    grants: tuple[Grant, ...]
    invitation_id: Id
    country: Country | None = None
    accepted_by: Id | None = None
    accepted_at: Moment | None = None
    consent: Line | None = None


class ResellersRefused(Refusal):
    """An accepted invitation made nobody a reseller of record: the customer works with too many partners. Subject: the customer.

    Acceptances are refused before they are given. This one was given in the same moment as many others. ``contact`` is the
    person who accepted for ``customer_name``; events of older releases have neither.
    """

    TYPE: ClassVar[str] = "kontor.relationships.resellers-refused.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("customer_id",)
    customer_id: Id
    partners: tuple[Partner, ...]
    invitation_id: Id
    reason: Literal["too-many-partners"]
    customer_name: Line | None = None
    contact: Recipient | None = None


class CustomerClosed(Event):
    """The customer's work account is closed: until it is reopened no partner has a right to it. Subject: the customer."""

    TYPE: ClassVar[str] = "kontor.relationships.customer-closed.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("customer_id",)
    customer_id: Id


class CustomerReopened(Event):
    """The customer's work account is open again: its partners have the rights of before. Subject: the customer."""

    TYPE: ClassVar[str] = "kontor.relationships.customer-reopened.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("customer_id",)
    customer_id: Id


EVENTS: tuple[type[Payload], ...] = (
    ResellersAuthorized,
    CustomerClosed,
    CustomerReopened,
    ResellersRefused,
)
