"""A company's way into the program, with both endings of each question."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from kontor_contracts import Payload, enrollment
from samples.cast import BEGIN, SEALED, Cast, Sample


def samples(cast: Cast) -> Iterator[Sample]:
    """Every message of enrollment once, in the order in which a company would live through them."""
    yield from _application(cast)
    yield from _review(cast)
    yield from _other_ways(cast)


def _application(cast: Cast) -> Iterator[Sample]:
    imported = enrollment.PartnerProfileImported(
        partner_id=cast.partner_id,
        company_name=cast.company,
        country=cast.country,
        status="active",
        kind="location",
        program_state="none",
    )
    yield Sample(imported, f"partner-profile:{cast.partner_id}", 1)
    yield from _registry(cast)
    about = {"program": "indirect-reseller", "country": cast.country}
    yield _step(1, enrollment.EnrollmentStarted, cast, **about, started_by=cast.id("admin"))
    yield _step(2, enrollment.PartnerIdAssociated, cast, partner_id=cast.partner_id)
    yield _step(3, enrollment.EnrollmentSubmitted, cast, **about, partner_id=cast.partner_id)
    yield _step(3, enrollment.EnrollmentSubmittedUnlinked, cast, **about)
    expires = BEGIN + timedelta(days=7)
    yield _step(4, enrollment.ContactVerificationRequested, cast, sealed_link=SEALED, expires_at=expires)
    yield _step(5, enrollment.ContactVerified, cast)
    yield _step(5, enrollment.ContactDenied, cast)


def _registry(cast: Cast) -> Iterator[Sample]:
    """What another service does with the membership registry."""
    profile: dict[str, Any] = {"partner_id": cast.partner_id, "company_name": cast.company, "country": cast.country}
    kept = enrollment.UpsertPartnerProfile(**profile, membership_account=cast.admin.email, program_state="enrolled")
    yield Sample(kept, cast.partner_id, 0, "portal")
    yield Sample(enrollment.RetirePartnerProfile(partner_id=cast.partner_id), cast.partner_id, 0, "portal")
    unknown = enrollment.PartnerProfileRefused(partner_id=cast.partner_id, reason="profile-unknown")
    yield Sample(unknown, "refused-commands:7", 1, "portal")
    bad = enrollment.RegistryCommandRefused(
        command_id="nordlicht-profile-4711-1",
        command_source="/portals/nordlicht",
        command_type=enrollment.UpsertPartnerProfile.TYPE,
        reason="malformed",
        field="data.country",
        detail="String should match pattern '^[A-Z]{2}$'",
    )
    yield Sample(bad, "refused-commands:7", 2, "portal")


def _review(cast: Cast) -> Iterator[Sample]:
    reviewer = cast.id("reviewer")
    yield _step(6, enrollment.EnrollmentApproved, cast, "reviewer", reviewed_by=reviewer)
    why = {"reviewed_by": reviewer, "reason": "employment-not-verified"}
    yield _step(6, enrollment.EnrollmentRejected, cast, "reviewer", **why)
    agreement: dict[str, Any] = {
        "agreement_version": "2026-10",
        "signed_by": cast.id("admin"),
        "signed_at": BEGIN + timedelta(days=2),
    }
    yield _step(7, enrollment.AgreementSigned, cast, **agreement)
    about: dict[str, Any] = {"partner": cast.reseller, "country": cast.country, "region": cast.region}
    yield _step(8, enrollment.EnrollmentActivated, cast, **about, enrolled_by=cast.id("admin"))
    yield _step(9, enrollment.LegalNameChanged, cast, "reviewer", **about, previous_name="-", changed_by=reviewer)
    overdue: dict[str, Any] = {
        "reason": "invoices-overdue",
        "explanation": "Three invoices are more than 60 days late.",
    }
    yield _step(10, enrollment.EnrollmentSuspended, cast, "reviewer", **about, **overdue, suspended_by=reviewer)
    cleared: dict[str, Any] = {"reason": "cause-cleared", "explanation": "The invoices are paid."}
    yield _step(11, enrollment.EnrollmentReinstated, cast, "reviewer", **about, **cleared, reinstated_by=reviewer)


def _other_ways(cast: Cast) -> Iterator[Sample]:
    """What else may become of an enrollment."""
    applicant: dict[str, Any] = {"applicant": {**cast.admin.model_dump(), "user_id": cast.id("admin")}}
    yield _step(6, enrollment.EnrollmentReopened, cast, reopened_by=cast.id("admin"))
    yield _step(7, enrollment.EnrollmentAppealed, cast, **applicant, appealed_by=cast.id("admin"), appeals_left=2)
    corrected: dict[str, Any] = {"fields": ["company_name", "address"], "corrected_by": cast.id("reviewer")}
    yield _step(6, enrollment.EnrollmentCorrected, cast, "reviewer", **applicant, **corrected, by_staff=True)
    ends: dict[str, Any] = {"ends_at": BEGIN + timedelta(days=30)}
    yield _step(6, enrollment.EnrollmentReminded, cast, **applicant, **ends, status="contact-pending")
    yield _step(7, enrollment.EnrollmentExpired, cast, **applicant, status="contact-pending")
    yield _step(7, enrollment.EnrollmentWithdrawn, cast, **applicant, withdrawn_by=cast.id("admin"), by_staff=False)
    yield _step(8, enrollment.EnrollmentErased, cast, erased_by=cast.id("admin"), by_staff=False)
    of: dict[str, Any] = {"partner": cast.reseller, **applicant}
    over: dict[str, Any] = {"country": cast.country, "region": cast.region, "by_staff": False}
    notice: dict[str, Any] = {"ends_at": BEGIN + timedelta(days=90), "given_by": cast.id("admin"), "by_staff": False}
    yield _step(12, enrollment.NoticeGiven, cast, **of, **notice)
    yield _step(13, enrollment.NoticeWithdrawn, cast, **of, withdrawn_by=cast.id("admin"))
    yield _step(14, enrollment.EnrollmentEnded, cast, **of, **over)
    yield from _legal_change(cast, of)
    yield _step(5, enrollment.ContactUndeliverable, cast, **applicant, reason="refused-by-server")
    granted: dict[str, Any] = {
        "address": "info@nordlicht.example",
        "fault": "role-mailbox",
        "granted_by": cast.id("reviewer"),
    }
    yield _step(5, enrollment.MailboxExceptionGranted, cast, "reviewer", **applicant, **granted)
    yield _step(6, enrollment.MailboxExceptionWithdrawn, cast, "reviewer", withdrawn_by=cast.id("reviewer"))
    claimed: dict[str, Any] = {"change": "claimed", "new": cast.id("reviewer"), "changed_by": cast.id("reviewer")}
    yield _step(6, enrollment.ReviewFileChanged, cast, "reviewer", **claimed)
    results = [
        {"check": "registration-id", "outcome": "passed"},
        {"check": "other-enrollments", "outcome": "flagged"},
        {"check": "watch-list", "outcome": "flagged", "high_risk": True},
        {"check": "external", "outcome": "unavailable"},
    ]
    yield _step(6, enrollment.BusinessChecked, cast, results=results)
    yield _step(7, enrollment.DomainChecked, cast, domain="nordlicht.example", proved=True)
    asked: dict[str, Any] = {"step": "business", "documents": ["registry-record"], "requested_by": cast.id("reviewer")}
    until = {"answer_until": BEGIN + timedelta(days=30), "explanation": "It may be three months old at most."}
    yield _step(6, enrollment.DocumentsRequested, cast, "reviewer", **applicant, **asked, **until)
    yield _step(7, enrollment.DocumentsReceived, cast, **applicant, documents=1, received_from=cast.id("admin"))
    yield _step(7, enrollment.DocumentRequestWithdrawn, cast, "reviewer", **applicant, withdrawn_by=cast.id("reviewer"))
    yield from _reauthorization(cast, of, applicant)
    yield from _acceptance(cast, of)
    yield from _contact_change(cast, of)
    late: dict[str, Any] = {"was_due": BEGIN + timedelta(days=7), "escalation": 1}
    yield _step(7, enrollment.ReviewDelayed, cast, **applicant, **late)


def _legal_change(cast: Cast, of: dict[str, Any]) -> Iterator[Sample]:
    change: dict[str, Any] = {**of, "fields": ["company_name", "address"]}
    reviewer = cast.id("reviewer")
    due = BEGIN + timedelta(days=7)
    yield _step(9, enrollment.LegalChangeProposed, cast, **change, proposed_by=cast.id("admin"), review_due=due)
    market: dict[str, Any] = {"country": cast.country, "region": cast.region}
    yield _step(10, enrollment.LegalChangeAccepted, cast, "reviewer", **change, **market, accepted_by=reviewer)
    why: dict[str, Any] = {"reason": "proof-missing", "explanation": "An official register entry is missing."}
    until = BEGIN + timedelta(days=30)
    yield _step(
        10, enrollment.LegalChangeRejected, cast, "reviewer", **change, **why, rejected_by=reviewer, settle_until=until
    )
    yield _step(10, enrollment.LegalChangeWithdrawn, cast, "reviewer", **change, withdrawn_by=reviewer, by_staff=True)


def _reauthorization(cast: Cast, of: dict[str, Any], applicant: dict[str, Any]) -> Iterator[Sample]:
    year, reviewer = timedelta(days=365), cast.id("reviewer")
    yield _step(15, enrollment.ReauthorizationNoticed, cast, **of, due_at=BEGIN + year, reminder=0)
    confirmed: dict[str, Any] = {"confirmed": ["legal-profile", "contacts", "agreement", "second-factors"]}
    confirmed |= {"confirmed_by": cast.id("admin"), "next_due_at": BEGIN + 2 * year}
    yield _step(16, enrollment.PartnerReauthorized, cast, **of, **confirmed)
    moved: dict[str, Any] = {"due_at": BEGIN + year, "explanation": "Ihre Anfrage von heute.", "moved_by": reviewer}
    yield _step(17, enrollment.ReauthorizationMoved, cast, "reviewer", **of, **moved)
    yield _step(18, enrollment.WaitEnded, cast, "reviewer", **applicant, by_staff=True)


def _acceptance(cast: Cast, of: dict[str, Any]) -> Iterator[Sample]:
    """A new version of the agreement, which a partner accepts."""
    version, until, staff = "2027-06", BEGIN + timedelta(days=60), cast.id("reviewer")
    edition: dict[str, Any] = {"version": version, "languages": ["de", "en"], "accept_until": until}
    subject = f"agreement-edition:{version}"
    published = enrollment.AgreementPublished(**edition, regions=[cast.region], published_by=staff)
    yield Sample(published, subject, 1, "reviewer")
    about: dict[str, Any] = {**of, "agreement_version": version}
    yield _step(19, enrollment.AcceptanceRequested, cast, **about, accept_until=until, reminder=0)
    later: dict[str, Any] = {"accept_until": until + timedelta(days=30), "explanation": "Ihre Anfrage von heute."}
    yield _step(20, enrollment.AcceptanceMoved, cast, "reviewer", **about, **later, moved_by=staff)
    yield _step(
        21, enrollment.AgreementAccepted, cast, **about, previous_version="2026-10", accepted_by=cast.id("admin")
    )
    yield _step(22, enrollment.AcceptanceCancelled, cast, "reviewer", **about)
    yield Sample(enrollment.AgreementWithdrawn(version=version, withdrawn_by=staff), subject, 2, "reviewer")


def _contact_change(cast: Cast, of: dict[str, Any]) -> Iterator[Sample]:
    """A partner names another primary contact, once with a yes and once with a no."""
    new = {"name": "Béla Weiß", "email": "bela.weiss@mueller-soehne.example", "culture": "de"}
    until = BEGIN + timedelta(days=7)
    asked: dict[str, Any] = {**of, "new_contact": new, "requested_by": cast.id("admin")}
    links: dict[str, Any] = {"sealed_link": SEALED, "sealed_objection": SEALED}
    yield _step(23, enrollment.ContactChangeRequested, cast, **asked, **links, expires_at=until, object_until=until)
    market: dict[str, Any] = {"country": cast.country, "region": cast.region}
    changed: dict[str, Any] = {**of, **market, "previous": new, "changed_by": cast.id("admin")}
    yield _step(24, enrollment.PrimaryContactChanged, cast, **changed, reason="confirmed")
    yield _step(25, enrollment.ContactChangeEnded, cast, **asked, outcome="declined", ended_by="new-contact")


def _step(sequence: int, message: type[Payload], cast: Cast, actor: str = "admin", **rest: Any) -> Sample:
    """An event of the enrollment. What a message does not have of these facts it ignores."""
    facts = {
        "enrollment_id": cast.id("enrollment"),
        "organization_id": cast.id("organization"),
        "company_name": cast.company,
        "contact": cast.admin,
        **rest,
    }
    return Sample(message.model_validate(facts), f"enrollment:{cast.id('enrollment')}", sequence, actor)
