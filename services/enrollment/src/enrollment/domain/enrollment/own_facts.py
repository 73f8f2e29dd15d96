"""What an enrollment notes for itself, and announces to nobody.

Addresses, phone numbers, hashes of links, and what else other services do not need.
"""

from dataclasses import dataclass
from datetime import datetime

from enrollment.domain.enrollment.check_results import Results
from enrollment.domain.enrollment.dossier import Note, Step
from enrollment.domain.enrollment.mails import MailRecord
from enrollment.domain.enrollment.paperwork import RequestedDocument, UploadedFile
from enrollment.domain.enrollment.state import (
    Acceptance,
    AcceptedMailbox,
    Address,
    Change,
    ContactChange,
    LegalChange,
    Link,
    Milestone,
    PrimaryContact,
    Reauthorization,
    Status,
    SupportContact,
)
from enrollment.domain.enrollment.waits import USUAL, Waits
from kontor_contracts.enrollment import Applicant


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
class MailboxAccepted:
    mailbox: AcceptedMailbox


@dataclass(frozen=True, slots=True)
class MailboxRefusedAgain:
    email: str


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
class AcceptanceNoted:
    """The version that the partner is asked to accept, and how much was said about it; None: none any more."""

    acceptance: Acceptance | None


@dataclass(frozen=True, slots=True)
class ContactChangeNoted:
    """The contact that a partner named, and what became of it."""

    change: ContactChange


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


@dataclass(frozen=True, slots=True)
class ChecksNoted:
    """The results of all automatic checks."""

    results: Results


@dataclass(frozen=True, slots=True)
class DomainNoted:
    """The organization has proved this mail domain of its contact, which passes the step; None: it has not."""

    domain: str | None


ReviewFact = (
    RegistryNameNoted
    | ReviewClaimed
    | ReviewReleased
    | NoteAdded
    | RiskMarked
    | StepPassed
    | ApprovalNoted
    | ChecksNoted
    | DomainNoted
)


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


def reached(status: Status, at: datetime, by: str, reason: str | None = None) -> MilestoneReached:
    return MilestoneReached(Milestone(status, at, by, reason))
