"""The primary contact confirms or denies the enrollment by a personal link."""

from typing import ClassVar

from kontor_contracts.enrollment.values import Applicant, DenialReason, MailboxFault
from kontor_contracts.envelope import Event, Payload
from kontor_contracts.values import Email, Id, Line, Moment, Recipient, Sealed


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


class EnrollmentReopened(Event):
    """An enrollment that the primary contact had cancelled goes on: the contact is asked again."""

    TYPE: ClassVar[str] = "kontor.enrollment.enrollment-reopened.v1"
    enrollment_id: Id
    organization_id: Id
    reopened_by: Id


class MailboxExceptionGranted(Event):
    """The program's staff accept a mailbox that the rules refuse: the company may enter it as its primary contact's."""

    TYPE: ClassVar[str] = "kontor.enrollment.mailbox-exception-granted.v1"
    enrollment_id: Id
    organization_id: Id
    company_name: Line | None = None
    contact: Recipient | None = None
    applicant: Applicant | None = None
    address: Email
    fault: MailboxFault
    granted_by: Id


class MailboxExceptionWithdrawn(Event):
    """The program's staff took back that they accept a mailbox. A contact who has it already stays."""

    TYPE: ClassVar[str] = "kontor.enrollment.mailbox-exception-withdrawn.v1"
    enrollment_id: Id
    organization_id: Id
    withdrawn_by: Id


EVENTS: tuple[type[Payload], ...] = (
    ContactVerificationRequested,
    ContactVerified,
    ContactDenied,
    EnrollmentReopened,
    ContactUndeliverable,
    MailboxExceptionGranted,
    MailboxExceptionWithdrawn,
)
