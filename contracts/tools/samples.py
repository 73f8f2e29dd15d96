"""One realistic instance of every message, for the golden examples and for whoever wants to see a message."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from kontor_contracts import Envelope, Payload, enrollment, identity, new_envelope, notifications, relationships
from kontor_contracts.topics import Topic

from cast import AUSTRIAN, ENGLISH, GERMAN, Cast

BEGIN = datetime(2026, 11, 2, 8, 14, 7, tzinfo=UTC)
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
# A compact JWE in shape alone: nothing is in it.
SEALED = (
    "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSIsImtpZCI6Im5vdGlmaWNhdGlvbnMtMjAyNi0xMCJ9"
    "..48V1_ALb6US04U3b.5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6ji.XFBoMYUZodetZdvTiFvSkQ"
)
CASTS = {"notifications": GERMAN, "identity": ENGLISH, "relationships": AUSTRIAN}
"""Who plays in a consumer's examples: notifications writes the mails, so it gets the umlauts that hurt most."""


class Sample(NamedTuple):
    """A message with the aggregate it is about and its number there (0: a command, which has none)."""

    data: Payload
    subject: str
    sequence: int


def envelope_for(topic: Topic, message: type[Payload], consumer: str) -> Envelope[Payload]:
    """The example of ``message`` as ``consumer`` finds it on ``topic``."""
    cast = CASTS.get(consumer, GERMAN)
    number, sample = next((n, s) for n, s in enumerate(samples(cast)) if type(s.data) is message)
    actor = "service:portal" if topic.kind == "commands" else f"user:{cast.id('admin')}"
    attributes: dict[str, Any] = {
        "id": cast.id(f"message/{message.TYPE}"),
        "source": "/portals/nordlicht" if topic.kind == "commands" else f"/kontor/{topic.owner}",
        "subject": sample.subject,
        "time": BEGIN + timedelta(minutes=7 * number, milliseconds=137 * number),
        "sequence": sample.sequence,
        "correlationid": cast.id("conversation"),
        "causationid": cast.id(f"cause/{message.TYPE}"),
        "tenantid": getattr(sample.data, "organization_id", cast.id("organization")),
        "actor": actor,
        "traceparent": TRACE,
    }
    return new_envelope(sample.data, **attributes)


def samples(cast: Cast) -> Iterator[Sample]:
    """Every message once, in the order in which a company would live through them."""
    yield from _people(cast)
    yield from _application(cast)
    yield from _review(cast)
    yield from _invitation(cast)
    yield from _relations(cast)
    yield from _imports(cast)
    yield from _mails(cast)


def _people(cast: Cast) -> Iterator[Sample]:
    organization, admin, colleague = (cast.id(what) for what in ("organization", "admin", "colleague"))
    profile = identity.OrganizationProfile(
        organization_id=organization, name=cast.company, kind="reseller", country=cast.country, culture=cast.culture
    )
    signed_up = identity.UserSignedUp(
        user_id=admin,
        organization=profile,
        full_name=cast.admin.name,
        email=cast.admin.email,
        culture=cast.culture,
        roles=("global-admin",),
    )
    added = identity.UserAdded(
        user_id=colleague,
        organization_id=organization,
        organization_name=cast.company,
        full_name=cast.colleague.name,
        email=cast.colleague.email,
        culture=cast.culture,
        roles=("sales-agent",),
        added_by=admin,
    )
    yield Sample(signed_up, f"user:{admin}", 1)
    registered = identity.OrganizationRegistered(organization=profile, registered_by=admin)
    yield Sample(registered, f"organization:{organization}", 1)
    activated = identity.OrganizationActivated(organization_id=organization, enrollment_id=cast.id("enrollment"))
    yield Sample(activated, f"organization:{organization}", 2)
    yield Sample(added, f"user:{colleague}", 1)
    yield Sample(_of_user(identity.UserPasswordChanged, cast), f"user:{colleague}", 2)
    changes = {"roles": ("sales-agent", "admin-agent"), "added": ("admin-agent",), "removed": ()}
    yield Sample(_of_user(identity.UserRolesChanged, cast, **changes), f"user:{colleague}", 3)


def _of_user(message: type[Payload], cast: Cast, **rest: Any) -> Payload:
    return message.model_validate(
        {"user_id": cast.id("colleague"), "organization_id": cast.id("organization"), **rest}
    )


