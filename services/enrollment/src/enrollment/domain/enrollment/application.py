"""Decisions until the submission: start, partner id, profile, contacts, submit.

Until the submission everything can be changed, afterwards nothing, because it is under review.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from enrollment.domain.enrollment.company import company_name_fault, missing
from enrollment.domain.enrollment.state import (
    AccountNoted,
    Address,
    Enrollment,
    EnrollmentRefused,
    Fact,
    LegalProfileUpdated,
    Link,
    LinkIssued,
    PrimaryContact,
    PrimaryContactSet,
    Status,
    SupportContact,
    SupportContactSet,
    addressed,
    reached,
)
from enrollment.domain.profile import RegistryEntry
from kontor_contracts.enrollment import (
    ContactVerificationRequested,
    EnrollmentStarted,
    EnrollmentSubmitted,
    PartnerIdAssociated,
)
from kontor_contracts.values import OrganizationKind, Program

MailboxFault = Literal["webmail-address", "webmail-lookalike", "role-mailbox", "disposable-address"]

ORGANIZATION_OF: dict[Program, OrganizationKind] = {"indirect-provider": "provider", "indirect-reseller": "reseller"}

MAILBOX_REMEDIES: dict[MailboxFault, str] = {
    "webmail-address": "is at a public mail service; give the person's address at the company's own domain",
    "webmail-lookalike": "is at a domain that looks like a mail service's; check the spelling, and give the person's address at "
    "the company's own domain",
    "role-mailbox": "is shared by a role; give the address of one person who can answer for the company",
    "disposable-address": "is a throw-away address; give the person's address at the company's own domain",
}

# -- commands


@dataclass(frozen=True, slots=True, kw_only=True)
class StartEnrollment:
    """``region`` None: the organization's country has no market. The organization is that of the caller's token."""

    enrollment_id: str
    program: Program
    organization_id: str
    organization_name: str
    organization_kind: str
    country: str
    region: str | None
    registration_id_mandatory: bool
    started_by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AssociatePartnerId:
    """``profile`` None: the membership account has no profile with this partner id. The caller has signed in to it."""

    partner_id: str
    profile: RegistryEntry | None


@dataclass(frozen=True, slots=True)
class UpdateProfile:
    company_name: str
    address: Address
    registration_id: str | None


@dataclass(frozen=True, slots=True)
class SetPrimaryContact:
    """``fault``: the result of the lists of mail domains and role mailboxes."""

    contact: PrimaryContact
    fault: MailboxFault | None


@dataclass(frozen=True, slots=True)
class SetSupportContact:
    contact: SupportContact


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit:
    """``sealed_link`` holds the token whose hash is given; both were made for this command."""

    token_hash: str
    sealed_link: str
    expires_at: datetime
    submitted_by: str
    at: datetime


# -- decisions


def start(command: StartEnrollment, state: Enrollment) -> list[Fact]:
    if state.status is not None:
        return []
    if ORGANIZATION_OF[command.program] != command.organization_kind:
        fitting = " or ".join(p for p, kind in ORGANIZATION_OF.items() if kind == command.organization_kind)
        detail = (
            f"a {command.organization_kind} cannot be an {command.program}; choose {fitting or 'another work account'}"
        )
        return [EnrollmentRefused(reason="program-not-for-organization", field="program", detail=detail)]
    if command.region is None:
        detail = f"the program has no market in {command.country}; use a work account of a country that has one"
        return [EnrollmentRefused(reason="market-not-supported", field="country", detail=detail)]
    name = command.organization_name
    return [
        EnrollmentStarted(
            enrollment_id=command.enrollment_id,
            organization_id=command.organization_id,
            program=command.program,
            country=command.country,
            started_by=command.started_by,
        ),
        AccountNoted(None if company_name_fault(name) else name, command.region, command.registration_id_mandatory),
        reached("draft", command.at, command.started_by),
    ]


def associate_partner_id(command: AssociatePartnerId, state: Enrollment) -> list[Fact]:
    if command.partner_id == state.partner_id:
        return []
    refused = not_editable(state) or _unfit(command, state.country)
    if refused:
        return [refused]
    return [
        PartnerIdAssociated(
            enrollment_id=state.enrollment_id, organization_id=state.organization_id, partner_id=command.partner_id
        )
    ]


def update_profile(command: UpdateProfile, state: Enrollment) -> list[Fact]:
    if (command.company_name, command.address, command.registration_id) == (
        state.company_name,
        state.address,
        state.registration_id,
    ):
        return []
    if refused := not_editable(state):
        return [refused]
    if fault := company_name_fault(command.company_name):
        return [EnrollmentRefused(reason="company-name-invalid", field="company_name", detail=fault)]
    return [LegalProfileUpdated(command.company_name, command.address, command.registration_id)]


def set_primary_contact(command: SetPrimaryContact, state: Enrollment) -> list[Fact]:
    contact = command.contact
    if contact == state.primary_contact:
        return []
    if refused := not_editable(state):
        return [refused]
    if command.fault:
        detail = f"{contact.email} {MAILBOX_REMEDIES[command.fault]}"
        return [EnrollmentRefused(reason=command.fault, field="email", detail=detail)]
    return [PrimaryContactSet(contact)]


def set_support_contact(command: SetSupportContact, state: Enrollment) -> list[Fact]:
    if command.contact == state.support_contact:
        return []
    if refused := not_editable(state):
        return [refused]
    return [SupportContactSet(command.contact)]


def submit(command: Submit, state: Enrollment) -> list[Fact]:
    if state.status in {"contact-pending", "in-review", "qualified", "active", "suspended"}:
        return []
    if refused := not_editable(state):
        return [refused]
    if gaps := missing(state):
        detail = f"still needed: {', '.join(gaps)}; give them and submit again"
        return [EnrollmentRefused(reason="incomplete", field=gaps[0], detail=detail)]
    assert state.partner_id, "`missing` has checked it"
    return [
        EnrollmentSubmitted(
            **addressed(state), program=state.program, country=state.country, partner_id=state.partner_id
        ),
        *mailed_link(state, command.sealed_link, Link(command.token_hash, command.at, command.expires_at)),
        reached("contact-pending", command.at, command.submitted_by),
    ]


# -- what the decisions share


def mailed_link(state: Enrollment, sealed_link: str, link: Link) -> list[Fact]:
    """The mail to the primary contact, with a link that replaces any older one."""
    requested = ContactVerificationRequested(**addressed(state), sealed_link=sealed_link, expires_at=link.expires_at)
    return [requested, LinkIssued(link)]


def not_editable(state: Enrollment) -> EnrollmentRefused | None:
    match state.status:
        case "draft":
            return None
        case "rejected" | "cancelled":
            return closed(state.status)
        case _:
            detail = "a submitted enrollment can no longer be changed; wait for the decision"
            return EnrollmentRefused(reason="not-editable", detail=detail)


def closed(status: Status) -> EnrollmentRefused:
    return EnrollmentRefused(reason="closed", detail=f"this enrollment was {status}; start a new one")


def _unfit(command: AssociatePartnerId, country: str) -> EnrollmentRefused | None:
    """The organization profile must be an active location in the country of the work account."""
    profile, field = command.profile, "partner_id"
    if profile is None:
        detail = "this membership account has no such partner id; look up its profiles, or sign in with another account"
        return EnrollmentRefused(reason="partner-id-unknown", field=field, detail=detail)
    if profile.status != "active":
        detail = f"the profile of {profile.partner_id} is inactive; choose an active one or have it reactivated"
        return EnrollmentRefused(reason="partner-id-inactive", field=field, detail=detail)
    if profile.kind != "location":
        detail = f"{profile.partner_id} is the headquarters' global id; choose the id of the location in {country}"
        return EnrollmentRefused(reason="partner-id-not-a-location", field=field, detail=detail)
    if profile.country != country:
        detail = f"{profile.partner_id} is in {profile.country}, your work account in {country}; choose a profile in {country}"
        return EnrollmentRefused(reason="partner-id-other-country", field=field, detail=detail)
    return None
