"""What enrollment's events change, as the activity log shows it.

Texts that people wrote are left out: they stand in the enrollment and in the mails.
"""

from collections.abc import Iterator, Mapping

from identity.domain.audit_entry import Difference
from kontor_contracts import Payload
from kontor_contracts.enrollment import (
    AcceptanceMoved,
    AgreementPublished,
    AgreementSigned,
    AgreementWithdrawn,
    BusinessChecked,
    ContactDenied,
    ContactVerified,
    DomainChecked,
    EnrollmentActivated,
    EnrollmentAppealed,
    EnrollmentApproved,
    EnrollmentCorrected,
    EnrollmentEnded,
    EnrollmentErased,
    EnrollmentExpired,
    EnrollmentRejected,
    EnrollmentReopened,
    EnrollmentStarted,
    EnrollmentSubmitted,
    EnrollmentSubmittedUnlinked,
    EnrollmentSuspended,
    EnrollmentWithdrawn,
    LegalNameChanged,
    MailboxExceptionGranted,
    MailboxExceptionWithdrawn,
    NoticeGiven,
    NoticeWithdrawn,
    PartnerIdAssociated,
    ReviewFileChanged,
)
from kontor_contracts.enrollment import EnrollmentReinstated as Reinstated

STATUS: Mapping[type[Payload], tuple[str | None, str]] = {
    EnrollmentStarted: (None, "draft"),
    EnrollmentSubmitted: ("draft", "contact-pending"),
    EnrollmentSubmittedUnlinked: ("draft", "contact-pending"),
    ContactVerified: ("contact-pending", "in-review"),
    ContactDenied: ("contact-pending", "cancelled"),
    EnrollmentApproved: ("in-review", "qualified"),
    EnrollmentRejected: ("in-review", "rejected"),
    EnrollmentReopened: ("cancelled", "contact-pending"),
    EnrollmentAppealed: ("rejected", "in-review"),
    EnrollmentWithdrawn: (None, "withdrawn"),
    EnrollmentActivated: ("qualified", "active"),
    EnrollmentSuspended: ("active", "suspended"),
    Reinstated: ("suspended", "active"),
    EnrollmentEnded: (None, "ended"),
}


def differences(data: Payload) -> Iterator[Difference]:  # noqa: C901, PLR0912  one case per event
    if isinstance(data, ReviewFileChanged):
        yield Difference(data.change, data.old, data.new)
    if type(data) in STATUS:
        old, new = STATUS[type(data)]
        old = "draft" if isinstance(data, EnrollmentActivated) and data.already_in_program else old
        yield Difference("status", old, new)
    match data:
        case EnrollmentExpired(status=waited):
            yield Difference("status", waited, "expired")
        case EnrollmentRejected(reason=reason) | EnrollmentSuspended(reason=reason) | Reinstated(reason=reason):
            yield Difference("reason", None, reason)
        case PartnerIdAssociated(partner_id=partner_id):
            yield Difference("partner_id", None, partner_id)
        case EnrollmentCorrected(fields=fields):
            yield Difference("corrected", None, " ".join(fields))
        case AgreementSigned(agreement_version=version):
            yield Difference("agreement_version", None, version)
        case LegalNameChanged(previous_name=old, partner=partner):
            yield Difference("legal_name", old, partner.name)
        case AgreementPublished(version=version, accept_until=until):
            yield Difference("agreement", None, version)
            yield Difference("accept_until", None, until.isoformat())
        case AgreementWithdrawn(version=version):
            yield Difference("agreement", version, "withdrawn")
        case AcceptanceMoved(accept_until=until):
            yield Difference("accept_until", None, until.isoformat())
        case NoticeGiven(ends_at=ends_at):
            yield Difference("agreement_ends_at", None, ends_at.isoformat())
        case DomainChecked(domain=domain, proved=proved):
            yield Difference("contact_domain", None, f"{domain} {'proved' if proved else 'not proved'}")
        case BusinessChecked(results=results):
            yield Difference("checks", None, " ".join(f"{one.check}={one.outcome}" for one in results))
        case MailboxExceptionGranted(fault=fault):
            yield Difference("mailbox_exception", None, fault)
        case MailboxExceptionWithdrawn():
            yield Difference("mailbox_exception", "granted", None)
        case EnrollmentErased():
            yield Difference("personal_data", None, "erased")
        case NoticeWithdrawn():
            yield Difference("agreement_ends_at", "given", None)
