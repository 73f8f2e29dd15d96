"""The state of an enrollment, its events and its refusals.

Events of the contracts are announced. The dataclasses here are not: they hold what other services do not need, such as
addresses, phone numbers and the hashes of links.
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
    EnrollmentReinstated,
    EnrollmentRejected,
    EnrollmentStarted,
    EnrollmentSubmitted,
    EnrollmentSuspended,
    LegalNameChanged,
    PartnerIdAssociated,
    RejectionReason,
)
from kontor_contracts.envelope import Refusal
from kontor_contracts.values import Partner, Program, Recipient

Status = Literal["draft", "contact-pending", "in-review", "qualified", "active", "suspended", "rejected", "cancelled"]
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
    """The person who confirms this enrollment and gets the mails about it."""

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
    """A personal link, mailed to the primary contact. Only the SHA-256 of its token is stored."""

    token_hash: str
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Milestone:
    """``reason``: a code of the contracts.

    ``by`` is a user id, ``primary-contact`` for an answer on the page behind the link, or a service.
    """

    status: Status
    at: datetime
    by: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Enrollment:
    """``status`` None: there is no enrollment. ``superseded`` and ``resent_at`` are of older links, oldest first."""

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

    @property
    def open(self) -> bool:
        """An open enrollment occupies the organization and the partner id."""
        return self.status is not None and self.status not in CLOSED

    @property
    def partner(self) -> bool:
        """The company was admitted, and its partnership with the program goes on; it may be suspended."""
        return self.status in {"active", "suspended"}

    @property
    def active(self) -> bool:
        """The company may act as a partner of the program."""
        return self.status == "active"


# -- events that are not announced


@dataclass(frozen=True, slots=True)
class AccountNoted:
    """The data of the organization's work account. The company may correct the name."""

    company_name: str | None
    region: str
    registration_id_mandatory: bool


@dataclass(frozen=True, slots=True)
class NameNoted:
    """The draft follows a new name of the work account."""

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
    """The link is valid, and no older one."""

    link: Link


@dataclass(frozen=True, slots=True)
class CancelledByAccount:
    """The work account was corrected or erased."""


@dataclass(frozen=True, slots=True)
class ContactsErased:
    """The work account was erased, and with it both contacts."""


@dataclass(frozen=True, slots=True)
class MilestoneReached:
    """An entry of the history: the status, its time and its actor."""

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
    | EnrollmentSuspended
    | EnrollmentReinstated
)
Own = (
    AccountNoted
    | NameNoted
    | LegalProfileUpdated
    | PrimaryContactSet
    | SupportContactSet
    | LinkIssued
    | CancelledByAccount
    | ContactsErased
    | MilestoneReached
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
    "not-suspended",
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
    """``detail`` says what is wrong and what to do; ``field`` names the value that is meant."""

    TYPE: ClassVar[str] = "kontor.enrollment.enrollment-refused.v1"
    reason: Reason
    detail: str
    field: str | None = None


Fact = Announced | Own | EnrollmentRefused


def reached(status: Status, at: datetime, by: str, reason: str | None = None) -> MilestoneReached:
    return MilestoneReached(Milestone(status, at, by, reason))


class Addressed(TypedDict):
    """The fields of every event that leads to a mail to the primary contact."""

    enrollment_id: str
    organization_id: str
    company_name: str
    contact: Recipient


def addressed(state: Enrollment) -> Addressed:
    """For enrollments that were submitted or are complete enough to be."""
    assert state.company_name, "a submission requires it"
    assert state.primary_contact, "a submission requires it"
    return Addressed(
        enrollment_id=state.enrollment_id,
        organization_id=state.organization_id,
        company_name=state.company_name,
        contact=state.primary_contact.recipient,
    )


def partner_of(state: Enrollment, *, name: str | None = None) -> Partner:
    """The company as other services see it once it is active. ``name`` replaces its present name."""
    company = addressed(state)
    assert state.partner_id, "a submission requires it"
    return Partner(
        organization_id=state.organization_id,
        partner_id=state.partner_id,
        name=name or company["company_name"],
        program=state.program,
        contact=company["contact"],
    )
