"""What enrollment announces: companies on their way into the program, and the membership registry.

Key: the aggregate. ``applicant`` is the user who enrolled the company; the mails about the enrollment go to the primary
contact and to this user.
"""

from typing import ClassVar, Literal

from kontor_contracts.envelope import Event, Payload
from kontor_contracts.values import Country, Id, Line, Moment, Partner, PartnerId, Program, Recipient, Sealed, Text

SuspensionReason = Literal[
    "abuse", "information-not-verified", "invoices-overdue", "provider-at-fault", "agreement-not-accepted"
]
ReinstatementReason = Literal["cause-cleared", "suspended-in-error"]
RejectionReason = Literal[
    "business-not-verified",
    "domain-not-owned",
    "employment-not-verified",
    "not-eligible",
    "already-in-program",
    "no-response",
]
WaitingStatus = Literal["draft", "contact-pending", "qualified", "action-required"]
"""What an enrollment waits for, with a date after which it ends: its submission, its contact, its signature, its documents."""
ReviewStep = Literal["employment", "business"]
DocumentKind = Literal[
    "assignment-letter",
    "domain-ownership-record",
    "domain-invoice",
    "formation-documents",
    "agency-letter",
    "licence-or-tax-certificate",
    "lease",
    "bank-or-utility-letter",
    "registry-record",
    "stock-exchange-or-tax-filing",
    "other",
]
"""Proofs that a review accepts. The first three are about employment and the mail domain. ``other``: a note says which."""
Correctable = Literal["partner_id", "company_name", "address", "registration_id", "primary_contact", "support_contact"]

LegalField = Literal["company_name", "address", "registration_id"]
"""What a partner's change of its legal profile may be about. The country never changes."""
LegalChangeRejectionReason = Literal["not-verified", "proof-missing", "another-company"]

Confirmation = Literal["legal-profile", "contacts", "agreement", "second-factors"]
"""What a reseller confirms each year: its legal data are right, its contacts are reachable, it keeps the agreement, and all
its administrators have a second factor."""
EndReason = Literal["notice", "not-reauthorized"]


DenialReason = Literal["not-requested", "mailbox-not-the-companys"]
"""What a primary contact denies: to know of the enrollment, or that the mailbox is the contact's own at the company."""


class Applicant(Recipient):
    """The user who enrolled the company. `kontor.identity.user-purged.v1` erases it."""

    user_id: Id


class PartnerProfileImported(Event):
    """The membership registry holds this organization profile now; sent again when it changes. Subject: the profile.

    ``kind`` and ``program_state`` are None in events of older releases.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.partner-profile-imported.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    partner_id: PartnerId
    company_name: Line
    country: Country
    status: Literal["active", "inactive"]
    kind: Literal["location", "global"] | None = None
    program_state: Literal["none", "enrolled"] | None = None


class EnrollmentStarted(Event):
    """A company opened an enrollment. Subject of this and all following events: the enrollment."""

    TYPE: ClassVar[str] = "kontor.enrollment.enrollment-started.v1"
    enrollment_id: Id
    organization_id: Id
    program: Program
    country: Country
    started_by: Id


class PartnerIdAssociated(Event):
    """The company chose the profile of the membership registry that is its own."""

    TYPE: ClassVar[str] = "kontor.enrollment.partner-id-associated.v1"
    enrollment_id: Id
    organization_id: Id
    partner_id: PartnerId


class EnrollmentSubmitted(Event):
    """All information is given; verification begins."""

    TYPE: ClassVar[str] = "kontor.enrollment.enrollment-submitted.v1"
    enrollment_id: Id
    organization_id: Id
    program: Program
    country: Country
    partner_id: PartnerId
    company_name: Line
    contact: Recipient


class ContactVerificationRequested(Event):
    """The primary contact is to confirm by mail that they signed up and that the mailbox is theirs.

    ``sealed_link`` is the personal link, readable for notifications alone. A newer request makes older links void.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.contact-verification-requested.v1"
    enrollment_id: Id
    organization_id: Id
    company_name: Line
    contact: Recipient
    sealed_link: Sealed
    expires_at: Moment


