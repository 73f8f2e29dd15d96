"""What relationships' events change, as the activity log shows it.

Texts that people wrote are left out, and names of people: they stand in the invitation, the grant or the mail.
"""

from collections.abc import Iterator, Mapping

from identity.activity.of_profiles import profile_differences
from identity.domain.audit_entry import Difference
from kontor_contracts import Payload, admin_grants, directory, relationships, resellers_of_record
from kontor_contracts.customer_matches import CustomerMatched, CustomerMatchUndone
from kontor_contracts.customers import RelationshipEnded
from kontor_contracts.relationships import InvitationStep

STATUS: Mapping[type[Payload], tuple[str | None, str]] = {
    relationships.InvitationDrafted: (None, "draft"),
    relationships.InvitationAccepted: ("sent", "accepted"),
    relationships.PartnershipEstablished: (None, "active"),
    relationships.PartnershipEnded: ("active", "ended"),
    relationships.PartnershipSuspended: ("active", "suspended"),
    relationships.PartnershipResumed: ("suspended", "active"),
    RelationshipEnded: ("active", "ended"),
    admin_grants.AdminGrantRequested: (None, "requested"),
    admin_grants.AdminGrantApproved: ("requested", "approved"),
    admin_grants.AdminGrantActivated: ("approved", "active"),
    directory.ProfilePublished: (None, "published"),
    directory.ProfileUnpublished: ("published", "unpublished"),
    directory.PartnershipRequested: (None, "open"),
    directory.PartnershipRequestAccepted: ("open", "accepted"),
    directory.PartnershipRequestDeclined: ("open", "declined"),
    directory.PartnershipRequestWithdrawn: ("open", "withdrawn"),
    directory.PartnershipRequestExpired: ("open", "expired"),
}
INVITATION_STATUS: Mapping[type[Payload], str] = {
    relationships.InvitationSentByInviter: "sent",
    relationships.InvitationDeclined: "declined",
    relationships.InvitationRevoked: "revoked",
    relationships.InvitationExpired: "expired",
    relationships.InvitationUndeliverable: "undeliverable",
}
ACCESS: Mapping[type[Payload], tuple[str | None, str]] = {
    relationships.InvitationAccessRequested: (None, "requested"),
    relationships.InvitationAccessConfirmed: ("requested", "confirmed"),
    relationships.InvitationAccessRefused: ("requested", "refused"),
}


def further_organizations(data: Payload) -> tuple[str, ...]:  # noqa: PLR0911  one answer per event
    """Organizations that an event concerns beside those that it belongs to: they see its entry, too."""
    match data:
        case relationships.InvitationAccessStep(requesting_organization_id=id):
            return (id,)
        case InvitationStep(by_organization_id=id):
            return (id,) if id else ()
        case relationships.InvitationAccepted(provider=provider, accepting_organization_id=id):
            return (id, provider.organization_id) if provider else (id,)
        case relationships.ResellersAuthorized(grants=grants):
            return tuple(one.partner.organization_id for one in grants)
        case (
            relationships.ResellersRefused(partners=partners)
            | RelationshipEnded(others=partners)
            | CustomerMatched(partners=partners)
            | CustomerMatchUndone(partners=partners)
        ):
            return tuple(one.organization_id for one in partners)
        case relationships.CustomerImported(organization_id=id):
            return (id,) if id else ()
        case _:
            return ()


def differences(data: Payload) -> Iterator[Difference]:
    if type(data) in STATUS:
        old, new = STATUS[type(data)]
        yield Difference("status", old, new)
    yield from _of_invitation(data)
    yield from _of_partners(data)
    yield from _of_customer(data)
    yield from _of_grant(data)
    yield from _of_record(data)
    yield from profile_differences(data)


def _of_invitation(data: Payload) -> Iterator[Difference]:
    match data:
        case relationships.InvitationDrafted():
            yield Difference("kind", None, data.kind)
            yield Difference("anyone_with_link", None, _yes(data.anyone_with_link))
        case relationships.InvitationSent():
            yield Difference("status", data.previous or "draft", "sent")
            yield Difference("attempt", str(data.attempt - 1), str(data.attempt))
            yield Difference("expires_at", None, data.expires_at.isoformat())
        case relationships.InvitationAccessStep():
            yield Difference("access", *ACCESS[type(data)])
            yield Difference("organization", None, data.requesting_organization_name)
        case relationships.InvitationAccessChanged(anyone_with_link=now):
            yield Difference("anyone_with_link", _yes(not now), _yes(now))
        case relationships.InvitationReminded(number=number):
            yield Difference("reminders", str(number - 1), str(number))
        case InvitationStep() if type(data) in INVITATION_STATUS:
            yield Difference("status", data.previous, INVITATION_STATUS[type(data)])
        case relationships.InvitationAccepted():
            yield Difference("organization", None, data.accepting_organization_name)
            yield Difference("consent", None, data.consent)
    if isinstance(data, relationships.InvitationUndeliverable):
        yield Difference("reason", None, data.reason)


