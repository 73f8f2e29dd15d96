"""The mails about a reseller's request to work with a provider."""

from collections.abc import Callable, Mapping
from typing import Any

from kontor_contracts import Payload
from kontor_contracts.directory import (
    PartnershipRequestAccepted,
    PartnershipRequestDeclined,
    PartnershipRequested,
    PartnershipRequestExpired,
    PartnershipRequestWithdrawn,
)
from notifications.mail_request import MailRequest


def when_partnership_is_requested(event: PartnershipRequested) -> list[MailRequest]:
    context = {
        "own_name": event.provider.name,
        "other_name": event.reseller.name,
        "other_partner_id": event.reseller.partner_id,
        "requester_name": event.requester.name,
        "message_body": event.message or "",
        "expires_at": event.expires_at.isoformat(),
    }
    return [MailRequest("partnership-requested", event.provider.contact, context)]


def when_request_is_withdrawn(event: PartnershipRequestWithdrawn) -> list[MailRequest]:
    context = {"own_name": event.provider.name, "other_name": event.reseller.name}
    return [MailRequest("partnership-request-withdrawn", event.provider.contact, context)]


def when_request_is_accepted(event: PartnershipRequestAccepted) -> list[MailRequest]:
    return [_answer(event, "accepted")]


def when_request_is_declined(event: PartnershipRequestDeclined) -> list[MailRequest]:
    return [_answer(event, "declined", why=event.reason, comment=event.comment or "")]


def when_request_expires(event: PartnershipRequestExpired) -> list[MailRequest]:
    return [_answer(event, "expired")]


def _answer(
    event: PartnershipRequestAccepted | PartnershipRequestDeclined | PartnershipRequestExpired, answer: str, **more: str
) -> MailRequest:
    context = {"own_name": event.reseller.name, "other_name": event.provider.name, **more}
    return MailRequest(f"partnership-request-{answer}", event.requester, context)


REQUEST_MAILS: Mapping[type[Payload], Callable[[Any], list[MailRequest]]] = {
    PartnershipRequested: when_partnership_is_requested,
    PartnershipRequestWithdrawn: when_request_is_withdrawn,
    PartnershipRequestAccepted: when_request_is_accepted,
    PartnershipRequestDeclined: when_request_is_declined,
    PartnershipRequestExpired: when_request_expires,
}