class ContactUndeliverable(Event):
    """The mail with the primary contact's link could not be delivered; the company corrects the address or has it sent again.

    ``reason``: a code of `kontor.notifications.mail-abandoned.v1` or `mail-suppressed`.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.contact-undeliverable.v1"
    enrollment_id: Id
    organization_id: Id
    company_name: Line
    contact: Recipient
    applicant: Applicant | None = None
    reason: Line


class ContactVerified(Event):
    """The primary contact confirmed; the review goes on."""

    TYPE: ClassVar[str] = "kontor.enrollment.contact-verified.v1"
    enrollment_id: Id
    organization_id: Id
    company_name: Line
    contact: Recipient
    applicant: Applicant | None = None


class ContactDenied(Event):
    """The primary contact said that they did not sign up; the enrollment is cancelled.

    Until ``undo_until`` the company may ask again, which `EnrollmentReopened` announces.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.contact-denied.v1"
    enrollment_id: Id
    organization_id: Id
    company_name: Line
    contact: Recipient
    applicant: Applicant | None = None
    undo_until: Moment | None = None
    reason: DenialReason = "not-requested"


class EnrollmentApproved(Event):
    """The review found the company authentic. It is qualified; what is missing is the signed agreement."""

    TYPE: ClassVar[str] = "kontor.enrollment.enrollment-approved.v1"
    enrollment_id: Id
    organization_id: Id
    company_name: Line
    contact: Recipient
    reviewed_by: Id
    applicant: Applicant | None = None


class EnrollmentRejected(Event):
    """The review said no; the company gets a mail with ``reason``.

    Until ``appeal_until`` it may appeal, which `EnrollmentAppealed` announces. None: it may not.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.enrollment-rejected.v1"
    enrollment_id: Id
    organization_id: Id
    company_name: Line
    contact: Recipient
    reason: RejectionReason
    reviewed_by: Id
    applicant: Applicant | None = None
    explanation: Text | None = None
    appeal_until: Moment | None = None
    appeals_left: int | None = None


class EnrollmentReopened(Event):
    """An enrollment that the primary contact had cancelled goes on: the contact is asked again."""

    TYPE: ClassVar[str] = "kontor.enrollment.enrollment-reopened.v1"
    enrollment_id: Id
    organization_id: Id
    reopened_by: Id


class EnrollmentAppealed(Event):
    """The company appealed against its rejection; it is reviewed again."""

    TYPE: ClassVar[str] = "kontor.enrollment.enrollment-appealed.v1"
    enrollment_id: Id
    organization_id: Id
    company_name: Line
    contact: Recipient
    applicant: Applicant | None = None
    appealed_by: Id
    appeals_left: int


class EnrollmentCorrected(Event):
    """The company, or the program's staff, corrected information of a submitted enrollment. ``fields``: what changed.

    A corrected ``primary_contact`` with another mailbox has to confirm: `ContactVerificationRequested` follows.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.enrollment-corrected.v1"
    enrollment_id: Id
    organization_id: Id
    company_name: Line
    contact: Recipient
    applicant: Applicant | None = None
    fields: tuple[Correctable, ...]
    corrected_by: Id
    by_staff: bool


class EnrollmentWithdrawn(Event):
    """The company, or the program's staff for it, took the enrollment back before it was active."""

    TYPE: ClassVar[str] = "kontor.enrollment.enrollment-withdrawn.v1"
    enrollment_id: Id
    organization_id: Id
    company_name: Line | None = None
    contact: Recipient | None = None
    applicant: Applicant | None = None
    explanation: Text | None = None
    withdrawn_by: Id
    by_staff: bool


class EnrollmentReminded(Event):
    """The enrollment waits for the company, and ends at ``ends_at`` unless it goes on."""

    TYPE: ClassVar[str] = "kontor.enrollment.enrollment-reminded.v1"
    enrollment_id: Id
    organization_id: Id
    status: WaitingStatus
    ends_at: Moment
    company_name: Line | None = None
    contact: Recipient | None = None
    applicant: Applicant | None = None


class EnrollmentExpired(Event):
    """The enrollment waited in ``status`` until its time was over. The company may start another one."""

    TYPE: ClassVar[str] = "kontor.enrollment.enrollment-expired.v1"
    enrollment_id: Id
    organization_id: Id
    status: WaitingStatus
    company_name: Line | None = None
    contact: Recipient | None = None
    applicant: Applicant | None = None


