"""What is known of one enrollment, and the facts that change it.

Pure. Facts that are events of the contracts are announced; the plain dataclasses here stay inside the service, because
they hold what nobody else needs: addresses, phone numbers, the hashes of links.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal, TypedDict

from kontor_contracts.enrollment import (
    AgreementSigned,
    ContactDenied,
    ContactVerificationRequested,
    ContactVerified,
    EnrollmentActivated,
    EnrollmentApproved,
    EnrollmentRejected,
    EnrollmentStarted,
    EnrollmentSubmitted,
    LegalNameChanged,
    PartnerIdAssociated,
    RejectionReason,
)
from kontor_contracts.envelope import Refusal
from kontor_contracts.values import Partner, Program, Recipient

Status = Literal["draft", "contact-pending", "in-review", "qualified", "active", "rejected", "cancelled"]
CLOSED: tuple[Status, ...] = ("rejected", "cancelled")
"""The company may start another enrollment, and its partner id is free again."""


# -- state


@dataclass(frozen=True, slots=True)
class Address:
    """Of the company's registered office; the country is the enrollment's."""

    line1: str
    city: str
    postal_code: str
    line2: str | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class PrimaryContact:
    """The person who is asked about this enrollment and told how it goes."""

    name: str
    email: str
    phone: str
    culture: str

    @property
    def recipient(self) -> Recipient:
        return Recipient(name=self.name, email=self.email, culture=self.culture)


@dataclass(frozen=True, slots=True)
class SupportContact:
    """Where the company's customers get help."""

    email: str
    phone: str
    website: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A personal link to the primary contact's mailbox. Of its token only the SHA-256 is known."""

    token_hash: str
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Milestone:
    """``by`` is a user id, or ``primary-contact`` for who pressed a button behind a link."""

    status: Status
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Enrollment:
    """``status`` None: there is no enrollment. ``superseded`` and ``resent_at`` are about older links, oldest first."""

    status: Status | None = None
    enrollment_id: str = ""
    organization_id: str = ""
    program: Program = "indirect-reseller"
    country: str = ""
    region: str = ""
    registration_id_mandatory: bool = False
    started_by: str = ""
    partner_id: str | None = None
    company_name: str | None = None
    address: Address | None = None
    registration_id: str | None = None
    primary_contact: PrimaryContact | None = None
    support_contact: SupportContact | None = None
    link: Link | None = None
    superseded: tuple[str, ...] = ()
    resent_at: tuple[datetime, ...] = ()
    history: tuple[Milestone, ...] = ()
    agreement_version: str | None = None
    rejection_reason: RejectionReason | None = None


# -- facts


@dataclass(frozen=True, slots=True)
class AccountNoted:
    """What the organization's work account says of the company; the company may correct the name."""

    company_name: str | None
    region: str
    registration_id_mandatory: bool


@dataclass(frozen=True, slots=True)
class NameNoted:
    """The company's name is another one, and nothing else of its profile."""

    company_name: str | None


@dataclass(frozen=True, slots=True)
class LegalProfileUpdated:
    company_name: str
    address: Address
    registration_id: str | None


@dataclass(frozen=True, slots=True)
class PrimaryContactSet:
    contact: PrimaryContact


@dataclass(frozen=True, slots=True)
class SupportContactSet:
    contact: SupportContact


@dataclass(frozen=True, slots=True)
class LinkIssued:
    """From now on the link holds, and no other."""

    link: Link


@dataclass(frozen=True, slots=True)
class StatusReached:
    milestone: Milestone


Announced = (
    EnrollmentStarted
    | PartnerIdAssociated
    | EnrollmentSubmitted
    | ContactVerificationRequested
    | ContactVerified
    | ContactDenied
    | EnrollmentApproved
    | EnrollmentRejected
    | AgreementSigned
    | EnrollmentActivated
    | LegalNameChanged
)
Own = (
    AccountNoted | NameNoted | LegalProfileUpdated | PrimaryContactSet | SupportContactSet | LinkIssued | StatusReached
)

# -- refusal

Reason = Literal[
    "agreement-not-accepted",
    "agreement-outdated",
    "already-confirmed",
    "already-denied",
    "closed",
    "company-name-invalid",
    "disposable-address",
    "foreign-signer",
    "incomplete",
    "link-expired",
    "link-superseded",
    "link-unknown",
    "market-not-supported",
    "not-active",
    "not-awaiting-contact",
    "not-editable",
    "not-in-review",
    "not-qualified",
    "not-started",
    "own-company",
    "partner-id-inactive",
    "partner-id-not-a-location",
    "partner-id-other-country",
    "partner-id-unknown",
    "program-not-for-organization",
    "reason-missing",
    "resend-limit-reached",
    "resend-too-soon",
    "role-mailbox",
    "webmail-address",
    "webmail-lookalike",
]


class EnrollmentRefused(Refusal):
    """``detail`` says what to do about it, ``field`` which value is meant; ``status`` overrides the HTTP status."""

    TYPE: ClassVar[str] = "kontor.enrollment.enrollment-refused.v1"
    reason: Reason
    detail: str
    field: str | None = None
    status: int | None = None


Fact = Announced | Own | EnrollmentRefused


def reached(status: Status, at: datetime, by: str) -> StatusReached:
    return StatusReached(Milestone(status, at, by))


class Addressed(TypedDict):
    """What every event says that leads to a mail to the primary contact."""

    enrollment_id: str
    organization_id: str
    company_name: str
    contact: Recipient


def addressed(state: Enrollment) -> Addressed:
    """Of an enrollment that was submitted, or is complete enough to be."""
    assert state.company_name, "nothing is submitted without it"
    assert state.primary_contact, "nothing is submitted without it"
    return Addressed(
        enrollment_id=state.enrollment_id,
        organization_id=state.organization_id,
        company_name=state.company_name,
        contact=state.primary_contact.recipient,
    )


def partner_of(state: Enrollment, *, name: str | None = None) -> Partner:
    """The company as others see it once it is active; with ``name`` instead of the one it has."""
    company = addressed(state)
    assert state.partner_id, "nothing is submitted without it"
    return Partner(
        organization_id=state.organization_id,
        partner_id=state.partner_id,
        name=name or company["company_name"],
        program=state.program,
        contact=company["contact"],
    )
