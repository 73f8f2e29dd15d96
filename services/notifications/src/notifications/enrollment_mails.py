"""Mails about an enrollment: to its primary contact, and to the user who enrolled the company."""

from collections.abc import Callable, Mapping
from typing import Any

from kontor_contracts import Payload
from kontor_contracts.addresses import address_key
from kontor_contracts.enrollment import (
    Applicant,
    ContactDenied,
    ContactUndeliverable,
    ContactVerified,
    DocumentRequestWithdrawn,
    DocumentsReceived,
    DocumentsRequested,
    EnrollmentActivated,
    EnrollmentAppealed,
    EnrollmentApproved,
    EnrollmentCorrected,
    EnrollmentEnded,
    EnrollmentExpired,
    EnrollmentReinstated,
    EnrollmentRejected,
    EnrollmentReminded,
    EnrollmentSuspended,
    EnrollmentWithdrawn,
    MailboxExceptionGranted,
    NoticeGiven,
    NoticeWithdrawn,
    ReviewDelayed,
)
from kontor_contracts.values import Partner, Recipient
from notifications.mail_request import MailRequest


def when_contact_verified(event: ContactVerified) -> list[MailRequest]:
    return to_both("review-started", event.contact, event.applicant, {"company_name": event.company_name})


def when_contact_denied(event: ContactDenied) -> list[MailRequest]:
    """The contact reads that it is done, the applicant how to undo it. Older events name neither applicant nor date."""
    cancelled = MailRequest("enrollment-cancelled", event.contact, {"company_name": event.company_name})
    if event.applicant is None or event.undo_until is None:
        return [cancelled]
    context = {
        "company_name": event.company_name,
        "contact_name": event.contact.name,
        "contact_address": event.contact.email,
        "undo_until": event.undo_until.isoformat(),
        "why": event.reason,
        "role": "applicant",
    }
    return [cancelled, _to_applicant("contact-denied", event.applicant, context)]


def when_contact_undeliverable(event: ContactUndeliverable) -> list[MailRequest]:
    """To the applicant: the contact's mailbox does not work."""
    if event.applicant is None or address_key(event.applicant.email) == address_key(event.contact.email):
        return []
    context = {
        "company_name": event.company_name,
        "contact_name": event.contact.name,
        "contact_address": event.contact.email,
        "role": "applicant",
    }
    return [_to_applicant("contact-undeliverable", event.applicant, context)]


def when_mailbox_exception_granted(event: MailboxExceptionGranted) -> list[MailRequest]:
    """To the applicant, who enters the address now."""
    if event.applicant is None:
        return []
    context = {"contact_address": event.address} | _named(event.company_name)
    return [_to_applicant("mailbox-accepted", event.applicant, context)]


def when_enrollment_approved(event: EnrollmentApproved) -> list[MailRequest]:
    context = {"company_name": event.company_name, "unlinked": "yes" if event.partner_id_missing else ""}
    return to_both("enrollment-approved", event.contact, event.applicant, context)


def when_enrollment_rejected(event: EnrollmentRejected) -> list[MailRequest]:
    context = {
        "company_name": event.company_name,
        "why": event.reason,
        "explanation": event.explanation or "",
        "appeal_until": event.appeal_until.isoformat() if event.appeal_until else "",
        "appeals_left": str(event.appeals_left or ""),
    }
    return to_both("enrollment-rejected", event.contact, event.applicant, context)


def when_enrollment_appealed(event: EnrollmentAppealed) -> list[MailRequest]:
    context = {"company_name": event.company_name, "appeals_left": str(event.appeals_left)}
    return to_both("appeal-received", event.contact, event.applicant, context)


def when_enrollment_activated(event: EnrollmentActivated) -> list[MailRequest]:
    partner = event.partner
    context = {"company_name": partner.name, "program": partner.program, "partner_id": partner.partner_id}
    if event.already_in_program:
        context |= {"applicant_name": event.applicant.name if event.applicant else "-"}
        context |= {"applicant_address": event.applicant.email if event.applicant else "-"}
        return to_both("account-opened", partner.contact, event.applicant, context)
    return to_both("enrollment-activated", partner.contact, event.applicant, context)


def when_enrollment_suspended(event: EnrollmentSuspended) -> list[MailRequest]:
    return to_both("enrollment-suspended", event.partner.contact, event.applicant, _why(event))


def when_enrollment_reinstated(event: EnrollmentReinstated) -> list[MailRequest]:
    return to_both("enrollment-reinstated", event.partner.contact, event.applicant, _why(event))


def when_enrollment_corrected(event: EnrollmentCorrected) -> list[MailRequest]:
    """The company gets no mail about its own corrections."""
    context = {"company_name": event.company_name, "fields": ",".join(event.fields)}
    return to_both("enrollment-corrected", event.contact, event.applicant, context) if event.by_staff else []


def when_enrollment_withdrawn(event: EnrollmentWithdrawn) -> list[MailRequest]:
    context = {"by_staff": "yes" if event.by_staff else "", "explanation": event.explanation or ""}
    return to_both("enrollment-withdrawn", event.contact, event.applicant, context | _named(event.company_name))