class ReviewDelayed(Event):
    """The review was not done when it was due. ``escalation`` counts how often this was said, from 1.

    ``of_change``: it is the review of a partner's change of its legal profile.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.review-delayed.v1"
    enrollment_id: Id
    organization_id: Id
    company_name: Line
    contact: Recipient
    applicant: Applicant | None = None
    was_due: Moment
    escalation: int
    of_change: bool = False


class DocumentsRequested(Event):
    """The review needs documents of the company. Without them the enrollment is rejected at ``answer_until``."""

    TYPE: ClassVar[str] = "kontor.enrollment.documents-requested.v1"
    enrollment_id: Id
    organization_id: Id
    company_name: Line
    contact: Recipient
    applicant: Applicant | None = None
    step: ReviewStep
    documents: tuple[DocumentKind, ...]
    explanation: Text | None = None
    answer_until: Moment
    requested_by: Id


class DocumentsReceived(Event):
    """The company has uploaded every document that was asked for; the review goes on. ``documents``: how many."""

    TYPE: ClassVar[str] = "kontor.enrollment.documents-received.v1"
    enrollment_id: Id
    organization_id: Id
    company_name: Line
    contact: Recipient
    applicant: Applicant | None = None
    documents: int
    received_from: Id


class DocumentRequestWithdrawn(Event):
    """The program's staff need the missing documents no more; the review goes on."""

    TYPE: ClassVar[str] = "kontor.enrollment.document-request-withdrawn.v1"
    enrollment_id: Id
    organization_id: Id
    company_name: Line
    contact: Recipient
    applicant: Applicant | None = None
    withdrawn_by: Id


class ReviewFileChanged(Event):
    """A reviewer changed the file of a review, which the company does not see. For the activity log of the program's staff.

    ``old`` and ``new``: the reviewer who has claimed it, the risk (``high``, ``normal``), or the step that is passed.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.review-file-changed.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    enrollment_id: Id
    change: Literal["claimed", "released", "note-added", "risk", "step-passed", "first-approval"]
    old: Line | None = None
    new: Line | None = None
    changed_by: Id


class AgreementSigned(Event):
    """A global admin accepted the partner agreement for the company.

    ``text_sha256``: of the words in ``language``, which enrollment keeps.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.agreement-signed.v1"
    enrollment_id: Id
    organization_id: Id
    agreement_version: Line
    signed_by: Id
    signed_at: Moment
    region: Line | None = None
    language: Line | None = None
    text_sha256: Line | None = None


class EnrollmentActivated(Event):
    """The company is a partner of the program.

    Identity makes the enrolling user admin agent, relationships lists the company.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.enrollment-activated.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    country: Country
    region: Line
    enrolled_by: Id
    applicant: Applicant | None = None


class LegalNameChanged(Event):
    """An active partner has another legal name. ``partner`` is the company as it is now.

    Only enrollment changes a partner's name, and every service that shows it follows this event.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.legal-name-changed.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    country: Country
    region: Line
    previous_name: Line
    changed_by: Id


class LegalChangeProposed(Event):
    """A partner wants to change its legal profile. ``partner`` has the old data, which hold until the review."""

    TYPE: ClassVar[str] = "kontor.enrollment.legal-change-proposed.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    applicant: Applicant | None = None
    fields: tuple[LegalField, ...]
    proposed_by: Id
    review_due: Moment


class LegalChangeAccepted(Event):
    """The review accepted the change. ``partner`` is the company as it is now. `LegalNameChanged` announces a new name."""

    TYPE: ClassVar[str] = "kontor.enrollment.legal-change-accepted.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    country: Country
    region: Line
    applicant: Applicant | None = None
    fields: tuple[LegalField, ...]
    accepted_by: Id


class LegalChangeRejected(Event):
    """The review rejected the change; the old data hold.

    The partner proposes another change or withdraws this one until ``settle_until``, or it is suspended.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.legal-change-rejected.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    applicant: Applicant | None = None
    fields: tuple[LegalField, ...]
    reason: LegalChangeRejectionReason
    explanation: Text | None = None
    rejected_by: Id
    settle_until: Moment


class LegalChangeWithdrawn(Event):
    """The partner, or the program's staff, withdrew the change: the present data are right."""

    TYPE: ClassVar[str] = "kontor.enrollment.legal-change-withdrawn.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    applicant: Applicant | None = None
    fields: tuple[LegalField, ...]
    withdrawn_by: Id
    by_staff: bool


