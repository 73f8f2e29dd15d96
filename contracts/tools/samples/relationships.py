"""Invitations, partnerships and customers."""

from collections.abc import Iterator
from datetime import timedelta

from kontor_contracts import (
    Payload,
    admin_grants,
    customer_matches,
    customers,
    directory,
    relationships,
    resellers_of_record,
)
from kontor_contracts.refused_commands import CommandRefused
from samples.cast import BEGIN, SEALED, Cast, Sample


def samples(cast: Cast) -> Iterator[Sample]:
    """Every message of relationships once, in the order in which a company would live through them."""
    yield from _partner(cast)
    yield from _invitation(cast)
    yield from _endings(cast)
    yield from _relations(cast)
    yield from _imports(cast)
    yield from _directory(cast)
    yield from _grants(cast)
    yield from _ends(cast)
    yield from _matches(cast)
    yield from _resellers_of_record(cast)
    yield from _snapshots(cast)


def _partner(cast: Cast) -> Iterator[Sample]:
    partner, subject = cast.reseller, f"partner:{cast.id('organization')}"
    listed = relationships.PartnerListed(partner=partner, country=cast.country, region=cast.region)
    yield Sample(listed, subject, 1)
    later = BEGIN + timedelta(days=100)
    suspended = relationships.PartnerSuspended(partner=partner, reason="invoices-overdue", suspended_at=later)
    yield Sample(suspended, subject, 2, "operator")
    reinstated = relationships.PartnerReinstated(partner=partner, reinstated_at=later + timedelta(days=3))
    yield Sample(reinstated, subject, 3, "operator")
    notified = relationships.CustomersNotified(
        notice_id=cast.id("notice"),
        organization_id=partner.organization_id,
        partner_name=partner.name,
        standing="suspended",
        recipients=(cast.customer_contact,),
        notified_at=later,
    )
    yield Sample(notified, f"standing-notice:{cast.id('notice')}", 1)
    yield Sample(relationships.PartnerClosed(partner=partner, closed_at=later + timedelta(days=90)), subject, 4)
    yield Sample(relationships.PartnerReopened(partner=partner, reopened_at=later + timedelta(days=91)), subject, 5)
    erased = relationships.PartnerErased(
        organization_id=partner.organization_id, partner_id=partner.partner_id, erased_at=later + timedelta(days=300)
    )
    yield Sample(erased, subject, 6)


def _invitation(cast: Cast) -> Iterator[Sample]:
    subject = f"invitation:{cast.id('invitation')}"
    shared = {"invitation_id": cast.id("invitation"), "kind": "customer-joint" if cast.joint else "customer"}
    parties = {**shared, "inviter": cast.reseller, "provider": cast.provider if cast.joint else None}
    drafted = {**shared, "inviter_id": cast.id("organization")}
    if cast.joint:
        drafted["provider_id"] = cast.id("provider")
    yield Sample(relationships.InvitationDrafted.model_validate(drafted), subject, 1)
    mail = {
        "recipient": cast.customer_contact,
        "mail_subject": cast.mail_subject,
        "mail_body": cast.mail_body,
        "sealed_link": SEALED,
        "expires_at": BEGIN + timedelta(days=30),
    }
    yield Sample(relationships.InvitationSent.model_validate({**parties, **mail}), subject, 2)
    answer = {
        "accepted_by": cast.id("customer-admin"),
        "accepting_organization_id": cast.id("customer"),
        "accepting_organization_name": cast.customer_name,
        "country": cast.country,
        "contact": cast.customer_contact,
        "consent": "I authorize this partner to administer my account on my behalf.",
        "accepted_at": BEGIN + timedelta(days=1),
    }
    yield Sample(relationships.InvitationAccepted.model_validate({**parties, **answer}), subject, 3, "customer-admin")


