"""Customers that a partner already serves through another portal."""

from typing import ClassVar, Literal

from kontor_contracts.envelope import Command, Event, Payload, Refusal
from kontor_contracts.values import Country, Domain, Id, Line, Moment, PartnerId, Permission


class CustomerImported(Event):
    """A customer that a partner already serves through another portal is known now. Subject: the customer.

    ``permissions``: what the partner may do for it, all of them. ``organization_id``: the partner's.
    """

    TYPE: ClassVar[str] = "kontor.relationships.customer-imported.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    customer_id: Id
    name: Line
    country: Country
    portal: Id
    external_id: Id
    partner_id: PartnerId
    permissions: tuple[Permission, ...] | None = None
    imported_at: Moment | None = None
    organization_id: Id | None = None
    domain: Domain | None = None


class CustomerImportRefused(Refusal):
    """The import was refused; nothing changed. ``name-not-plain``: it holds a link or invisible characters (`names`).

    ``id-reused``: an earlier import of this customer had the same source and id and another content; send this one with an
    id of its own. ``too-late``: it was made before all imports that are remembered; send it with a new id and time.
    ``portal-not-entitled``: the portal may not speak for this partner. ``partner-unknown``: no partner with this id became
    active within 90 days. ``too-many-waiting``, ``too-many-partners``: as many wait, or serve the customer, as may.
    ``relationship-ended``: customer or partner has ended it; only an invitation that the customer accepts connects the two again.
    """

    TYPE: ClassVar[str] = "kontor.relationships.customer-import-refused.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    customer_id: Id
    portal: Id
    external_id: Id
    reason: Literal[
        "country-changed",
        "id-reused",
        "name-not-plain",
        "partner-unknown",
        "portal-not-entitled",
        "relationship-ended",
        "too-late",
        "too-many-partners",
        "too-many-waiting",
    ]


class ImportCustomer(Command):
    """Make known a customer that the partner with ``partner_id`` serves through ``portal``.

    Idempotent by (portal, external_id): sent again it updates the name. The partner need not be enrolled yet: until its
    enrollment is active the import waits, for 90 days at most, and is answered then. The program's operators register which
    portal has which source and may speak for which partners. ``domain``: the mail domain of the customer, if
    the portal knows it; it helps to find the customer when it signs up here.
    """

    TYPE: ClassVar[str] = "kontor.relationships.import-customer.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    portal: Id
    external_id: Id
    name: Line
    country: Country
    partner_id: PartnerId
    permissions: tuple[Permission, ...] = ("administer",)
    domain: Domain | None = None


EVENTS: tuple[type[Payload], ...] = (
    CustomerImported,
    CustomerImportRefused,
)
COMMANDS: tuple[type[Payload], ...] = (ImportCustomer,)
