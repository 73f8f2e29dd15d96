"""The review of an enrollment: documents, decision, appeal."""

from typing import ClassVar, Literal

from kontor_contracts.enrollment.values import Applicant, DocumentKind, RejectionReason, ReviewStep
from kontor_contracts.envelope import Event, Payload
from kontor_contracts.values import Id, Line, Moment, Recipient, Text


class EnrollmentApproved(Event):
    """The review found the company authentic. It is qualified; what is missing is the signed agreement.

    ``partner_id_missing``: the partner id is to be linked before the signature.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.enrollment-approved.v1"
    enrollment_id: Id
    organization_id: Id
    company_name: Line
    contact: Recipient
    reviewed_by: Id
    applicant: Applicant | None = None
    partner_id_missing: bool = False


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


EVENTS: tuple[type[Payload], ...] = (
    EnrollmentApproved,
    EnrollmentRejected,
    ReviewDelayed,
    EnrollmentAppealed,
    DocumentsRequested,
    DocumentsReceived,
    DocumentRequestWithdrawn,
    ReviewFileChanged,
)