def _endings(cast: Cast) -> Iterator[Sample]:
    """Each of another invitation."""

    def step(what: str, **more: object) -> tuple[dict[str, object], str]:
        id = cast.id(f"{what}-invitation")
        parties = {"inviter": cast.reseller, "provider": cast.provider if cast.joint else None}
        about = {"invitation_id": id, "kind": "customer-joint" if cast.joint else "customer", **parties}
        who = {"recipient": cast.customer_contact, "notify": cast.admin}
        return {**about, **who, "previous": "sent", "at": BEGIN + timedelta(days=2), **more}, f"invitation:{id}"

    of_addressee = {"by": cast.id("customer-admin"), "by_organization_id": cast.id("customer")}
    names = {"name": cast.customer_contact.name, "organization_name": cast.customer_name}
    data, subject = step("declined", reason="We have found another partner.", **names, **of_addressee)
    yield Sample(relationships.InvitationDeclined.model_validate(data), subject, 3, "customer-admin")
    data, subject = step("revoked", by=cast.id("admin"), by_organization_id=cast.id("organization"))
    yield Sample(relationships.InvitationRevoked.model_validate(data), subject, 3)
    data, subject = step("expired", at=BEGIN + timedelta(days=30))
    yield Sample(relationships.InvitationExpired.model_validate(data), subject, 3)
    of_inviter = {"by": cast.id("admin"), "by_organization_id": cast.id("organization")}
    until = {"expires_at": BEGIN + timedelta(days=30)}
    data, subject = step("handed-over", previous="draft", **of_inviter, **until)
    yield Sample(relationships.InvitationSentByInviter.model_validate(data), subject, 2)
    reminder = {"number": 1, "reminded": "addressee", "mail_subject": cast.mail_subject, "sealed_link": SEALED}
    data, subject = step("quiet", **reminder, **until, at=BEGIN + timedelta(days=15))
    yield Sample(relationships.InvitationReminded.model_validate(data), subject, 3)
    data, subject = step("ready", kind="partnership", inviter=cast.provider, provider=None, sealed_link=SEALED, **until)
    yield Sample(relationships.InvitationReady.model_validate(data), subject, 3)
    data, subject = step("bounced", reason="refused-by-server")
    yield Sample(relationships.InvitationUndeliverable.model_validate(data), subject, 3)
    data, subject = step("viewed", by=cast.id("customer-admin"), by_organization_id=cast.id("customer"))
    yield Sample(relationships.InvitationViewed.model_validate(data), subject, 3, "customer-admin")
    data, subject = step("opened", anyone_with_link=True, previous="draft", **of_inviter)
    yield Sample(relationships.InvitationAccessChanged.model_validate(data), subject, 2)
    asking = {
        "request_id": cast.id("access-request"),
        "requester": cast.colleague,
        "requester_id": cast.id("colleague"),
        "requesting_organization_id": cast.id("other-customer"),
        "requesting_organization_name": f"{cast.customer_name} Holding",
    }
    of_requester = {"by": cast.id("colleague"), "by_organization_id": cast.id("other-customer")}
    data, subject = step("forwarded", **asking, **of_requester)
    yield Sample(relationships.InvitationAccessRequested.model_validate(data), subject, 3, "colleague")
    confirmed = {"sealed_link": SEALED, "expires_at": BEGIN + timedelta(days=30)}
    data, subject = step("forwarded", **asking, **of_inviter, **confirmed)
    yield Sample(relationships.InvitationAccessConfirmed.model_validate(data), subject, 4)
    data, subject = step("misled", **asking, **of_inviter)
    yield Sample(relationships.InvitationAccessRefused.model_validate(data), subject, 4)