def when_enrollment_reminded(event: EnrollmentReminded) -> list[MailRequest]:
    """A contact who has not confirmed gets no reminder: only the newest mail has a link that works."""
    context = {"status": event.status, "ends_at": event.ends_at.isoformat()} | _named(event.company_name)
    contact = event.contact if event.status in {"qualified", "action-required"} else None
    return to_both("enrollment-reminder", contact, event.applicant, context)


def when_enrollment_expired(event: EnrollmentExpired) -> list[MailRequest]:
    context = {"status": event.status} | _named(event.company_name)
    contact = event.contact if event.status == "qualified" else None
    return to_both("enrollment-expired", contact, event.applicant, context)


def when_review_delayed(event: ReviewDelayed) -> list[MailRequest]:
    """The company is mailed about the first one only; later ones are for the program's staff."""
    context = {
        "company_name": event.company_name,
        "was_due": event.was_due.isoformat(),
        "of_change": "yes" if event.of_change else "",
    }
    return to_both("review-delayed", event.contact, event.applicant, context) if event.escalation == 1 else []


def when_documents_requested(event: DocumentsRequested) -> list[MailRequest]:
    context = {
        "company_name": event.company_name,
        "documents": ",".join(event.documents),
        "explanation": event.explanation or "",
        "answer_until": event.answer_until.isoformat(),
    }
    return to_both("documents-requested", event.contact, event.applicant, context)


def when_documents_received(event: DocumentsReceived) -> list[MailRequest]:
    return to_both("documents-received", event.contact, event.applicant, {"company_name": event.company_name})


def when_document_request_withdrawn(event: DocumentRequestWithdrawn) -> list[MailRequest]:
    return to_both("documents-not-needed", event.contact, event.applicant, {"company_name": event.company_name})


def when_notice_given(event: NoticeGiven) -> list[MailRequest]:
    context = _end(event.partner, event) | {"ends_at": event.ends_at.isoformat()}
    return to_both("notice-given", event.partner.contact, event.applicant, context)


def when_notice_withdrawn(event: NoticeWithdrawn) -> list[MailRequest]:
    context = {"company_name": event.partner.name}
    return to_both("notice-withdrawn", event.partner.contact, event.applicant, context)


def when_enrollment_ended(event: EnrollmentEnded) -> list[MailRequest]:
    if event.reason == "not-reauthorized" and event.enroll_again_from:
        context = {"company_name": event.partner.name, "enroll_again_from": event.enroll_again_from.isoformat()}
        return to_both("reauthorization-missed", event.partner.contact, event.applicant, context)
    return to_both("enrollment-ended", event.partner.contact, event.applicant, _end(event.partner, event))


def _end(partner: Partner, event: NoticeGiven | EnrollmentEnded) -> dict[str, str]:
    return {
        "company_name": partner.name,
        "by_staff": "yes" if event.by_staff else "",
        "explanation": event.explanation or "",
    }


def _why(event: EnrollmentSuspended | EnrollmentReinstated) -> dict[str, str]:
    return {"company_name": event.partner.name, "why": event.reason, "explanation": event.explanation or ""}


def _named(company_name: str | None) -> dict[str, str]:
    return {"company_name": company_name or "-"}


def to_both(
    template: str, contact: Recipient | None, applicant: Applicant | None, context: Mapping[str, str]
) -> list[MailRequest]:
    """To the primary contact and to who enrolled the company; one mail where both are the same mailbox."""
    to_contact = [MailRequest(template, contact, {**context, "role": "contact"})] if contact else []
    if applicant is None or (contact and address_key(applicant.email) == address_key(contact.email)):
        return to_contact
    return [*to_contact, _to_applicant(template, applicant, {**context, "role": "applicant"})]


def _to_applicant(template: str, applicant: Applicant, context: Mapping[str, str]) -> MailRequest:
    recipient = Recipient(name=applicant.name, email=applicant.email, culture=applicant.culture)
    return MailRequest(template, recipient, context, about=applicant.user_id)


ENROLLMENT_MAILS: Mapping[type[Payload], Callable[[Any], list[MailRequest]]] = {
    ContactVerified: when_contact_verified,
    ContactDenied: when_contact_denied,
    ContactUndeliverable: when_contact_undeliverable,
    MailboxExceptionGranted: when_mailbox_exception_granted,
    EnrollmentApproved: when_enrollment_approved,
    EnrollmentRejected: when_enrollment_rejected,
    EnrollmentActivated: when_enrollment_activated,
    EnrollmentSuspended: when_enrollment_suspended,
    EnrollmentReinstated: when_enrollment_reinstated,
    EnrollmentCorrected: when_enrollment_corrected,
    EnrollmentWithdrawn: when_enrollment_withdrawn,
    EnrollmentReminded: when_enrollment_reminded,
    EnrollmentExpired: when_enrollment_expired,
    ReviewDelayed: when_review_delayed,
    NoticeGiven: when_notice_given,
    NoticeWithdrawn: when_notice_withdrawn,
    EnrollmentEnded: when_enrollment_ended,
    EnrollmentAppealed: when_enrollment_appealed,
    DocumentsRequested: when_documents_requested,
    DocumentsReceived: when_documents_received,
    DocumentRequestWithdrawn: when_document_request_withdrawn,
}
