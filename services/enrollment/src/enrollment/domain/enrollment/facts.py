"""The events of an enrollment and its refusals.

Events of the contracts are announced. The dataclasses here are not: they hold what other services do not need, such as
addresses, phone numbers and the hashes of links.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal, TypedDict

from enrollment.domain.enrollment.dossier import Note, Step
from enrollment.domain.enrollment.mails import MailRecord
from enrollment.domain.enrollment.paperwork import RequestedDocument, UploadedFile
from enrollment.domain.enrollment.state import (
    Actor,
    Address,
    Change,
    Enrollment,
    LegalChange,
    Link,
    Milestone,
    PrimaryContact,
    Reauthorization,
    Status,
    SupportContact,
)
from enrollment.domain.enrollment.waits import USUAL, Waits
from kontor_contracts.enrollment import (
    AgreementSigned,
    Applicant,
    ContactDenied,
    ContactUndeliverable,
    ContactVerificationRequested,
    ContactVerified,
    DocumentRequestWithdrawn,
    DocumentsReceived,
    DocumentsRequested,
    EnrollmentActivated,
    EnrollmentAppealed,
    EnrollmentApproved,
    EnrollmentCorrected,
    EnrollmentEnded,
    EnrollmentErased,
    EnrollmentExpired,
    EnrollmentReinstated,
    EnrollmentRejected,
    EnrollmentReminded,
    EnrollmentReopened,
    EnrollmentStarted,
    EnrollmentSubmitted,
    EnrollmentSubmittedUnlinked,
    EnrollmentSuspended,
    EnrollmentWithdrawn,
    LegalChangeAccepted,
    LegalChangeProposed,
    LegalChangeRejected,
    LegalChangeWithdrawn,
    LegalNameChanged,
    NoticeGiven,
    NoticeWithdrawn,
    PartnerIdAssociated,
    PartnerReauthorized,
    ReauthorizationMoved,
    ReauthorizationNoticed,
    ReviewDelayed,
    ReviewFileChanged,
    WaitEnded,
)
from kontor_contracts.envelope import Refusal
from kontor_contracts.values import Partner, Recipient


@dataclass(frozen=True, slots=True)
class AccountNoted:
    """The data of the organization's work account. The company may correct the name."""

    company_name: str | None
    region: str
    registration_id_mandatory: bool
    applicant: Applicant
    organization_name: str
    waits: Waits = USUAL


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
    """The link is valid, and no older one. ``other_mailbox``: the holders of older links have nothing to do with it."""

    link: Link
    other_mailbox: bool = False


@dataclass(frozen=True, slots=True)
class Touched:
    """A draft was changed, so it waits from now on."""

    at: datetime


@dataclass(frozen=True, slots=True)
class ChangesNoted:
    """What a correction changed."""

    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Reminded:
    """The number of reminders in the present status that were sent or have passed."""

    reminders: int


@dataclass(frozen=True, slots=True)
class AppealMade:
    """The words of an appeal, for the reviewers."""

    statement: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LegalChangeNoted:
    """The proposed or rejected change of the legal profile; None: there is none any more."""

    change: LegalChange | None


@dataclass(frozen=True, slots=True)
class LegalChangeEscalated:
    """The number of due dates that the review of the change has missed."""

    escalations: int


LegalChangeFact = LegalChangeNoted | LegalChangeEscalated


@dataclass(frozen=True, slots=True)
class ReauthorizationNoted:
    """The date by which the partner is to confirm, and how much was said about it."""

    reauthorization: Reauthorization


@dataclass(frozen=True, slots=True)
class WaitNoted:
    """Before this moment the company may not enroll again; None: it may."""

    until: datetime | None


ReauthorizationFact = ReauthorizationNoted | WaitNoted


@dataclass(frozen=True, slots=True)
class Escalated:
    """The number of due dates that the review has missed."""

    escalations: int


@dataclass(frozen=True, slots=True)
class PartnerIdPostponed:
    """The company submits without its partner id, and links it before the signature."""


@dataclass(frozen=True, slots=True)
class ReviewReopened:
    """A partner id was linked after the approval, and the registry spells the company's name in another way."""


@dataclass(frozen=True, slots=True)
class VerificationReopened:
    """The contact was corrected during the review, and has to confirm."""


@dataclass(frozen=True, slots=True)
class RegistryNameNoted:
    """The name of the chosen profile, for the reviewer to compare. ``in_program``: its company is enrolled already."""

    name: str
    in_program: bool = False


@dataclass(frozen=True, slots=True)
class ReviewClaimed:
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReviewReleased:
    """Nobody has the review."""


@dataclass(frozen=True, slots=True)
class NoteAdded:
    note: Note


@dataclass(frozen=True, slots=True)
class RiskMarked:
    high: bool
    by: str


@dataclass(frozen=True, slots=True)
class StepPassed:
    step: Step


@dataclass(frozen=True, slots=True)
class ApprovalNoted:
    """The first of the two approvals that a high risk takes."""

    by: str


ReviewFact = RegistryNameNoted | ReviewClaimed | ReviewReleased | NoteAdded | RiskMarked | StepPassed | ApprovalNoted


