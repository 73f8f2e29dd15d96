"""The state of an enrollment."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from enrollment.domain.enrollment.dossier import NO_DOSSIER, Dossier
from enrollment.domain.enrollment.mails import MailRecord
from enrollment.domain.enrollment.paperwork import Paperwork
from enrollment.domain.enrollment.signatures import Signature
from enrollment.domain.enrollment.waits import USUAL, Waits
from kontor_contracts.enrollment import Applicant, Correctable, MailboxFault, RejectionReason
from kontor_contracts.values import Program, Recipient

Status = Literal[
    "draft",
    "contact-pending",
    "in-review",
    "action-required",
    "qualified",
    "active",
    "suspended",
    "rejected",
    "cancelled",
    "withdrawn",
    "expired",
    "ended",
]
CLOSED: tuple[Status, ...] = ("rejected", "cancelled", "withdrawn", "expired", "ended")
"""The company may start another enrollment, and its partner id is free again."""


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
class AcceptedMailbox:
    """A mailbox that the rules refuse and the program's staff accept. ``reason``: the staff's, which the company reads, too."""

    email: str
    fault: MailboxFault
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SupportContact:
    """Where the company's customers get help."""

    email: str
    phone: str
    website: str | None = None


Value = str | Address | PrimaryContact | SupportContact | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The user behind a command. ``staff``: of the program, about the enrollment of another organization."""

    user: str
    organization: str
    staff: bool = False
    at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """A correction after the submission. Old and new value as one line of text."""

    field: Correctable
    at: datetime
    by: str
    staff: bool
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class MadeAppeal:
    """What the company says against its rejection."""

    statement: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """The agreement ends at ``ends_at``. ``staff``: the program gave the notice."""

    ends_at: datetime
    by: str
    staff: bool
    explanation: str | None = None


@dataclass(frozen=True, slots=True)
class LegalChange:
    """A partner's legal profile as it should be. ``suspend_at``: it was rejected, and is to be settled until then."""

    company_name: str
    address: Address
    registration_id: str | None
    proposed_by: str
    proposed_at: datetime
    escalations: int = 0
    reason: str | None = None
    explanation: str | None = None
    suspend_at: datetime | None = None

    @property
    def pending(self) -> bool:
        """It is under review."""
        return self.suspend_at is None


@dataclass(frozen=True, slots=True)
class Reauthorization:
    """``noticed``: the notice and the reminders that were sent or have passed for this date."""

    due_at: datetime
    noticed: int = 0


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A version of the agreement that a partner is asked to accept. ``noticed``: the reminders that have passed.

    ``settled``: it was accepted. ``published_at`` orders the versions: one that is older asks for nothing any more.
    """

    version: str
    published_at: datetime
    accept_until: datetime
    noticed: int = 0
    settled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChange:
    """Another primary contact that a partner named. ``contact`` and ``previous`` None: it is over.

    ``confirmed``: the new contact holds, and ``previous`` may object until ``object_until``.
    """

    contact: PrimaryContact | None
    previous: PrimaryContact | None
    confirm_hash: str
    object_hash: str
    requested_by: str
    requested_at: datetime
    expires_at: datetime
    object_until: datetime
    confirmed: bool = False


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
    """``status`` None: there is no enrollment. ``superseded`` and ``resent_at`` are of older links, oldest first.

    ``applicant``: the user who enrolled; None once the user is erased. ``touched_at``: the last change of a draft.
    ``wait_until``: before it the company may not enroll again. ``reauthorization`` None: a year after it became a partner.
    ``partner_id_postponed``: it was submitted without one.
    ``reminders`` and ``escalations`` are of the present status. ``undo_until``: the contact said no, which may be undone.
    """

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
    applicant: Applicant | None = None
    organization_name: str | None = None
    touched_at: datetime | None = None
    reminders: int = 0
    escalations: int = 0
    undo_until: datetime | None = None
    changes: tuple[Change, ...] = ()
    dossier: Dossier = NO_DOSSIER
    notice: Notice | None = None
    appeals: tuple[MadeAppeal, ...] = ()
    revision: int = 0
    legal_change: LegalChange | None = None
    paperwork: Paperwork = ()
    waits: Waits = USUAL
    reauthorization: Reauthorization | None = None
    wait_until: datetime | None = None
    mails: tuple[MailRecord, ...] = ()
    signatures: tuple[Signature, ...] = ()
    partner_id_postponed: bool = False
    acceptance: Acceptance | None = None
    accepted_mailboxes: tuple[AcceptedMailbox, ...] = ()
    contact_change: ContactChange | None = None

    @property
    def open(self) -> bool:
        """An open enrollment occupies the organization and the partner id."""
        return self.status is not None and self.status not in CLOSED

    @property
    def occupying(self) -> bool:
        """The organization and the partner id are not free: for this enrollment, or for the wait after it."""
        return self.open or self.wait_until is not None

    @property
    def partner(self) -> bool:
        """The company was admitted, and its partnership with the program goes on; it may be suspended."""
        return self.status in {"active", "suspended"}

    @property
    def was_partner(self) -> bool:
        """The company is or was a partner."""
        return any(milestone.status == "active" for milestone in self.history)

    @property
    def active(self) -> bool:
        """The company may act as a partner of the program."""
        return self.status == "active"
