"""Mails about a change of a partner's primary contact: to the new one, the present one, and who enrolled the company."""

from collections.abc import Callable, Mapping
from typing import Any

from kontor_contracts import Payload
from kontor_contracts.addresses import address_key
from kontor_contracts.enrollment import ContactChangeEnded, ContactChangeRequested, PrimaryContactChanged
from notifications.enrollment_mails import to_both
from notifications.mail_request import MailRequest


def when_contact_change_requested(event: ContactChangeRequested) -> list[MailRequest]:
    about = {"company_name": event.partner.name}
    confirm = about | {"expires_at": event.expires_at.isoformat()}
    new = event.new_contact
    objection = about | {"new_name": new.name, "new_address": new.email, "object_until": event.object_until.isoformat()}
    return [
        MailRequest("contact-change-confirm", new, confirm, event.sealed_link, event.expires_at),
        MailRequest(
            "contact-change-noticed", event.partner.contact, objection, event.sealed_objection, event.object_until
        ),
    ]


def when_primary_contact_changed(event: PrimaryContactChanged) -> list[MailRequest]:
    """To the new contact, to who enrolled the company, and to the contact before it."""
    contact, previous = event.partner.contact, event.previous
    context = {"company_name": event.partner.name, "new_name": contact.name, "new_address": contact.email}
    context |= {"why": event.reason}
    mails = to_both("contact-changed", contact, event.applicant, context)
    known = {address_key(mail.recipient.email) for mail in mails}
    if address_key(previous.email) not in known:
        mails.append(MailRequest("contact-changed", previous, {**context, "role": "previous"}))
    return mails


def when_contact_change_ended(event: ContactChangeEnded) -> list[MailRequest]:
    new = event.new_contact
    context = {"company_name": event.partner.name, "new_name": new.name, "new_address": new.email}
    return to_both("contact-change-ended", event.partner.contact, event.applicant, context | {"outcome": event.outcome})


CONTACT_CHANGE_MAILS: Mapping[type[Payload], Callable[[Any], list[MailRequest]]] = {
    ContactChangeRequested: when_contact_change_requested,
    PrimaryContactChanged: when_primary_contact_changed,
    ContactChangeEnded: when_contact_change_ended,
}
