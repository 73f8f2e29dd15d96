"""Organizations (work accounts) and their mail domains."""

from typing import ClassVar

from kontor_contracts.envelope import Event, Payload
from kontor_contracts.identity.values import DomainName, OrganizationProfile, OrganizationStatus
from kontor_contracts.values import Country, Culture, Id, Line, Moment, OrganizationKind


class OrganizationRegistered(Event):
    """The work account exists. Subject: the organization."""

    TYPE: ClassVar[str] = "kontor.identity.organization-registered.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("organization.organization_id",)
    organization: OrganizationProfile
    registered_by: Id


class OrganizationActivated(Event):
    """The organization's enrollment became active, so it is a partner of the program now."""

    TYPE: ClassVar[str] = "kontor.identity.organization-activated.v1"
    organization_id: Id
    enrollment_id: Id


class OrganizationUpdated(Event):
    """The organization's name or language is another one now. Subject: the organization."""

    TYPE: ClassVar[str] = "kontor.identity.organization-updated.v1"
    organization_id: Id
    name: Line
    culture: Culture
    previous_name: Line
    previous_culture: Culture


class OrganizationCorrected(Event):
    """Country or kind were wrong at sign-up: ``organization`` says what is right. Subject: the organization."""

    TYPE: ClassVar[str] = "kontor.identity.organization-corrected.v1"
    organization_id: Id
    organization: OrganizationProfile
    previous_country: Country
    previous_kind: OrganizationKind


class OrganizationClosed(Event):
    """The work account is closed: its users are deleted, and can come back until ``restorable_until``.

    Subject: the organization.
    """

    TYPE: ClassVar[str] = "kontor.identity.organization-closed.v1"
    organization_id: Id
    restorable_until: Moment
    closed_by: Id


class OrganizationReopened(Event):
    """The work account is open again, with the users that it had when it was closed. Subject: the organization."""

    TYPE: ClassVar[str] = "kontor.identity.organization-reopened.v1"
    organization_id: Id
    reopened_by: Id


class OrganizationErased(Event):
    """The time to reopen is over. Consumers MUST free what only this organization could hold, such as its partner id."""

    TYPE: ClassVar[str] = "kontor.identity.organization-erased.v1"
    organization_id: Id


class OrganizationStatusChanged(Event):
    """The organization is further in the program, or was rejected; ``enrollment_id`` is the enrollment that it follows."""

    TYPE: ClassVar[str] = "kontor.identity.organization-status-changed.v1"
    organization_id: Id
    status: OrganizationStatus
    previous: OrganizationStatus
    enrollment_id: Id


class DomainClaimed(Event):
    """The organization says that the domain is its own, and has yet to prove it. Subject: the claim."""

    TYPE: ClassVar[str] = "kontor.identity.domain-claimed.v1"
    organization_id: Id
    domain: DomainName


class DomainProved(Event):
    """The claim was found in the DNS: the domain is this organization's and no other's."""

    TYPE: ClassVar[str] = "kontor.identity.domain-proved.v1"
    organization_id: Id
    domain: DomainName


class DomainReleased(Event):
    """The organization gave the domain up, or its claim to it."""

    TYPE: ClassVar[str] = "kontor.identity.domain-released.v1"
    organization_id: Id
    domain: DomainName


EVENTS: tuple[type[Payload], ...] = (
    OrganizationRegistered,
    OrganizationActivated,
    OrganizationUpdated,
    OrganizationCorrected,
    OrganizationClosed,
    OrganizationReopened,
    OrganizationErased,
    OrganizationStatusChanged,
    DomainClaimed,
    DomainProved,
    DomainReleased,
)
