"""Decisions on the information of an enrollment: start, partner id, profile, contacts, submit.

Until the program has decided everything can be corrected (`corrections`). Another mailbox of the primary contact has to
be confirmed again.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from enrollment.domain.enrollment.addressing import addressed
from enrollment.domain.enrollment.company import company_name_fault, missing
from enrollment.domain.enrollment.corrections import corrected, not_editable
from enrollment.domain.enrollment.facts import Fact
from enrollment.domain.enrollment.mailbox_exceptions import is_accepted
from enrollment.domain.enrollment.own_facts import (
    AccountNoted,
    LegalProfileUpdated,
    LinkIssued,
    PrimaryContactSet,
    RegistryNameNoted,
    SupportContactSet,
    VerificationReopened,
    reached,
)
from enrollment.domain.enrollment.postponing import may_link, review_of_link
from enrollment.domain.enrollment.refusals import EnrollmentRefused, closed, own_company
from enrollment.domain.enrollment.state import Actor, Address, Enrollment, Link, PrimaryContact, SupportContact
from enrollment.domain.enrollment.waits import USUAL, Waits
from enrollment.domain.enrollment.ways_out import reopened, undoable
from enrollment.domain.profile import RegistryEntry
from kontor_contracts.enrollment import (
    Applicant,
    ContactVerificationRequested,
    EnrollmentStarted,
    EnrollmentSubmitted,
    EnrollmentSubmittedUnlinked,
    MailboxFault,
    PartnerIdAssociated,
)
from kontor_contracts.values import OrganizationKind, Program

ORGANIZATION_OF: dict[Program, OrganizationKind] = {"indirect-provider": "provider", "indirect-reseller": "reseller"}

MAILBOX_REMEDIES: dict[MailboxFault, str] = {
    "webmail-address": "is at a public mail service; give the person's address at the company's own domain",
    "webmail-lookalike": "is at a domain that looks like a mail service's; check the spelling, and give the person's address at "
    "the company's own domain",
    "role-mailbox": "is shared by a role; give the address of one person who can answer for the company",
    "disposable-address": "is a throw-away address; give the person's address at the company's own domain",
}
EXCEPTION = "or write to the program's staff, who can accept this address for your enrollment"

RESENDS_PER_DAY = 5
DAY = timedelta(days=1)

# -- commands


@dataclass(frozen=True, slots=True)
class Copied:
    """What a new draft takes over from a closed enrollment of the organization. The partner id is proved again."""

    company_name: str | None
    address: Address | None
    registration_id: str | None
    primary_contact: PrimaryContact | None
    support_contact: SupportContact | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartEnrollment:
    """``region`` None: the organization's country has no market. The organization is that of the caller's token."""

    enrollment_id: str
    program: Program
    organization_id: str
    organization_name: str
    organization_kind: str
    country: str
    region: str | None
    registration_id_mandatory: bool
    started_by: str
    applicant: Applicant
    waits: Waits = USUAL
    copied: Copied | None = None
    at: datetime


@dataclass(frozen=True, slots=True)
class AssociatePartnerId:
    """``profile`` None: the membership account has no profile with this partner id. The caller has signed in to it."""

    partner_id: str
    profile: RegistryEntry | None
    actor: Actor


@dataclass(frozen=True, slots=True)
class UpdateProfile:
    company_name: str
    address: Address
    registration_id: str | None
    actor: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """A link for the primary contact, made for this command. ``sealed_link`` holds the token whose hash is given."""

    token_hash: str
    sealed_link: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SetPrimaryContact:
    """``fault``: the result of the lists of mail domains and role mailboxes. ``mailing``: used after the submission."""

    contact: PrimaryContact
    fault: MailboxFault | None
    actor: Actor
    mailing: Mailing


@dataclass(frozen=True, slots=True)
class SetSupportContact:
    contact: SupportContact
    actor: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit:
    """``sealed_link`` holds the token whose hash is given; both were made for this command."""

    token_hash: str
    sealed_link: str
    expires_at: datetime
    submitted_by: str
    at: datetime


# -- decisions


def start(command: StartEnrollment, state: Enrollment) -> list[Fact]:
    if state.status is not None:
        return []
    if ORGANIZATION_OF[command.program] != command.organization_kind:
        fitting = " or ".join(p for p, kind in ORGANIZATION_OF.items() if kind == command.organization_kind)
        detail = (
            f"a {command.organization_kind} cannot be an {command.program}; choose {fitting or 'another work account'}"
        )
        return [EnrollmentRefused(reason="program-not-for-organization", field="program", detail=detail)]
    if command.region is None:
        detail = f"the program has no market in {command.country}; use a work account of a country that has one"
        return [EnrollmentRefused(reason="market-not-supported", field="country", detail=detail)]
    name = command.organization_name
    return [
        EnrollmentStarted(
            enrollment_id=command.enrollment_id,
            organization_id=command.organization_id,
            program=command.program,
            country=command.country,
            started_by=command.started_by,
        ),
        AccountNoted(
            company_name=None if company_name_fault(name) else name,
            region=command.region,
            registration_id_mandatory=command.registration_id_mandatory,
            applicant=command.applicant,
            organization_name=name,
            waits=command.waits,
        ),
        *_copied(command.copied),
        reached("draft", command.at, command.started_by),
    ]


def _copied(copied: Copied | None) -> list[Fact]:
    facts: list[Fact] = []
    if copied and copied.company_name and copied.address:
        facts.append(LegalProfileUpdated(copied.company_name, copied.address, copied.registration_id))
    if copied and copied.primary_contact:
        facts.append(PrimaryContactSet(copied.primary_contact))
    if copied and copied.support_contact:
        facts.append(SupportContactSet(copied.support_contact))
    return facts


def associate_partner_id(command: AssociatePartnerId, state: Enrollment) -> list[Fact]:
    if command.partner_id == state.partner_id:
        return []
    linked_late = may_link(state, command.actor)
    refused = None if linked_late else not_editable(state, command.actor, "partner_id")
    refused = refused or unfit(command, state.country)
    if refused:
        return [refused]
    associated = PartnerIdAssociated(
        enrollment_id=state.enrollment_id, organization_id=state.organization_id, partner_id=command.partner_id
    )
    profile = command.profile
    assert profile, "`unfit` has checked it"
    facts: list[Fact] = [associated, RegistryNameNoted(profile.company_name, profile.program_state == "enrolled")]
    facts = corrected(state, replace(state, partner_id=command.partner_id), command.actor, facts)
    return [*facts, *review_of_link(state, profile.company_name, command.actor)]


def update_profile(command: UpdateProfile, state: Enrollment) -> list[Fact]:
    after = replace(
        state,
        company_name=command.company_name,
        address=command.address,
        registration_id=command.registration_id,
    )
    if after == state:
        return []
    if refused := not_editable(state, command.actor, "company_name", "address", "registration_id"):
        return [refused]
    if gaps := missing(after) if state.status != "draft" else ():
        detail = f"a submitted enrollment keeps {gaps[0]}; give the correct one"
        return [EnrollmentRefused(reason="incomplete", field=gaps[0], detail=detail)]
    if fault := company_name_fault(command.company_name):
        return [EnrollmentRefused(reason="company-name-invalid", field="company_name", detail=fault)]
    updated = LegalProfileUpdated(command.company_name, command.address, command.registration_id)
    return corrected(state, after, command.actor, [updated])


def set_primary_contact(command: SetPrimaryContact, state: Enrollment) -> list[Fact]:
    contact = command.contact
    if contact == state.primary_contact:
        return []
    undo = undoable(state, command.actor.at)
    refused = own_company(command.actor, state) if undo else not_editable(state, command.actor, "primary_contact")
    if refused:
        return [refused]
    if refused := mailbox_refusal(state, contact, command.fault):
        return [refused]
    after = replace(state, primary_contact=contact)
    facts = corrected(state, after, command.actor, [PrimaryContactSet(contact)])
    if state.status == "draft" or (state.primary_contact and contact.email == state.primary_contact.email):
        return facts
    return _asked_at_another_mailbox(facts, after, command)


def set_support_contact(command: SetSupportContact, state: Enrollment) -> list[Fact]:
    if command.contact == state.support_contact:
        return []
    if refused := own_company(command.actor, state):
        return [refused]
    if not state.open:
        return [closed(state.status)]
    after = replace(state, support_contact=command.contact)
    return corrected(state, after, command.actor, [SupportContactSet(command.contact)])


def submit(command: Submit, state: Enrollment) -> list[Fact]:
    if state.status in {"contact-pending", "in-review", "action-required", "qualified", "active", "suspended"}:
        return []
    if state.status != "draft":
        return [closed(state.status)]
    if gaps := missing(state):
        detail = f"still needed: {', '.join(gaps)}; give them and submit again"
        return [EnrollmentRefused(reason="incomplete", field=gaps[0], detail=detail)]
    return [
        _submitted(state),
        *mailed_link(state, command.sealed_link, Link(command.token_hash, command.at, command.expires_at)),
        reached("contact-pending", command.at, command.submitted_by),
    ]


def _submitted(state: Enrollment) -> Fact:
    if state.partner_id is None:
        return EnrollmentSubmittedUnlinked(**addressed(state), program=state.program, country=state.country)
    return EnrollmentSubmitted(
        **addressed(state), program=state.program, country=state.country, partner_id=state.partner_id
    )


# -- what the decisions share


def mailbox_refusal(state: Enrollment, contact: PrimaryContact, fault: MailboxFault | None) -> EnrollmentRefused | None:
    """Of a contact whose mailbox the program does not accept, unless its staff did; for drafts and partners alike."""
    if fault is None or is_accepted(state, contact.email):
        return None
    detail = f"{contact.email} {MAILBOX_REMEDIES[fault]}; {EXCEPTION}"
    return EnrollmentRefused(reason=fault, field="email", detail=detail)


def mailed_link(state: Enrollment, sealed_link: str, link: Link, *, other_mailbox: bool = False) -> list[Fact]:
    """The mail to the primary contact, with a link that replaces any older one."""
    requested = ContactVerificationRequested(**addressed(state), sealed_link=sealed_link, expires_at=link.expires_at)
    return [requested, LinkIssued(link, other_mailbox)]


def resends_spent(state: Enrollment, at: datetime) -> datetime | None:
    """When the next mail may be sent, if the mails of the last 24 hours are as many as are allowed."""
    today = [moment for moment in state.resent_at if at - moment < DAY]
    return today[0] + DAY if len(today) >= RESENDS_PER_DAY else None


def spent(free: datetime) -> EnrollmentRefused:
    detail = f"{RESENDS_PER_DAY} mails a day is the limit; ask again from {free:%Y-%m-%d %H:%M} UTC"
    return EnrollmentRefused(reason="resend-limit-reached", detail=detail)


def _asked_at_another_mailbox(facts: list[Fact], after: Enrollment, command: SetPrimaryContact) -> list[Fact]:
    """The other mailbox confirms before anything goes on. The holder of an older link has nothing to do with it."""
    actor, mailing = command.actor, command.mailing
    if free := resends_spent(after, actor.at):
        return [spent(free)]
    link = Link(mailing.token_hash, actor.at, mailing.expires_at)
    mailed = mailed_link(after, mailing.sealed_link, link, other_mailbox=True)
    if undoable(after, actor.at):
        return [*facts, *reopened(after, actor), *mailed]
    if after.status in {"in-review", "action-required"}:
        back: list[Fact] = [VerificationReopened(), reached("contact-pending", actor.at, actor.user)]
        return [*facts, *back, *mailed]
    return [*facts, *mailed]


class Chosen(Protocol):
    """A command that chooses a profile; None: the membership account has none with this partner id."""

    @property
    def profile(self) -> RegistryEntry | None: ...


def unfit(command: Chosen, country: str) -> EnrollmentRefused | None:
    """The organization profile must be an active location in the country of the work account."""
    profile, field = command.profile, "partner_id"
    if profile is None:
        detail = "this membership account has no such partner id; look up its profiles, or sign in with another account"
        return EnrollmentRefused(reason="partner-id-unknown", field=field, detail=detail)
    if profile.status != "active":
        detail = f"the profile of {profile.partner_id} is inactive; choose an active one or have it reactivated"
        return EnrollmentRefused(reason="partner-id-inactive", field=field, detail=detail)
    if profile.kind != "location":
        detail = f"{profile.partner_id} is the headquarters' global id; choose the id of the location in {country}"
        return EnrollmentRefused(reason="partner-id-not-a-location", field=field, detail=detail)
    if profile.country != country:
        detail = f"{profile.partner_id} is in {profile.country}, your work account in {country}; choose a profile in {country}"
        return EnrollmentRefused(reason="partner-id-other-country", field=field, detail=detail)
    return None
