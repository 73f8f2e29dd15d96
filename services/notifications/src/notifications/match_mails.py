"""The mails about imported customers that signed up: to the customer and to every partner that is moved."""

from collections.abc import Callable, Mapping
from typing import Any

from kontor_contracts import Payload
from kontor_contracts.customer_matches import CustomerMatched, CustomerMatchUndone
from kontor_contracts.values import Partner, Recipient
from notifications.mail_request import MailRequest


def when_customer_matched(event: CustomerMatched) -> list[MailRequest]:
    context = {
        "customer_name": event.customer_name,
        "imported_name": event.imported_name,
        "external_id": event.external_id,
        "portal": event.portal,
        "at": event.undo_until.isoformat(),
    }
    names = ", ".join(one.name for one in event.partners)
    return _to_all("customer-matched", event.contact, event.partners, context, partner_names=names)


def when_match_undone(event: CustomerMatchUndone) -> list[MailRequest]:
    context = {"customer_name": event.customer_name, "by": event.undone_by}
    return _to_all("customer-match-undone", event.contact, event.partners, context)


def _to_all(
    template: str, contact: Recipient | None, partners: tuple[Partner, ...], context: dict[str, str], **more: str
) -> list[MailRequest]:
    """``more``: for the mail to the customer alone."""
    mails = [
        MailRequest(template, one.contact, {**context, "side": "partner", "partner_name": one.name}) for one in partners
    ]
    if contact:
        mails.append(MailRequest(template, contact, {**context, "side": "customer", **more}))
    return mails


MATCH_MAILS: Mapping[type[Payload], Callable[[Any], list[MailRequest]]] = {
    CustomerMatched: when_customer_matched,
    CustomerMatchUndone: when_match_undone,
}