class EnrollmentSuspended(Event):
    """A partner was suspended. Until it is reinstated it may neither order nor administer, nor invite anybody.

    Its partnerships and customers stay and have their rights again with the reinstatement.

    ``partner`` is the company as it is now. ``explanation`` is what the program's staff wrote to the company.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.enrollment-suspended.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    country: Country
    region: Line
    reason: SuspensionReason
    explanation: Text | None = None
    suspended_by: Id
    applicant: Applicant | None = None


class EnrollmentReinstated(Event):
    """A suspended partner is active again. ``partner`` is the company as it is now."""

    TYPE: ClassVar[str] = "kontor.enrollment.enrollment-reinstated.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    country: Country
    region: Line
    reason: ReinstatementReason
    explanation: Text | None = None
    reinstated_by: Id
    applicant: Applicant | None = None


class NoticeGiven(Event):
    """The partner, or the program, gave notice: the agreement ends at ``ends_at``. Until then nothing else changes."""

    TYPE: ClassVar[str] = "kontor.enrollment.notice-given.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    applicant: Applicant | None = None
    ends_at: Moment
    explanation: Text | None = None
    given_by: Id
    by_staff: bool


class NoticeWithdrawn(Event):
    """The notice was taken back; the agreement goes on."""

    TYPE: ClassVar[str] = "kontor.enrollment.notice-withdrawn.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    applicant: Applicant | None = None
    withdrawn_by: Id


class EnrollmentEnded(Event):
    """The agreement is over and the company is no partner any more. Its partner id is free; it may enroll again.

    After a missed re-authorization it may so from ``enroll_again_from``, and its partner id is free then.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.enrollment-ended.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    country: Country
    region: Line
    applicant: Applicant | None = None
    by_staff: bool
    explanation: Text | None = None
    reason: EndReason | None = None
    enroll_again_from: Moment | None = None


class ReauthorizationNoticed(Event):
    """A reseller is to confirm its data by ``due_at``, or its agreement ends then. ``reminder``: 0 is the first notice."""

    TYPE: ClassVar[str] = "kontor.enrollment.reauthorization-noticed.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    applicant: Applicant | None = None
    due_at: Moment
    reminder: int


class PartnerReauthorized(Event):
    """The reseller confirmed its data; it is a partner for another year."""

    TYPE: ClassVar[str] = "kontor.enrollment.partner-reauthorized.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    applicant: Applicant | None = None
    confirmed: tuple[Confirmation, ...]
    confirmed_by: Id
    next_due_at: Moment


class ReauthorizationMoved(Event):
    """The program's staff corrected the date of the re-authorization."""

    TYPE: ClassVar[str] = "kontor.enrollment.reauthorization-moved.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    applicant: Applicant | None = None
    due_at: Moment
    explanation: Text | None = None
    moved_by: Id


class WaitEnded(Event):
    """A company that missed its re-authorization may enroll again; its partner id is free. ``by_staff``: before the time."""

    TYPE: ClassVar[str] = "kontor.enrollment.wait-ended.v1"
    enrollment_id: Id
    organization_id: Id
    company_name: Line | None = None
    contact: Recipient | None = None
    applicant: Applicant | None = None
    by_staff: bool
    explanation: Text | None = None


EVENTS: tuple[type[Payload], ...] = (
    PartnerProfileImported,
    EnrollmentStarted,
    PartnerIdAssociated,
    EnrollmentSubmitted,
    ContactVerificationRequested,
    ContactVerified,
    ContactDenied,
    EnrollmentApproved,
    EnrollmentRejected,
    AgreementSigned,
    EnrollmentActivated,
    LegalNameChanged,
    EnrollmentSuspended,
    EnrollmentReinstated,
    EnrollmentReopened,
    EnrollmentCorrected,
    EnrollmentWithdrawn,
    EnrollmentReminded,
    EnrollmentExpired,
    ReviewDelayed,
    NoticeGiven,
    NoticeWithdrawn,
    EnrollmentEnded,
    EnrollmentAppealed,
    LegalChangeProposed,
    LegalChangeAccepted,
    LegalChangeRejected,
    LegalChangeWithdrawn,
    DocumentsRequested,
    DocumentsReceived,
    DocumentRequestWithdrawn,
    ReauthorizationNoticed,
    PartnerReauthorized,
    ReauthorizationMoved,
    WaitEnded,
    ContactUndeliverable,
    ReviewFileChanged,
)
