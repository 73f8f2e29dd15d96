"""The mails about invitations: to the addressee, and to the person at the inviter who drafted them."""

from collections.abc import Callable, Mapping
from typing import Any

from kontor_contracts import Payload
from kontor_contracts.relationships import (
    InvitationAccessConfirmed,
    InvitationAccessRefused,
    InvitationAccessRequested,
    InvitationAccessStep,
    InvitationDeclined,
    InvitationExpired,
    InvitationReady,
    InvitationReminded,
    InvitationRevoked,
    InvitationSent,
    InvitationStep,
    InvitationUndeliverable,
)
from notifications.mail_request import MailRequest


def when_invitation_sent(event: InvitationSent) -> list[MailRequest]:
    context = {
        "mail_subject": event.mail_subject,
        "mail_body": event.mail_body,
        "inviter_name": event.inviter.name,
        "inviter_partner_id": event.inviter.partner_id,
        "contact_name": event.inviter.contact.name,
        "contact_address": event.inviter.contact.email,
        "expires_at": event.expires_at.isoformat(),
    }
    return [
        MailRequest(
            "invitation",
            event.recipient,
            context,
            event.sealed_link,
            event.expires_at,
            withdrawable=True,
            reply_to=event.inviter.contact,
        )
    ]


def when_invitation_declined(event: InvitationDeclined) -> list[MailRequest]:
    context = {
        "declined_by": event.name or "",
        "declining_company": event.organization_name or "",
        "why": event.reason or "",
    }
    return [_to_inviter("invitation-declined", event, context)]


def when_invitation_expired(event: InvitationExpired) -> list[MailRequest]:
    return [_to_inviter("invitation-expired", event, {})]


def when_invitation_reminded(event: InvitationReminded) -> list[MailRequest]:
    """To the addressee, or to the inviter if the addressee did not get Kontor's mail."""
    if event.reminded == "inviter" or event.sealed_link is None:
        return [_to_inviter("invitation-waiting", event, {"expires_at": event.expires_at.isoformat()})]
    context = {
        "inviter_name": event.inviter.name,
        "provider_name": event.provider.name if event.provider else "",
        "mail_subject": event.mail_subject,
        "contact_name": event.notify.name,
        "contact_address": event.notify.email,
        "expires_at": event.expires_at.isoformat(),
    }
    return [
        MailRequest(
            "invitation-reminder",
            event.recipient,
            context,
            event.sealed_link,
            event.expires_at,
            withdrawable=True,
            reply_to=event.notify,
        )
    ]


def when_invitation_ready(event: InvitationReady) -> list[MailRequest]:
    """To the addressee: the mail that brought the invitation came before the company was enrolled."""
    context = {
        "inviter_name": event.inviter.name,
        "contact_name": event.notify.name,
        "contact_address": event.notify.email,
        "expires_at": event.expires_at.isoformat(),
    }
    template = "invitation-ready"
    return [MailRequest(template, event.recipient, context, event.sealed_link, event.expires_at, withdrawable=True)]


def when_invitation_undeliverable(event: InvitationUndeliverable) -> list[MailRequest]:
    return [_to_inviter("invitation-undeliverable", event, {"why": event.reason})]


def when_access_requested(event: InvitationAccessRequested) -> list[MailRequest]:
    return [_to_inviter("invitation-access-requested", event, _requester(event))]


def when_access_confirmed(event: InvitationAccessConfirmed) -> list[MailRequest]:
    context = {
        "inviter_name": event.inviter.name,
        "organization_name": event.requesting_organization_name,
        "expires_at": event.expires_at.isoformat() if event.expires_at else "",
    }
    template = "invitation-access-confirmed"
    return [
        MailRequest(
            template,
            event.requester,
            context,
            event.sealed_link,
            event.expires_at,
            about=event.requester_id,
            withdrawable=True,
        )
    ]


def when_access_refused(event: InvitationAccessRefused) -> list[MailRequest]:
    context = {"inviter_name": event.inviter.name, "organization_name": event.requesting_organization_name}
    return [MailRequest("invitation-access-refused", event.requester, context, about=event.requester_id)]


def _requester(event: InvitationAccessStep) -> Mapping[str, str]:
    return {
        "requester_name": event.requester.name,
        "requester_address": event.requester.email,
        "requester_company": event.requesting_organization_name,
    }


def ends_mails(event: Payload) -> bool:
    """Whether the waiting mails of earlier events about the same invitation are void."""
    return isinstance(event, ENDS) or (isinstance(event, InvitationSent) and event.attempt > 1)


def _to_inviter(template: str, event: InvitationStep, context: Mapping[str, str]) -> MailRequest:
    shared = {
        "inviter_name": event.inviter.name,
        "provider_name": event.provider.name if event.provider else "",
        "addressee_name": event.recipient.name,
        "addressee_address": event.recipient.email,
        "at": event.at.isoformat(),
    }
    return MailRequest(template, event.notify, {**shared, **context})


ENDS = (InvitationDeclined, InvitationRevoked, InvitationExpired)
ENDING: tuple[type[Payload], ...] = (InvitationSent, *ENDS)
"""The messages that may withdraw mails."""

INVITATION_MAILS: Mapping[type[Payload], Callable[[Any], list[MailRequest]]] = {
    InvitationSent: when_invitation_sent,
    InvitationDeclined: when_invitation_declined,
    InvitationExpired: when_invitation_expired,
    InvitationReminded: when_invitation_reminded,
    InvitationReady: when_invitation_ready,
    InvitationUndeliverable: when_invitation_undeliverable,
    InvitationAccessRequested: when_access_requested,
    InvitationAccessConfirmed: when_access_confirmed,
    InvitationAccessRefused: when_access_refused,
}
