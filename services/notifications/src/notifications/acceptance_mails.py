"""Mails about a new version of the agreement: to a partner's primary contact, and to the user who enrolled the company."""

from collections.abc import Callable, Mapping
from typing import Any

from kontor_contracts import Payload
from kontor_contracts.enrollment import (
    AcceptanceCancelled,
    AcceptanceMoved,
    AcceptanceRequested,
    AgreementAccepted,
)
from notifications.enrollment_mails import to_both
from notifications.mail_request import MailRequest

Of = AcceptanceRequested | AcceptanceMoved | AgreementAccepted | AcceptanceCancelled


def when_acceptance_requested(event: AcceptanceRequested) -> list[MailRequest]:
    until = event.accept_until.isoformat()
    return _mails("agreement-to-accept", event, accept_until=until, reminder=str(event.reminder or ""))


def when_acceptance_moved(event: AcceptanceMoved) -> list[MailRequest]:
    until = event.accept_until.isoformat()
    return _mails("agreement-date-moved", event, accept_until=until, explanation=event.explanation or "")


def when_agreement_accepted(event: AgreementAccepted) -> list[MailRequest]:
    """A partner that is reinstated by it gets the mail about that instead."""
    return [] if event.reinstated else _mails("agreement-accepted", event)


def when_acceptance_cancelled(event: AcceptanceCancelled) -> list[MailRequest]:
    return [] if event.reinstated else _mails("agreement-not-to-accept", event)


def _mails(template: str, event: Of, **context: str) -> list[MailRequest]:
    about = {"company_name": event.partner.name, "version": event.agreement_version}
    return to_both(template, event.partner.contact, event.applicant, about | context)


ACCEPTANCE_MAILS: Mapping[type[Payload], Callable[[Any], list[MailRequest]]] = {
    AcceptanceRequested: when_acceptance_requested,
    AcceptanceMoved: when_acceptance_moved,
    AgreementAccepted: when_agreement_accepted,
    AcceptanceCancelled: when_acceptance_cancelled,
}