@dataclass(frozen=True, slots=True)
class DocumentsAsked:
    documents: tuple[RequestedDocument, ...]


@dataclass(frozen=True, slots=True)
class RequestsWithdrawn:
    """What is missing is needed no more."""


@dataclass(frozen=True, slots=True)
class FileKept:
    document_id: str
    file: UploadedFile


@dataclass(frozen=True, slots=True)
class FileRemoved:
    file_id: str


@dataclass(frozen=True, slots=True)
class MailNoted:
    """What became of a mail."""

    mail: MailRecord


PaperworkFact = DocumentsAsked | RequestsWithdrawn | FileKept | FileRemoved


@dataclass(frozen=True, slots=True)
class ApplicantForgotten:
    """The user who enrolled was erased."""


@dataclass(frozen=True, slots=True)
class CancelledByAccount:
    """The work account was corrected or erased."""


@dataclass(frozen=True, slots=True)
class ContactsErased:
    """The work account was erased, and with it the contacts, the applicant and what they were corrected from."""


@dataclass(frozen=True, slots=True)
class MilestoneReached:
    """An entry of the history: the status, its time and its actor."""

    milestone: Milestone


Announced = (
    EnrollmentStarted
    | PartnerIdAssociated
    | EnrollmentSubmitted
    | EnrollmentSubmittedUnlinked
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
    | EnrollmentReopened
    | EnrollmentCorrected
    | EnrollmentWithdrawn
    | EnrollmentErased
    | EnrollmentReminded
    | EnrollmentExpired
    | ReviewDelayed
    | NoticeGiven
    | NoticeWithdrawn
    | EnrollmentEnded
    | EnrollmentAppealed
    | LegalChangeProposed
    | LegalChangeAccepted
    | LegalChangeRejected
    | LegalChangeWithdrawn
    | DocumentsRequested
    | DocumentsReceived
    | DocumentRequestWithdrawn
    | ReauthorizationNoticed
    | PartnerReauthorized
    | ReauthorizationMoved
    | WaitEnded
    | ContactUndeliverable
    | ReviewFileChanged
)
Own = (
    AccountNoted
    | NameNoted
    | LegalProfileUpdated
    | PrimaryContactSet
    | SupportContactSet
    | PartnerIdPostponed
    | ReviewReopened
    | LinkIssued
    | CancelledByAccount
    | ContactsErased
    | MilestoneReached
    | Touched
    | ChangesNoted
    | Reminded
    | Escalated
    | AppealMade
    | VerificationReopened
    | ApplicantForgotten
    | ReviewFact
    | LegalChangeFact
    | PaperworkFact
    | ReauthorizationFact
    | MailNoted
)

# -- refusal

Reason = Literal[
    "agreement-not-accepted",
    "agreement-outdated",
    "already-reviewed",
    "cause-missing",
    "change-pending",
    "changed-meanwhile",
    "claimed",
    "already-confirmed",
    "already-denied",
    "closed",
    "company-name-invalid",
    "confirmation-missing",
    "disposable-address",
    "document-unknown",
    "file-in-use",
    "file-known",
    "file-unknown",
    "due-date-invalid",
    "foreign-signer",
    "incomplete",
    "link-expired",
    "link-superseded",
    "link-unknown",
    "market-not-supported",
    "no-change-pending",
    "not-active",
    "not-appealable",
    "not-awaiting-contact",
    "not-due",
    "not-editable",
    "not-in-program",
    "not-in-review",
    "not-qualified",
    "not-started",
    "not-suspended",
    "not-waiting",
    "notice-of-program",
    "own-company",
    "partner-id-inactive",
    "partner-id-missing",
    "partner-id-not-a-location",
    "partner-id-other-country",
    "partner-id-unknown",
    "program-not-for-organization",
    "reason-missing",
    "resend-limit-reached",
    "resend-too-soon",
    "role-mailbox",
    "too-many-documents",
    "too-many-files",
    "too-many-notes",
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


class Known(TypedDict):
    """The same of an enrollment that may still miss them."""

    enrollment_id: str
    organization_id: str
    company_name: str | None
    contact: Recipient | None
    applicant: Applicant | None


def known(state: Enrollment) -> Known:
    """A contact gets mails from the first link on."""
    asked = state.primary_contact if state.link or state.was_partner else None
    return Known(
        enrollment_id=state.enrollment_id,
        organization_id=state.organization_id,
        company_name=state.company_name or state.organization_name,
        contact=asked.recipient if asked else None,
        applicant=state.applicant,
    )


def closed(status: Status | None) -> EnrollmentRefused:
    return EnrollmentRefused(reason="closed", detail=f"this enrollment is {status}; start a new one")


def own_company(actor: Actor, state: Enrollment) -> EnrollmentRefused | None:
    """The program's staff act for other organizations only."""
    if actor.staff and actor.organization == state.organization_id:
        detail = "you cannot act as the program's staff on your own company; ask a reviewer of another organization"
        return EnrollmentRefused(reason="own-company", detail=detail)
    return None


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
