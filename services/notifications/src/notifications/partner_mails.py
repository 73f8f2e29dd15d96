"""The mails about partners, their partnerships and the provider's administrator access."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from kontor_contracts import Payload
from kontor_contracts.relationships import (
    CustomersNotified,
    PartnershipEnded,
    PartnershipResumed,
    PartnershipSuspended,
    ProviderAdminAccessGranted,
    ProviderAdminAccessRemoved,
)
from kontor_contracts.values import Partner
from notifications.mail_request import MailRequest

BetweenTwo = (
    PartnershipEnded
    | PartnershipSuspended
    | PartnershipResumed
    | ProviderAdminAccessGranted
    | ProviderAdminAccessRemoved
)
Side = Literal["provider", "reseller"]


def when_partnership_ended(event: PartnershipEnded) -> list[MailRequest]:
    def context(own: Partner) -> dict[str, str]:
        by = "program" if event.ended_by is None else "own" if event.ended_by == own.organization_id else "other"
        return {"by": by, "why": event.reason, "comment": event.comment or "", "ended_at": event.ended_at.isoformat()}

    return [
        _mail("partnership-ended", event, "provider", **context(event.provider)),
        _mail("partnership-ended", event, "reseller", **context(event.reseller)),
    ]


def when_admin_access_granted(event: ProviderAdminAccessGranted) -> list[MailRequest]:
    until = event.until.isoformat() if event.until else ""
    return [_mail("admin-access-granted", event, side, until=until) for side in _SIDES]


def when_admin_access_removed(event: ProviderAdminAccessRemoved) -> list[MailRequest]:
    """No mail if the partnership ended: the mail about the end says so."""
    if event.cause == "partnership-ended":
        return []
    context = {"cause": event.cause, "removed_at": event.removed_at.isoformat()}
    return [_mail("admin-access-removed", event, side, **context) for side in _SIDES]


def when_partnership_suspended(event: PartnershipSuspended) -> list[MailRequest]:
    """To the other side. The suspended company has a mail of its own."""
    return [_mail("partnership-suspended", event, _other(event.side))]


def when_partnership_resumed(event: PartnershipResumed) -> list[MailRequest]:
    return [_mail("partnership-resumed", event, _other(event.side))] if event.active else []


def when_customers_notified(event: CustomersNotified) -> list[MailRequest]:
    context = {"partner_name": event.partner_name, "standing": event.standing}
    return [MailRequest("reseller-standing", one, context) for one in event.recipients]


_SIDES: tuple[Side, Side] = ("provider", "reseller")


def _other(side: Side) -> Side:
    return "reseller" if side == "provider" else "provider"


def _mail(template: str, event: BetweenTwo, to: Side, **context: str) -> MailRequest:
    own, other = (event.provider, event.reseller) if to == "provider" else (event.reseller, event.provider)
    names = {"own_name": own.name, "other_name": other.name, "other_partner_id": other.partner_id, "side": to}
    return MailRequest(template, own.contact, {**names, **context})


PARTNER_MAILS: Mapping[type[Payload], Callable[[Any], list[MailRequest]]] = {
    CustomersNotified: when_customers_notified,
    PartnershipEnded: when_partnership_ended,
    ProviderAdminAccessGranted: when_admin_access_granted,
    ProviderAdminAccessRemoved: when_admin_access_removed,
    PartnershipSuspended: when_partnership_suspended,
    PartnershipResumed: when_partnership_resumed,
}
