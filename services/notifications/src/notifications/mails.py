"""The mails that each message leads to. Their recipients come with the messages."""

from collections.abc import Callable, Mapping
from typing import Any

from kontor_contracts import Payload
from kontor_contracts.customers import RelationshipEnded
from kontor_contracts.enrollment import ContactVerificationRequested
from kontor_contracts.identity import (
    AddressChangeRequested,
    AddressVerificationRequested,
    PasswordResetRequested,
    SecondFactorChanged,
    Sender,
    SignUpRepeated,
    UserAdded,
    UserAddressChanged,
    UserDeleted,
    UserDisabled,
    UserEnabled,
    UserInvited,
    UserPasswordChanged,
    UserRestored,
    UserRolesChanged,
)
from kontor_contracts.relationships import (
    Grant,
    PartnershipEstablished,
    ResellersAuthorized,
    ResellersRefused,
)
from kontor_contracts.values import Recipient
from notifications.acceptance_mails import ACCEPTANCE_MAILS
from notifications.contact_change_mails import CONTACT_CHANGE_MAILS
from notifications.enrollment_mails import ENROLLMENT_MAILS
from notifications.grant_mails import GRANT_MAILS
from notifications.invitation_mails import INVITATION_MAILS
from notifications.legal_change_mails import LEGAL_CHANGE_MAILS
from notifications.mail_request import MailRequest
from notifications.match_mails import MATCH_MAILS
from notifications.partner_mails import PARTNER_MAILS
from notifications.reauthorization_mails import REAUTHORIZATION_MAILS
from notifications.request_mails import REQUEST_MAILS

HIGH_ROLES = ("owner", "global-admin")
"""Users get a mail when they gain or lose one of these roles. Other roles change too often."""


def when_contact_verification_requested(event: ContactVerificationRequested) -> list[MailRequest]:
    context = {"company_name": event.company_name, "expires_at": event.expires_at.isoformat()}
    return [MailRequest("contact-verification", event.contact, context, event.sealed_link, event.expires_at)]


def when_user_added(event: UserAdded) -> list[MailRequest]:
    user = Recipient(name=event.full_name, email=event.email, culture=event.culture)
    # No link to a known address: it has been proved already.
    link = None if event.address_known else event.sealed_link
    context = {
        "organization_name": event.organization_name,
        "address_known": "known" if event.address_known else "",
        "proof": "link" if link else "",
        "expires_at": event.expires_at.isoformat() if event.expires_at else "",
        **_facts(event.sender),
    }
    return [MailRequest("user-welcome", user, context, link, event.expires_at if link else None, about=event.user_id)]


def when_address_verification_requested(event: AddressVerificationRequested) -> list[MailRequest]:
    context = {"organization_name": event.organization_name, "expires_at": event.expires_at.isoformat()}
    template = "address-verification"
    if event.purpose == "added":
        template = "user-welcome"
        context |= {"address_known": "", "proof": "link", **_facts(event.sender)}
    return [MailRequest(template, event.recipient, context, event.sealed_link, event.expires_at, about=event.user_id)]


def when_sign_up_repeated(event: SignUpRepeated) -> list[MailRequest]:
    return [MailRequest("address-known", event.recipient, about=event.user_id)]


def _facts(sender: Sender | None) -> dict[str, str]:
    """The user who causes the mail, and what Kontor has verified about the organization."""
    proved = "" if sender is None else sender.domain or ""
    in_program = sender is not None and sender.status in {"qualified", "active"}
    return {
        "sender_name": sender.name if sender else "",
        "sender_address": sender.email if sender else "",
        "sender_domain": proved,
        "sender_in_program": "yes" if in_program else "",
    }


def when_user_invited(event: UserInvited) -> list[MailRequest]:
    user = Recipient(name=event.full_name, email=event.email, culture=event.culture)
    context = {
        "organization_name": event.organization_name,
        "guest": "guest" if event.guest else "",
        "address_known": "known" if event.address_known else "",
        "expires_at": event.expires_at.isoformat(),
        **_facts(event.sender),
    }
    link = None if event.address_known else event.sealed_link
    return [MailRequest("user-invited", user, context, link, event.expires_at, about=event.user_id)]


def when_user_roles_changed(event: UserRolesChanged) -> list[MailRequest]:
    added, removed = (",".join(r for r in roles if r in HIGH_ROLES) for roles in (event.added, event.removed))
    if event.contact is None or event.organization_name is None or not (added or removed):
        return []
    context = {"organization_name": event.organization_name, "added": added, "removed": removed}
    return [MailRequest("user-roles-changed", event.contact, context, about=event.user_id)]


def when_password_reset_requested(event: PasswordResetRequested) -> list[MailRequest]:
    context = {"expires_at": event.expires_at.isoformat()}
    return [
        MailRequest(
            "password-reset", event.recipient, context, event.sealed_link, event.expires_at, about=event.user_id
        )
    ]


def when_address_change_requested(event: AddressChangeRequested) -> list[MailRequest]:
    context = {"expires_at": event.expires_at.isoformat()}
    return [
        MailRequest(
            "address-change", event.recipient, context, event.sealed_link, event.expires_at, about=event.user_id
        )
    ]


def when_user_address_changed(event: UserAddressChanged) -> list[MailRequest]:
    """To both addresses: the owner of the old one can object to a change that they did not make."""
    new = Recipient(name=event.full_name, email=event.email, culture=event.previous.culture)
    return [
        MailRequest("address-changed", event.previous, {"new_address": event.email}, about=event.user_id),
        MailRequest("address-confirmed", new, {"old_address": event.previous.email}, about=event.user_id),
    ]