def _relations(cast: Cast) -> Iterator[Sample]:
    pair = f"{cast.provider.organization_id}.{cast.reseller.organization_id}"
    partnership = relationships.PartnershipEstablished(
        partnership_id=pair,
        provider=cast.provider,
        reseller=cast.reseller,
        admin_access=True,
        invitation_id=cast.id("partnership-invitation"),
    )
    yield Sample(partnership, f"partnership:{pair}", 1)
    yield from _partnership_life(cast, pair)
    resellers = (cast.reseller, cast.provider) if cast.joint else (cast.reseller,)
    authorized = relationships.ResellersAuthorized(
        customer_id=cast.id("customer"),
        customer_name=cast.customer_name,
        contact=cast.customer_contact,
        grants=tuple(relationships.Grant(partner=one, permissions=("administer", "order")) for one in resellers),
        invitation_id=cast.id("invitation"),
    )
    customer = f"customer:{cast.id('customer')}"
    yield Sample(authorized, customer, 1, "customer-admin")
    yield Sample(relationships.CustomerClosed(customer_id=cast.id("customer")), customer, 2)
    yield Sample(relationships.CustomerReopened(customer_id=cast.id("customer")), customer, 3)
    refused = relationships.ResellersRefused(
        customer_id=cast.id("customer"),
        partners=resellers,
        invitation_id=cast.id("late-invitation"),
        reason="too-many-partners",
        customer_name=cast.customer_name,
        contact=cast.customer_contact,
    )
    yield Sample(refused, customer, 4, "customer-admin")


def _partnership_life(cast: Cast, pair: str) -> Iterator[Sample]:
    subject = f"partnership:{pair}"
    both = {"partnership_id": pair, "provider": cast.provider, "reseller": cast.reseller}
    granted = relationships.ProviderAdminAccessGranted(
        **both,
        granted_by=cast.id("admin"),
        granted_at=BEGIN + timedelta(days=2),
        until=BEGIN + timedelta(days=92),
    )
    yield Sample(granted, subject, 2)
    removed = relationships.ProviderAdminAccessRemoved(
        **both, removed_at=BEGIN + timedelta(days=92), cause="time-over" if cast.joint else "removed-by-reseller"
    )
    yield Sample(removed, subject, 3)
    later = BEGIN + timedelta(days=100)
    yield Sample(
        relationships.PartnershipSuspended(**both, side="reseller", suspended_at=later), subject, 4, "operator"
    )
    resumed = relationships.PartnershipResumed(
        **both, side="reseller", resumed_at=later + timedelta(days=3), active=True
    )
    yield Sample(resumed, subject, 5, "operator")
    due = relationships.ResellerReauthorizationDue(**both, due_at=later + timedelta(days=90))
    yield Sample(due, subject, 6, "operator")
    yield Sample(relationships.ResellerReauthorized(**both), subject, 7, "operator")
    ended = relationships.PartnershipEnded(
        **both,
        invitation_id=cast.id("partnership-invitation"),
        since=BEGIN + timedelta(days=1),
        ended_at=BEGIN + timedelta(days=200),
        ended_by=cast.provider.organization_id,
        reason="by-agreement",
        comment="Vertrag 2024-117",
    )
    yield Sample(ended, subject, 6)


def _imports(cast: Cast) -> Iterator[Sample]:
    # The customer's own id follows from the portal and its number there.
    key, subject = "nordlicht:K-20417", f"customer:{cast.id('imported-customer')}"
    facts = {
        "customer_id": cast.id("imported-customer"),
        "portal": "nordlicht",
        "external_id": "K-20417",
        "name": cast.customer_name,
        "country": cast.country,
        "partner_id": cast.partner_id,
        "reason": "country-changed",
    }
    yield Sample(relationships.ImportCustomer.model_validate(facts), key, 0, "portal")
    yield Sample(relationships.CustomerImported.model_validate(facts), subject, 1, "portal")
    yield Sample(relationships.CustomerImportRefused.model_validate(facts), subject, 2, "portal")
    refused = {
        "command_id": "nordlicht-import-K-20418-1",
        "command_source": "/portals/nordlicht",
        "command_type": relationships.ImportCustomer.TYPE,
        "reason": "malformed",
        "field": "data.country",
        "detail": "String should match pattern '^[A-Z]{2}$'",
    }
    yield Sample(CommandRefused.model_validate(refused), "refused-commands:7", 1, "portal")