def _of_partners(data: Payload) -> Iterator[Difference]:
    match data:
        case relationships.PartnershipEstablished(admin_access=access):
            yield Difference("admin_access", None, "granted" if access else "none")
        case relationships.PartnershipEnded(reason=reason) | directory.PartnershipRequestDeclined(reason=reason):
            yield Difference("reason", None, reason)
        case relationships.PartnershipSuspended(side=side) | relationships.PartnershipResumed(side=side):
            yield Difference("side", None, side)
        case relationships.ProviderAdminAccessGranted(until=until):
            yield Difference("admin_access", None, "granted")
            if until:
                yield Difference("admin_access_until", None, until.isoformat())
        case relationships.ProviderAdminAccessRemoved(cause=cause):
            yield Difference("admin_access", "granted", "removed")
            yield Difference("reason", None, cause)
    provider, reseller = getattr(data, "provider", None), getattr(data, "reseller", None)
    if provider and reseller:
        yield Difference("provider", None, provider.name)
        yield Difference("reseller", None, reseller.name)


def _of_customer(data: Payload) -> Iterator[Difference]:
    match data:
        case relationships.ResellersAuthorized():
            yield Difference("customer", None, data.customer_name)
            for grant in data.grants:
                yield Difference("permissions", None, f"{grant.partner.name}: {' '.join(grant.permissions)}")
        case relationships.ResellersRefused(reason=reason):
            yield Difference("reason", None, reason)
        case relationships.CustomerImported():
            yield Difference("customer", None, data.name)
            yield Difference("portal", None, data.portal)
            yield Difference("permissions", None, " ".join(data.permissions or ()))
        case CustomerMatched():
            yield Difference("customer", data.imported_name, data.customer_name)
            yield Difference("portal", None, f"{data.portal}: {data.external_id}")
        case CustomerMatchUndone():
            yield Difference("customer", data.customer_name, None)
            yield Difference("undone_by", None, data.undone_by)
        case RelationshipEnded():
            yield Difference("customer", None, data.customer_name)
            yield Difference("partner", None, data.partner_name or data.partner_id)
            yield Difference("ended_by", None, data.ended_by)


def _of_grant(data: Payload) -> Iterator[Difference]:
    match data:
        case admin_grants.AdminGrantRequested(grant=grant):
            yield Difference("roles", None, " ".join(grant.roles))
            yield Difference("days", None, str(grant.days))
        case (
            admin_grants.AdminGrantApproved(expires_at=expires_at)
            | admin_grants.AdminGrantExtended(expires_at=expires_at)
        ):
            yield Difference("expires_at", None, expires_at.isoformat())
        case admin_grants.AdminGrantExtensionChanged(grant=grant):
            old = 0 if grant.auto_extend_days else 180
            yield Difference("auto_extend_days", str(old), str(grant.auto_extend_days))
        case admin_grants.AdminGrantExpiring(days_left=days):
            yield Difference("days_left", None, str(days))
        case admin_grants.AdminGrantEnded(because=because):
            yield Difference("status", None, "ended")
            yield Difference("reason", None, because)
    terms = getattr(data, "grant", None)
    if isinstance(terms, admin_grants.GrantTerms):
        yield Difference("customer", None, terms.customer_name)
        yield Difference("partner", None, terms.partner.name)


def _of_record(data: Payload) -> Iterator[Difference]:
    match data:
        case resellers_of_record.ResellerOfRecordSet(reseller=reseller):
            yield Difference("reseller_of_record", None, reseller.name)
        case resellers_of_record.ResellerOfRecordEnded(reseller=reseller, because=because):
            yield Difference("reseller_of_record", reseller.name, None)
            yield Difference("reason", None, because)
        case resellers_of_record.ResellerOfRecordMoved(former_customer_id=before, customer_id=now):
            yield Difference("customer_id", before, now)
    subscription_id = getattr(data, "subscription_id", None)
    if subscription_id:
        yield Difference("subscription", None, subscription_id)


def _yes(value: bool) -> str:
    return "yes" if value else "no"