def when_password_changed(event: UserPasswordChanged) -> list[MailRequest]:
    return _notice("password-changed", event, {})


def when_second_factor_changed(event: SecondFactorChanged) -> list[MailRequest]:
    return _notice("second-factor-changed", event, {"state": event.state, "by": event.by})


def when_user_disabled(event: UserDisabled) -> list[MailRequest]:
    return _notice("account-disabled", event, {})


def when_user_enabled(event: UserEnabled) -> list[MailRequest]:
    return _notice("account-enabled", event, {})


def when_user_restored(event: UserRestored) -> list[MailRequest]:
    return _notice("account-restored", event, {})


def when_user_deleted(event: UserDeleted) -> list[MailRequest]:
    return _notice("account-deleted", event, {"restorable_until": event.restorable_until.isoformat()})


def _notice(
    template: str,
    event: UserPasswordChanged | SecondFactorChanged | UserDisabled | UserEnabled | UserDeleted | UserRestored,
    context: Mapping[str, str],
) -> list[MailRequest]:
    """A security notice: a user must notice if somebody else takes over the account. Older events name no contact."""
    if event.contact is None or event.organization_name is None:
        return []
    return [
        MailRequest(
            template, event.contact, {"organization_name": event.organization_name, **context}, about=event.user_id
        )
    ]


def when_partnership_established(event: PartnershipEstablished) -> list[MailRequest]:
    context = {
        "provider_name": event.provider.name,
        "provider_partner_id": event.provider.partner_id,
        "reseller_name": event.reseller.name,
        "reseller_partner_id": event.reseller.partner_id,
        "admin_access": "yes" if event.admin_access else "no",
    }
    return [
        MailRequest("partnership-established", event.provider.contact, {**context, "side": "provider"}),
        MailRequest("partnership-established", event.reseller.contact, {**context, "side": "reseller"}),
    ]


def when_resellers_authorized(event: ResellersAuthorized) -> list[MailRequest]:
    about = {"customer_name": event.customer_name}
    # Names contain no tabs or line feeds, so these separate them.
    partners = "\n".join(f"{grant.partner.name}\t{_permissions(grant)}" for grant in event.grants)
    to_partners = [
        MailRequest(
            "resellers-authorized",
            grant.partner.contact,
            {**about, "side": "partner", "partner_name": grant.partner.name, "permissions": _permissions(grant)},
        )
        for grant in event.grants
    ]
    to_customer = MailRequest(
        "resellers-authorized", event.contact, {**about, "side": "customer", "partners": partners}
    )
    return [*to_partners, to_customer]


def when_resellers_refused(event: ResellersRefused) -> list[MailRequest]:
    """The page had accepted it, and it was refused later, so both sides get a mail. Older events name no customer."""
    if event.customer_name is None:
        return []
    about = {"customer_name": event.customer_name}
    partners = "\n".join(partner.name for partner in event.partners)
    to_partners = [
        MailRequest("resellers-refused", partner.contact, {**about, "side": "partner", "partner_name": partner.name})
        for partner in event.partners
    ]
    if event.contact is None:
        return to_partners
    customer = MailRequest("resellers-refused", event.contact, {**about, "side": "customer", "partners": partners})
    return [*to_partners, customer]


def when_relationship_ended(event: RelationshipEnded) -> list[MailRequest]:
    """To the partner, the partners that came with it, and the customer. A customer of another portal has no contact."""
    context = {
        "customer_name": event.customer_name,
        "partner_name": event.partner_name or event.partner_id,
        "ended_by": event.ended_by,
        "why": event.reason or "",
    }
    to_partner = [event.partner] if event.partner else []
    mails = [MailRequest("relationship-ended", one.contact, {**context, "side": "partner"}) for one in to_partner]
    mails += [MailRequest("relationship-ended", one.contact, {**context, "side": "other"}) for one in event.others]
    if event.contact:
        mails.append(MailRequest("relationship-ended", event.contact, {**context, "side": "customer"}))
    return mails


def _permissions(grant: Grant) -> str:
    return ",".join(sorted(set(grant.permissions)))


MAILS: Mapping[type[Payload], Callable[[Any], list[MailRequest]]] = {
    ContactVerificationRequested: when_contact_verification_requested,
    **ENROLLMENT_MAILS,
    **LEGAL_CHANGE_MAILS,
    **REAUTHORIZATION_MAILS,
    **ACCEPTANCE_MAILS,
    **CONTACT_CHANGE_MAILS,
    UserAdded: when_user_added,
    AddressVerificationRequested: when_address_verification_requested,
    SignUpRepeated: when_sign_up_repeated,
    PasswordResetRequested: when_password_reset_requested,
    UserInvited: when_user_invited,
    AddressChangeRequested: when_address_change_requested,
    UserAddressChanged: when_user_address_changed,
    UserRolesChanged: when_user_roles_changed,
    UserPasswordChanged: when_password_changed,
    SecondFactorChanged: when_second_factor_changed,
    UserDisabled: when_user_disabled,
    UserEnabled: when_user_enabled,
    UserRestored: when_user_restored,
    UserDeleted: when_user_deleted,
    **INVITATION_MAILS,
    PartnershipEstablished: when_partnership_established,
    ResellersAuthorized: when_resellers_authorized,
    ResellersRefused: when_resellers_refused,
    RelationshipEnded: when_relationship_ended,
    **PARTNER_MAILS,
    **REQUEST_MAILS,
    **GRANT_MAILS,
    **MATCH_MAILS,
}
"""The messages that lead to mails. Others are ignored."""