def _ends(cast: Cast) -> Iterator[Sample]:
    subject, key = f"customer:{cast.id('customer')}", f"nordlicht:{cast.id('customer')}"
    pair = {"customer_id": cast.id("customer"), "partner_id": cast.reseller.partner_id}
    report = {**pair, "portal": "nordlicht", "active": 3}
    yield Sample(customers.ReportSubscriptions.model_validate(report), key, 0, "portal")
    reported = {**report, "reported_at": BEGIN + timedelta(days=2)}
    yield Sample(customers.SubscriptionsReported.model_validate(reported), subject, 5, "portal")
    refused = {**report, "reason": "no-relationship"}
    yield Sample(customers.SubscriptionsRefused.model_validate(refused), subject, 6, "portal")
    ended = customers.RelationshipEnded(
        customer_id=cast.id("customer"),
        customer_name=cast.customer_name,
        partner_id=cast.reseller.partner_id,
        organization_id=cast.reseller.organization_id,
        partner_name=cast.reseller.name,
        ended_by="customer",
        ended_by_user=cast.id("customer-admin"),
        reason="We work with another company now.",
        ended_at=BEGIN + timedelta(days=3),
        version=2,
        contact=cast.customer_contact,
        partner=cast.reseller,
        others=(cast.provider,) if cast.joint else (),
    )
    yield Sample(ended, subject, 7, "customer-admin")


def _directory(cast: Cast) -> Iterator[Sample]:
    provider, subject = cast.provider, f"profile:{cast.id('provider')}"
    profile = directory.ProviderProfile(
        description="Cloud services for small and medium companies.",
        website="https://provider.example/partner",
        phone="+49 421 555 0",
        languages=("de", "en"),
        countries_served=(cast.country,),
        services=("training", "financing"),
        support_level="extended-hours",
        industries=("Handwerk",),
        products=("Office",),
        customer_sizes=("small", "medium"),
        locations=(directory.Location(country=cast.country, city="Bremen"),),
        logo_url="https://provider.example/logo.png",
        lead_contact=directory.LeadContact(name="Vertrieb Nord", email="partner@provider.example"),
    )
    edited = directory.ProfileEdited(
        organization_id=provider.organization_id,
        profile=profile,
        previous=directory.ProviderProfile(description="Cloud services."),
        edited_at=BEGIN + timedelta(days=2),
    )
    yield Sample(edited, subject, 1, "admin")
    published = directory.ProfilePublished(
        organization_id=provider.organization_id,
        name=provider.name,
        country=cast.country,
        region=cast.region,
        profile=profile,
        published_at=BEGIN + timedelta(days=3),
    )
    yield Sample(published, subject, 2)
    gone = directory.ProfileUnpublished(
        organization_id=provider.organization_id, unpublished_at=BEGIN + timedelta(days=300)
    )
    yield Sample(gone, subject, 3)
    yield from _requests(cast)


def _requests(cast: Cast) -> Iterator[Sample]:
    id = f"{cast.provider.organization_id}.{cast.reseller.organization_id}"
    subject, asked = f"partnership-request:{id}", BEGIN + timedelta(days=4)
    both = {"request_id": id, "provider": cast.provider, "reseller": cast.reseller}
    to_requester = {**both, "requester": cast.admin}
    requested = directory.PartnershipRequested(
        **to_requester,
        requested_by=cast.id("admin"),
        message="Wolken, Telefonie, 40 Kunden",
        requested_at=asked,
        expires_at=asked + timedelta(days=14),
    )
    yield Sample(requested, subject, 1)
    accepted = directory.PartnershipRequestAccepted(
        **to_requester,
        invitation_id=cast.id("requested-invitation"),
        accepted_by=cast.id("admin"),
        accepter=cast.provider_contact,
        accepted_at=asked + timedelta(days=1),
    )
    yield Sample(accepted, subject, 2, "admin")
    declined = directory.PartnershipRequestDeclined(
        **to_requester, reason="outside-offer", comment="Vertrag 2024-117", declined_at=asked + timedelta(days=100)
    )
    yield Sample(declined, subject, 3, "admin")
    withdrawn = directory.PartnershipRequestWithdrawn(**both, withdrawn_at=asked + timedelta(days=200))
    yield Sample(withdrawn, subject, 4)
    expired = directory.PartnershipRequestExpired(**to_requester, expired_at=asked + timedelta(days=300))
    yield Sample(expired, subject, 5)


