"""The mails about administrator grants: to the partner and, where it has a contact, to the customer."""

from collections.abc import Callable, Mapping
from typing import Any

from kontor_contracts import Payload
from kontor_contracts.admin_grants import (
    AdminGrantActivated,
    AdminGrantEnded,
    AdminGrantExpiring,
    AdminGrantExtended,
    AdminGrantRequested,
    GrantTerms,
)
from notifications.mail_request import MailRequest


def when_admin_grant_requested(event: AdminGrantRequested) -> list[MailRequest]:
    return _both(
        "admin-grant-requested",
        event.grant,
        **_roles(event.grant),
        days=str(event.grant.days),
        at=event.answer_by.isoformat(),
    )


def when_admin_grant_activated(event: AdminGrantActivated) -> list[MailRequest]:
    return _both("admin-grant-active", event.grant, **_roles(event.grant), at=event.expires_at.isoformat(), extended="")


def when_admin_grant_extended(event: AdminGrantExtended) -> list[MailRequest]:
    return _both(
        "admin-grant-active", event.grant, **_roles(event.grant), at=event.expires_at.isoformat(), extended="yes"
    )


def when_admin_grant_expiring(event: AdminGrantExpiring) -> list[MailRequest]:
    return _both("admin-grant-expiring", event.grant, at=event.expires_at.isoformat(), days=str(event.days_left))


def when_admin_grant_ended(event: AdminGrantEnded) -> list[MailRequest]:
    return _both("admin-grant-ended", event.grant, because=event.because, why=event.reason or "")


def _roles(grant: GrantTerms) -> dict[str, str]:
    return {"roles": ",".join(grant.roles)}


def _both(template: str, grant: GrantTerms, **more: str) -> list[MailRequest]:
    context = {
        "grant_name": grant.name,
        "partner_name": grant.partner.name,
        "customer_name": grant.customer_name,
        **more,
    }
    partner = MailRequest(template, grant.partner.contact, {**context, "side": "partner"})
    if grant.contact is None:
        return [partner]
    return [partner, MailRequest(template, grant.contact, {**context, "side": "customer"})]


GRANT_MAILS: Mapping[type[Payload], Callable[[Any], list[MailRequest]]] = {
    AdminGrantRequested: when_admin_grant_requested,
    AdminGrantActivated: when_admin_grant_activated,
    AdminGrantExtended: when_admin_grant_extended,
    AdminGrantExpiring: when_admin_grant_expiring,
    AdminGrantEnded: when_admin_grant_ended,
}
