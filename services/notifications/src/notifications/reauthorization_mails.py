"""Mails about the yearly re-authorization: to the reseller, to its providers, and after the wait."""

from collections.abc import Callable, Mapping
from typing import Any

from kontor_contracts import Payload
from kontor_contracts.enrollment import PartnerReauthorized, ReauthorizationMoved, ReauthorizationNoticed, WaitEnded
from kontor_contracts.relationships import ResellerReauthorizationDue, ResellerReauthorized
from notifications.enrollment_mails import to_both
from notifications.mail_request import MailRequest


def when_reauthorization_noticed(event: ReauthorizationNoticed) -> list[MailRequest]:
    return _mails("reauthorization-due", event, due_at=_moment(event.due_at), reminder=str(event.reminder or ""))


def when_partner_reauthorized(event: PartnerReauthorized) -> list[MailRequest]:
    return _mails("reauthorization-confirmed", event, next_due_at=_moment(event.next_due_at))


def when_reauthorization_moved(event: ReauthorizationMoved) -> list[MailRequest]:
    return _mails("reauthorization-moved", event, due_at=_moment(event.due_at), explanation=event.explanation or "")


def when_wait_ended(event: WaitEnded) -> list[MailRequest]:
    context = {
        "company_name": event.company_name or "-",
        "by_staff": "yes" if event.by_staff else "",
        "explanation": event.explanation or "",
    }
    return to_both("enrollment-possible-again", event.contact, event.applicant, context)


def when_reseller_reauthorization_due(event: ResellerReauthorizationDue) -> list[MailRequest]:
    return [_to_provider("reseller-reauthorization-due", event, due_at=_moment(event.due_at))]


def when_reseller_reauthorized(event: ResellerReauthorized) -> list[MailRequest]:
    return [_to_provider("reseller-reauthorized", event)]


def _moment(value: Any) -> str:
    return str(value.isoformat())


def _mails(
    template: str, event: ReauthorizationNoticed | PartnerReauthorized | ReauthorizationMoved, **context: str
) -> list[MailRequest]:
    return to_both(template, event.partner.contact, event.applicant, {"company_name": event.partner.name, **context})


def _to_provider(
    template: str, event: ResellerReauthorizationDue | ResellerReauthorized, **context: str
) -> MailRequest:
    provider, reseller = event.provider, event.reseller
    names = {"own_name": provider.name, "other_name": reseller.name, "other_partner_id": reseller.partner_id}
    return MailRequest(template, provider.contact, {**names, **context})


REAUTHORIZATION_MAILS: Mapping[type[Payload], Callable[[Any], list[MailRequest]]] = {
    ReauthorizationNoticed: when_reauthorization_noticed,
    PartnerReauthorized: when_partner_reauthorized,
    ReauthorizationMoved: when_reauthorization_moved,
    WaitEnded: when_wait_ended,
    ResellerReauthorizationDue: when_reseller_reauthorization_due,
    ResellerReauthorized: when_reseller_reauthorized,
}