def _grants(cast: Cast) -> Iterator[Sample]:
    until, customer = BEGIN + timedelta(days=92), f"customer:{cast.id('customer')}"
    terms = admin_grants.GrantTerms(
        grant_id=cast.id("grant"),
        customer_id=cast.id("customer"),
        customer_name=cast.customer_name,
        partner=cast.reseller,
        name="Help 2026",
        roles=("user-administrator", "licence-administrator"),
        days=90,
        contact=cast.customer_contact,
    )
    extended = terms.model_copy(update={"auto_extend_days": 180})
    held = {"customer_id": terms.customer_id, "partner_id": terms.partner.partner_id, "grant_id": terms.grant_id}
    by = cast.id("customer-admin")
    steps: tuple[tuple[type[Payload], dict[str, object], str], ...] = (
        (
            admin_grants.AdminGrantRequested,
            {"requested_by": cast.id("admin"), "requested_at": BEGIN, "answer_by": BEGIN + timedelta(days=90)},
            "admin",
        ),
        (
            admin_grants.AdminGrantApproved,
            {"approved_by": by, "approved_at": BEGIN + timedelta(days=2), "expires_at": until},
            "customer-admin",
        ),
        (
            admin_grants.AdminGrantDelayed,
            {
                "approved_at": BEGIN + timedelta(days=2),
                "looked_at": BEGIN + timedelta(days=2, minutes=15),
            },
            "service",
        ),
        (admin_grants.AdminGrantActivated, {"expires_at": until}, "service"),
        (admin_grants.AdminGrantExpiring, {"expires_at": until, "days_left": 30}, "service"),
        (admin_grants.AdminGrantExtensionChanged, {"grant": extended, "changed_by": by}, "customer-admin"),
        (admin_grants.AdminGrantExtended, {"grant": extended, "expires_at": until + timedelta(days=180)}, "service"),
        (
            admin_grants.AdminGrantEnded,
            {
                "because": "ended-by-customer",
                "ended_by": by,
                "reason": "The work is done.",
                "ended_at": BEGIN + timedelta(days=100),
            },
            "customer-admin",
        ),
    )
    for number, (event, facts, actor) in enumerate(steps, 1):
        yield Sample(event.model_validate({"grant": terms, **facts}), f"admin-grant:{terms.grant_id}", number, actor)
    holding = {**held, "roles": terms.roles, "expires_at": until}
    yield Sample(admin_grants.AdminGrantHeld.model_validate(holding), customer, 8, "service")
    yield Sample(admin_grants.AdminGrantDropped.model_validate(held), customer, 9, "service")


def _resellers_of_record(cast: Cast) -> Iterator[Sample]:
    subject, key = f"reseller-of-record:{cast.id('record')}", f"nordlicht:{cast.id('customer')}"
    provider, reseller = (
        resellers_of_record.NamedPartner(organization_id=one.organization_id, partner_id=one.partner_id, name=one.name)
        for one in (cast.provider, cast.reseller)
    )
    about = {"customer_id": cast.id("customer"), "subscription_id": "A-2026-0117"}
    wanted = {**about, "portal": "nordlicht", "provider_partner_id": provider.partner_id}
    named = {**wanted, "partner_id": reseller.partner_id}
    facts = {**about, "record_id": cast.id("record"), "provider": provider, "reseller": reseller, "portal": "nordlicht"}
    since = BEGIN + timedelta(days=2)
    yield Sample(resellers_of_record.SetResellerOfRecord.model_validate(named), key, 0, "portal")
    yield Sample(
        resellers_of_record.ResellerOfRecordSet.model_validate({**facts, "set_at": since}), subject, 1, "portal"
    )
    refused = {**named, "reason": "partnership-missing"}
    yield Sample(resellers_of_record.ResellerOfRecordRefused.model_validate(refused), subject, 2, "portal")
    yield Sample(resellers_of_record.RemoveResellerOfRecord.model_validate(wanted), key, 0, "portal")
    ended = {**facts, "because": "removed-by-provider", "since": since, "ended_at": since + timedelta(days=30)}
    yield Sample(resellers_of_record.ResellerOfRecordEnded.model_validate(ended), subject, 3, "portal")
    moved = {name: value for name, value in facts.items() if name != "portal"} | {
        "former_customer_id": cast.id("imported-customer"),
        "moved_at": since + timedelta(days=1),
    }
    yield Sample(resellers_of_record.ResellerOfRecordMoved.model_validate(moved), subject, 4, "service")


