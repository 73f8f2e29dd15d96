"""Mails about a change of a partner's legal profile: to its primary contact, and to the user who enrolled the company."""

from collections.abc import Callable, Mapping
from typing import Any

from kontor_contracts import Payload
from kontor_contracts.enrollment import (
    LegalChangeAccepted,
    LegalChangeProposed,
    LegalChangeRejected,
    LegalChangeWithdrawn,
)
from notifications.enrollment_mails import to_both
from notifications.mail_request import MailRequest

Of = LegalChangeProposed | LegalChangeAccepted | LegalChangeRejected | LegalChangeWithdrawn


def when_legal_change_proposed(event: LegalChangeProposed) -> list[MailRequest]:
    return _mails("legal-change-proposed", event, review_due=event.review_due.isoformat())


def when_legal_change_accepted(event: LegalChangeAccepted) -> list[MailRequest]:
    return _mails("legal-change-accepted", event)


def when_legal_change_rejected(event: LegalChangeRejected) -> list[MailRequest]:
    until = event.settle_until.isoformat()
    return _mails(
        "legal-change-rejected", event, why=event.reason, explanation=event.explanation or "", settle_until=until
    )


def when_legal_change_withdrawn(event: LegalChangeWithdrawn) -> list[MailRequest]:
    """The partner gets no mail about what it did itself."""
    return _mails("legal-change-withdrawn", event) if event.by_staff else []


def _mails(template: str, event: Of, **context: str) -> list[MailRequest]:
    about = {"company_name": event.partner.name, "fields": ",".join(event.fields)}
    return to_both(template, event.partner.contact, event.applicant, about | context)


LEGAL_CHANGE_MAILS: Mapping[type[Payload], Callable[[Any], list[MailRequest]]] = {
    LegalChangeProposed: when_legal_change_proposed,
    LegalChangeAccepted: when_legal_change_accepted,
    LegalChangeRejected: when_legal_change_rejected,
    LegalChangeWithdrawn: when_legal_change_withdrawn,
}