def _application(cast: Cast) -> Iterator[Sample]:
    imported = enrollment.PartnerProfileImported(
        partner_id=cast.partner_id, company_name=cast.company, country=cast.country, status="active"
    )
    yield Sample(imported, f"partner-profile:{cast.partner_id}", 1)
    about = {"program": "indirect-reseller", "country": cast.country}
    yield _step(1, enrollment.EnrollmentStarted, cast, **about, started_by=cast.id("admin"))
    yield _step(2, enrollment.PartnerIdAssociated, cast, partner_id=cast.partner_id)
    yield _step(3, enrollment.EnrollmentSubmitted, cast, **about, partner_id=cast.partner_id)
    expires = BEGIN + timedelta(days=7)
    yield _step(4, enrollment.ContactVerificationRequested, cast, sealed_link=SEALED, expires_at=expires)
    yield _step(5, enrollment.ContactVerified, cast)
    yield _step(5, enrollment.ContactDenied, cast)


def _review(cast: Cast) -> Iterator[Sample]:
    reviewer = cast.id("reviewer")
    yield _step(6, enrollment.EnrollmentApproved, cast, reviewed_by=reviewer)
    yield _step(6, enrollment.EnrollmentRejected, cast, reviewed_by=reviewer, reason="employment-not-verified")
    agreement = {"agreement_version": "2026-10", "signed_by": cast.id("admin"), "signed_at": BEGIN + timedelta(days=2)}
    yield _step(7, enrollment.AgreementSigned, cast, **agreement)
    about = {"partner": cast.reseller, "country": cast.country, "region": cast.region, "enrolled_by": cast.id("admin")}
    yield _step(8, enrollment.EnrollmentActivated, cast, **about)


def _step(sequence: int, message: type[Payload], cast: Cast, **rest: Any) -> Sample:
    """An event of the enrollment. What a message does not have of these facts it ignores."""
    facts = {
        "enrollment_id": cast.id("enrollment"),
        "organization_id": cast.id("organization"),
        "company_name": cast.company,
        "contact": cast.admin,
        **rest,
    }
    return Sample(message.model_validate(facts), f"enrollment:{cast.id('enrollment')}", sequence)


def _invitation(cast: Cast) -> Iterator[Sample]:
    subject = f"invitation:{cast.id('invitation')}"
    shared = {"invitation_id": cast.id("invitation"), "kind": "customer-joint" if cast.joint else "customer"}
    parties = {**shared, "inviter": cast.reseller, "provider": cast.provider if cast.joint else None}
    drafted = {**shared, "inviter_id": cast.id("organization"), "provider_id": cast.id("provider")}
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
    yield Sample(relationships.InvitationAccepted.model_validate({**parties, **answer}), subject, 3)


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
    resellers = (cast.reseller, cast.provider) if cast.joint else (cast.reseller,)
    authorized = relationships.ResellersAuthorized(
        customer_id=cast.id("customer"),
        customer_name=cast.customer_name,
        contact=cast.customer_contact,
        grants=tuple(relationships.Grant(partner=one, permissions=("administer", "order")) for one in resellers),
        invitation_id=cast.id("invitation"),
    )
    yield Sample(authorized, f"customer:{cast.id('customer')}", 1)


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
    yield Sample(relationships.ImportCustomer.model_validate(facts), key, 0)
    yield Sample(relationships.CustomerImported.model_validate(facts), subject, 1)
    yield Sample(relationships.CustomerImportRefused.model_validate(facts), subject, 2)


def _mails(cast: Cast) -> Iterator[Sample]:
    mail = cast.id("mail")
    about = {"mail_id": mail, "template": "invitation-sent", "cause_id": cast.id("message/invitation-sent")}
    yield Sample(notifications.MailQueued.model_validate(about), f"mail:{mail}", 1)
    yield Sample(notifications.MailSent.model_validate({**about, "attempts": 2}), f"mail:{mail}", 2)
    why = {"attempts": 3, "reason": "refused-by-server", "detail": "550 5.1.1 mailbox unknown"}
    yield Sample(notifications.MailAbandoned.model_validate({**about, **why}), f"mail:{mail}", 2)
