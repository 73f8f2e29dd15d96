"""Partners of the program as relationships lists them, and the notices to their customers."""

from typing import ClassVar, Literal

from kontor_contracts.envelope import Event, Payload
from kontor_contracts.values import Country, Id, Line, Moment, Partner, PartnerId, Recipient


class PartnerListed(Event):
    """The company is a partner of the program, or has another name or contact now.

    It says nothing about a suspension, which stays. Subject of this and the next five events: the partner.
    """

    TYPE: ClassVar[str] = "kontor.relationships.partner-listed.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    partner: Partner
    country: Country
    region: Line


class PartnerSuspended(Event):
    """Enrollment suspended the partner: none of its rights holds, with customers, partners or in the directory.

    Nothing is removed. All of it holds again when the partner is reinstated. ``reason``: as enrollment announced it.
    """

    TYPE: ClassVar[str] = "kontor.relationships.partner-suspended.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    partner: Partner
    reason: Line
    suspended_at: Moment


class PartnerReinstated(Event):
    """The suspended company is an active partner again, with the rights that it had."""

    TYPE: ClassVar[str] = "kontor.relationships.partner-reinstated.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    partner: Partner
    reinstated_at: Moment


class CustomersNotified(Event):
    """Customers of a partner that was suspended or reinstated are to be told; at most 50 in one event. Subject: the notice.

    ``organization_id``: the partner. The suspension and its effects are announced by `PartnerSuspended`.
    """

    TYPE: ClassVar[str] = "kontor.relationships.customers-notified.v1"
    notice_id: Id
    organization_id: Id
    partner_name: Line
    standing: Literal["suspended", "reinstated"]
    recipients: tuple[Recipient, ...]
    notified_at: Moment


class PartnerClosed(Event):
    """The partner's work account is closed: none of its rights holds until it is reopened."""

    TYPE: ClassVar[str] = "kontor.relationships.partner-closed.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    partner: Partner
    closed_at: Moment


class PartnerReopened(Event):
    """The partner's work account is open again. It has the rights of before, unless it is suspended."""

    TYPE: ClassVar[str] = "kontor.relationships.partner-reopened.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    partner: Partner
    reopened_at: Moment


class PartnerErased(Event):
    """The company is gone for good: its account was closed, and the time to reopen it is over. Its partner id is free again."""

    TYPE: ClassVar[str] = "kontor.relationships.partner-erased.v1"
    organization_id: Id
    partner_id: PartnerId
    erased_at: Moment


EVENTS: tuple[type[Payload], ...] = (
    PartnerListed,
    PartnerSuspended,
    PartnerReinstated,
    CustomersNotified,
    PartnerClosed,
    PartnerReopened,
    PartnerErased,
)