def _matches(cast: Cast) -> Iterator[Sample]:
    imported, own = cast.id("imported-customer"), cast.id("customer")
    on_imported, on_own = f"customer:{imported}", f"customer:{own}"
    ids = {"imported_id": imported, "customer_id": own}
    at = BEGIN + timedelta(days=40)
    matched = customer_matches.CustomerMatched(
        **ids,
        imported_name=cast.customer_name,
        portal="nordlicht",
        external_id="K-20417",
        country=cast.country,
        customer_name=cast.customer_name,
        contact=cast.customer_contact,
        confirmed_by=cast.id("customer-admin"),
        matched_at=at,
        undo_until=at + timedelta(days=30),
        partners=(cast.reseller,),
    )
    yield Sample(matched, on_imported, 3, "customer-admin")
    moved = customer_matches.MovedRelationship(partner_id=cast.partner_id, permissions=("administer",), since=BEGIN)
    yield Sample(customer_matches.RelationshipsMoved(**ids, moved=(moved,), moved_at=at), on_own, 8, "customer-admin")
    passed_on = customer_matches.PortalMessagePassedOn(
        **ids, partner_id=cast.partner_id, portal="nordlicht", active=4, at=at + timedelta(days=1)
    )
    yield Sample(passed_on, on_imported, 4, "portal")
    returned = customer_matches.ReturnedRelationship(
        partner_id=cast.partner_id,
        permissions=("administer",),
        subscriptions=(customer_matches.PortalCount(portal="nordlicht", active=4),),
    )
    undone = customer_matches.CustomerMatchUndone(
        **ids,
        customer_name=cast.customer_name,
        contact=cast.customer_contact,
        undone_by="customer",
        undone_by_user=cast.id("customer-admin"),
        undone_at=at + timedelta(days=2),
        returned=(returned,),
        partners=(cast.reseller,),
    )
    yield Sample(undone, on_own, 9, "customer-admin")
    restored = customer_matches.ImportedCustomerRestored(**ids, restored_at=at + timedelta(days=2))
    yield Sample(restored, on_imported, 5)


def _snapshots(cast: Cast) -> Iterator[Sample]:
    """As they are when the customer has its partners and one of them a grant."""
    grant = relationships.EdgeGrant(
        grant_id=cast.id("grant"), roles=("user-administrator",), expires_at=BEGIN + timedelta(days=90)
    )
    edges = [
        relationships.Edge(
            partner_id=cast.partner_id,
            permissions=("administer",),
            version=3,
            since=BEGIN + timedelta(days=1),
            grants=(grant,),
        )
    ]
    if cast.joint:
        edges.append(
            relationships.Edge(
                partner_id=cast.provider_partner_id,
                permissions=("order",),
                version=1,
                since=BEGIN + timedelta(days=1),
            )
        )
    customer = relationships.CustomerSnapshot(customer_id=cast.id("customer"), edges=tuple(edges))
    yield Sample(customer, f"customer:{cast.id('customer')}", 4)
    pair = f"{cast.id('provider')}.{cast.id('organization')}"
    partnership = relationships.PartnershipSnapshot(
        partnership_id=pair,
        provider_id=cast.id("provider"),
        reseller_id=cast.id("organization"),
        active=True,
        since=BEGIN,
        admin_access=True,
        admin_access_until=BEGIN + timedelta(days=365),
    )
    yield Sample(partnership, f"partnership:{pair}", 1)
    partner = relationships.PartnerSnapshot(organization_id=cast.id("organization"), partner_id=cast.partner_id)
    yield Sample(partner, f"partner:{cast.id('organization')}", 1)
