"""Every list inside a document has a cap: each is named here with the most it may hold and what happens beyond.

A list that is not named fails the first test. Where commands make a list grow, a row has a function that tries to exceed the
cap; it returns the state before the last try and what that try led to.
"""

import dataclasses
import typing
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from importlib import import_module
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from unit.enrollment import story
from unit.identity.people import PROVE, add, after, profile
from unit.relationships.people import CUSTOMER_CONTACT, PROVIDER, RESELLER, SENDER, given
from unit.relationships.people import NOW as SENT_AT

from chassis import Aggregate
from chassis.consumer.dead_letters.blocked_key import BLOCKED_KEY, Block
from chassis.files.bulk_imports import PART_ROWS
from chassis.limits.lockout import MOST_DEVICES, REMEMBERED_MARKS, CountAttempt, Succeed
from chassis.limits.mail_budget import MOST_COUNTERS, Charge, Spend
from chassis.limits.mail_budgets import BUDGET
from enrollment.api.views import ImportedRowView
from enrollment.documents import ENROLLMENT
from enrollment.documents import PROFILE as ENROLLED_PROFILE
from enrollment.domain import profile as domain_profile
from enrollment.domain.agreement_edition import MOST_LANGUAGES, MOST_REGIONS
from enrollment.domain.enrollment.appeals import MOST_APPEALS
from enrollment.domain.enrollment.application import RESENDS_PER_DAY
from enrollment.domain.enrollment.check_results import MOST_RELATED, MOST_RESULTS
from enrollment.domain.enrollment.delivery import NoteMail
from enrollment.domain.enrollment.document_requests import RequestDocuments
from enrollment.domain.enrollment.dossier import NOTES_KEPT, STEPS
from enrollment.domain.enrollment.evolve.history import CHANGES_KEPT, LINKS_REMEMBERED, MILESTONES_KEPT
from enrollment.domain.enrollment.evolve.profile import MAILBOXES_KEPT
from enrollment.domain.enrollment.mailbox_exceptions import AcceptMailbox
from enrollment.domain.enrollment.mails import MAILS_KEPT
from enrollment.domain.enrollment.paperwork import MOST_DOCUMENTS, MOST_FILES
from enrollment.domain.enrollment.reviewing import AddNote
from enrollment.domain.enrollment.signatures import SIGNATURES_KEPT
from enrollment.domain.enrollment.state import SupportContact
from enrollment.domain.profile import RegistryEntry
from identity.credentials.totp import RECOVERY_CODES
from identity.documents import AUTHORIZATION, ORGANIZATION, SESSION, USER
from identity.domain.audit_entry import MOST_DIFFERENCES, MOST_ORGANIZATIONS
from identity.domain.authorization import MOST_CODES, Code, IssueCode
from identity.domain.organization.commands import NoteStanding, RegisterOrganization
from identity.domain.organization.state import MOST_COUNTED, MOST_RELEASED, Standing
from identity.domain.roles import ROLES
from identity.domain.session import MOST_PREDECESSORS, RotateSession, StartSession
from identity.domain.user.commands import RequestReset
from identity.domain.user.state import MOST_RESET_LINKS
from identity.people.imports.rows import RowResult
from kontor_contracts.admin_grants import GrantRole
from kontor_contracts.customer_matches import CustomerMatchUndone
from kontor_contracts.envelope import Refusal
from kontor_contracts.resellers_of_record import NamedPartner
from kontor_contracts.values import Permission
from notifications.documents import PREFERENCES, RETRIAL, SUPPRESSION
from notifications.domain.mail.decide import evolve as evolve_mail
from notifications.domain.mail.state import MOST_ATTEMPTS_KEPT, AttemptFailed, Mail
from notifications.domain.preferences.categories import OPTIONAL
from notifications.domain.preferences.state import MuteCategory
from notifications.domain.retrial import MOST_MAILS, SelectMails
from notifications.domain.suppression.state import MOST_ENTRIES, LiftSuppression, SuppressAddress
from relationships.documents import CUSTOMER, INVITATION, PARTNERSHIP, RECORD, WAITING
from relationships.domain.customer.commands import (
    AuthorizeResellers,
    EndRelationship,
    HoldGrant,
    ImportCustomer,
    ReportSubscriptions,
    TakeOver,
)
from relationships.domain.customer.state import (
    MOST_COUNTS,
    MOST_GRANTS,
    MOST_INVITATIONS,
    MOST_MATCHES,
    MOST_PARTNERS,
    MOST_PAST,
    MOST_PORTALS,
    MOST_WITH_LATE_ONES,
    Relationship,
    Subscriptions,
)
from relationships.domain.invitation.access import MOST_REQUESTS
from relationships.domain.invitation.commands import AskAccess
from relationships.domain.partnership import MOST_PAST as MOST_PAST_PARTNERSHIPS
from relationships.domain.partnership import EndPartnership, EstablishPartnership
from relationships.domain.record.commands import SetReseller
from relationships.domain.record.state import MOST_PAST as MOST_PAST_NAMINGS
from relationships.domain.waiting import MOST_IMPORTS, MOST_SENT, Sent, Wait, Waiting

NOW = datetime(2026, 11, 27, tzinfo=UTC)
DOCUMENTS = (
    "identity.documents",
    "enrollment.documents",
    "relationships.documents",
    "notifications.documents",
    "chassis.limits.mail_budgets",
    "chassis.consumer.dead_letters.blocked_key",
)
LISTS = (tuple, list, dict, set, frozenset, Mapping, Collection, Sequence, Iterable)
MANY = 1200
"""Tries, more than any cap."""

Beyond = typing.Literal["refused", "the oldest goes", "not taken", "closed", "undone"]


@dataclass(frozen=True)
class Cap:
    """``most`` entries. ``beyond``: what becomes of one more; *closed*: its entries come from a set that does not grow."""

    most: int
    beyond: Beyond
    filled: Callable[[], tuple[Any, Sequence[Any]]] | None = None


def carried_out(aggregate: Aggregate[Any, Any], commands: Iterable[Any]) -> tuple[Any, Sequence[Any]]:
    """The state after all commands, and what the last one led to."""
    state = aggregate.initial
    facts: Sequence[Any] = []
    for command in commands:
        facts = aggregate.decide(command, state)
        state = applied(aggregate, facts, state)
    return state, facts


def applied(aggregate: Aggregate[Any, Any], facts: Sequence[Any], state: Any) -> Any:
    return reduce(aggregate.evolve, (fact for fact in facts if not isinstance(fact, Refusal)), state)


def resets() -> tuple[Any, Sequence[Any]]:
    there = after([add(), PROVE])
    facts: Sequence[Any] = []
    for number in range(MANY):
        asked = RequestReset(
            token_hash=f"hash-{number}", sealed_link="s" * 40, expires_at=NOW + timedelta(hours=1), at=NOW
        )
        facts = USER.decide(asked, there)
        there = applied(USER, facts, there)
    return there, facts


def admins() -> tuple[Any, Sequence[Any]]:
    registered = RegisterOrganization(profile(), "first", Standing("first", 0, counted=True))
    released = (NoteStanding(Standing(f"u{n}", 1 + gone, not gone)) for n in range(MANY) for gone in (False, True))
    counted = (NoteStanding(Standing(f"v{n}", 1, counted=True)) for n in range(MANY))
    return carried_out(ORGANIZATION, [registered, *released, *counted])


def refreshes() -> tuple[Any, Sequence[Any]]:
    began = StartSession(
        session_id="s",
        user_id="u",
        organization_id="o",
        epoch=0,
        secret_hash="0",
        at=NOW,
        idle_for=timedelta(days=1),
        expires_at=NOW + timedelta(days=9),
    )
    rotated = (
        RotateSession(presented=f"{n}", replacement=f"{n + 1}", salt="x", epoch=0, at=NOW, grace=timedelta(seconds=30))
        for n in range(MANY)
    )
    return carried_out(SESSION, [began, *rotated])


def codes() -> tuple[Any, Sequence[Any]]:
    until = NOW + timedelta(minutes=1)
    made = (
        Code(code_hash=f"{n}", client_id="c", redirect_uri="r", challenge="x", expires_at=until) for n in range(MANY)
    )
    return carried_out(AUTHORIZATION, [IssueCode(code, NOW) for code in made])


def devices() -> tuple[Any, Sequence[Any]]:
    return carried_out(named("lockout"), [Succeed(f"device-{n}") for n in range(MANY)])


def marks() -> tuple[Any, Sequence[Any]]:
    wrong = (CountAttempt(mark=f"{n}", device=None, at=NOW + timedelta(minutes=n)) for n in range(MANY))
    return carried_out(named("lockout"), wrong)


def device_marks() -> tuple[Any, Sequence[Any]]:
    wrong = (CountAttempt(mark=f"{n}", device="d", at=NOW + timedelta(minutes=n)) for n in range(MANY))
    return carried_out(named("lockout"), [Succeed("d"), *wrong])


def partners() -> tuple[Any, Sequence[Any]]:
    return carried_out(CUSTOMER, [acceptance(f"{n:06d}", f"i{n}") for n in range(MANY)])


def invitations() -> tuple[Any, Sequence[Any]]:
    return carried_out(CUSTOMER, [acceptance("000001", f"i{n}") for n in range(MANY)])


def connected_again() -> tuple[Any, Sequence[Any]]:
    def connected(number: int) -> list[Any]:
        at = NOW + timedelta(days=number)
        ended = EndRelationship(
            partner_id="000001", by="customer", user_id="u", reason=None, at=at + timedelta(hours=1)
        )
        return [replace(acceptance("000001", f"i{number}"), at=at), ended]

    return carried_out(CUSTOMER, [command for number in range(MANY) for command in connected(number)])


def counts() -> tuple[Any, Sequence[Any]]:
    told = (
        ReportSubscriptions(customer_id="c", partner_id="000001", portal=f"p{n}", active=1, at=NOW) for n in range(MANY)
    )
    return carried_out(CUSTOMER, [acceptance("000001", "i1"), *told, *moves()])


def matches() -> tuple[Any, Sequence[Any]]:
    return carried_out(CUSTOMER, [acceptance("000001", "i1"), *moves()])


def moves() -> list[TakeOver]:
    counted = tuple(Subscriptions(f"p{n}", 1) for n in range(MOST_PORTALS))
    came = Relationship(partner_id="000001", permissions=("administer",), since=NOW, subscriptions=counted)
    return [
        TakeOver(
            customer_id="c",
            customer_name="Bäckerei Süß",
            partners=(),
            imported_id=f"imported-{n}",
            imported_name="Bäckerei Süß",
            portal="office",
            external_id=f"K-{n}",
            relationships=(came,),
            matched_at=NOW,
            undo_until=NOW,
        )
        for n in range(MANY)
    ]


def grants() -> tuple[Any, Sequence[Any]]:
    held = (
        HoldGrant(grant_id=f"g{n}", partner_id="000001", roles=("global-reader",), expires_at=NOW) for n in range(MANY)
    )
    return carried_out(CUSTOMER, [acceptance("000001", "i1"), *held])


def acceptance(partner_id: str, invitation_id: str) -> AuthorizeResellers:
    return AuthorizeResellers(
        customer_id="c",
        name="Bäckerei Süß",
        country="DE",
        contact=CUSTOMER_CONTACT,
        partners=(RESELLER.model_copy(update={"partner_id": partner_id}),),
        invitation_id=invitation_id,
        at=NOW,
    )


def access_requests() -> tuple[Any, Sequence[Any]]:
    def asking(number: int) -> AskAccess:
        person = replace(SENDER, organization_id=f"c{number}")
        return AskAccess(
            request_id=f"a{number}", generation=1, person=person, domain_proved=False, misfit=None, at=SENT_AT
        )

    sent: Any = given("customer")
    facts: Sequence[Any] = []
    for number in range(MANY):
        facts = INVITATION.decide(asking(number), sent)
        sent = applied(INVITATION, facts, sent)
    return sent, facts


def import_of(number: int, *sent: Sent) -> Wait:
    wanted = ImportCustomer(
        customer_id=f"c{number}",
        portal="office",
        external_id=f"{number}",
        name="Fahrräder Köhler",
        country="DE",
        partner_id="999999",
        permissions=("administer",),
        at=NOW,
    )
    return Wait(Waiting(wanted=wanted, message_id="m", correlation_id="c", sent=sent))


def imports() -> tuple[Any, Sequence[Any]]:
    return carried_out(WAITING, [import_of(number) for number in range(MANY)])


def imports_of_one_customer() -> tuple[Any, Sequence[Any]]:
    return carried_out(WAITING, [import_of(1, Sent(f"k{number}", "content")) for number in range(MANY)])


def partnerships() -> tuple[Any, Sequence[Any]]:
    def connected(number: int) -> list[Any]:
        at = NOW + timedelta(days=number)
        end = EndPartnership(by=None, reason="other", at=at + timedelta(hours=1))
        return [EstablishPartnership(provider=PROVIDER, reseller=RESELLER, invitation_id=f"i{number}", at=at), end]

    return carried_out(PARTNERSHIP, [command for number in range(MANY) for command in connected(number)])


def links() -> tuple[Any, Sequence[Any]]:
    """One a day, so that none is too many."""
    return resent(timedelta(days=1))


def resends() -> tuple[Any, Sequence[Any]]:
    return resent(timedelta(minutes=10))


def resent(every: timedelta) -> tuple[Any, Sequence[Any]]:
    submitted = story.given("contact-pending")
    facts: Sequence[Any] = []
    for number in range(1, LINKS_REMEMBERED + 9):
        asked = story.resend(f"{number:064d}", story.NOW + number * every)
        facts = ENROLLMENT.decide(asked, submitted)
        submitted = applied(ENROLLMENT, facts, submitted)
    return submitted, facts


def milestones() -> tuple[Any, Sequence[Any]]:
    pairs = (command for _ in range(MANY) for command in (story.suspend(), story.reinstate()))
    return carried_out(ENROLLMENT, [*story.STATUSES["active"], *pairs])


def notes() -> tuple[Any, Sequence[Any]]:
    written = (AddNote(actor=story.staff(story.NOW), text=f"Note {number}") for number in range(MANY))
    return carried_out(ENROLLMENT, [*story.STATUSES["in-review"], *written])


def accepted_mailboxes() -> tuple[Any, Sequence[Any]]:
    many = (
        AcceptMailbox(email=f"info{n}@x.example", fault="role-mailbox", reason="The owner's.", actor=story.staff())
        for n in range(MANY)
    )
    return carried_out(ENROLLMENT, [*story.STATUSES["in-review"], *many])


def enrollment_mails() -> tuple[Any, Sequence[Any]]:
    queued = (
        NoteMail(mail_id=f"m-{number}", template="review-started", state="queued", at=story.NOW)
        for number in range(MANY)
    )
    return carried_out(ENROLLMENT, [*story.STATUSES["in-review"], *queued])


def retried_mails() -> tuple[Any, Sequence[Any]]:
    select = SelectMails(tuple(f"mail-{n}" for n in range(MANY)), more=False)
    return carried_out(RETRIAL, [select, select])


def mail_attempts() -> tuple[Any, Sequence[Any]]:
    failed = AttemptFailed(error="451 later", next_at=None, ambiguous=False, at=story.NOW)
    return reduce(evolve_mail, [failed] * MANY, Mail()), []


def suppression_entries() -> tuple[Any, Sequence[Any]]:
    suppress = SuppressAddress(address="a…@b.example", reason="staff", at=story.NOW, by="user:u1")
    lift = LiftSuppression(at=story.NOW, by="user:u1", note="sent in error")
    return carried_out(SUPPRESSION, [suppress, lift] * MANY)


def muted_categories() -> tuple[Any, Sequence[Any]]:
    mute = [MuteCategory(category=one, at=story.NOW) for one in OPTIONAL]
    return carried_out(PREFERENCES, [*mute, MuteCategory(category="another", at=story.NOW)])


def documents() -> tuple[Any, Sequence[Any]]:
    asked = (
        RequestDocuments(actor=story.staff(), step="business", documents=(("lease", f"Part {number}"),))
        for number in range(MANY)
    )
    return carried_out(ENROLLMENT, [*story.STATUSES["in-review"], *asked])


def document_files() -> tuple[Any, Sequence[Any]]:
    """One of two documents, so that it stays open."""
    added = (story.add_file(file_id=f"f-{number}") for number in range(MANY))
    return carried_out(ENROLLMENT, [*story.STATUSES["in-review"], story.ask("lease", "registry-record"), *added])


def appeals() -> tuple[Any, Sequence[Any]]:
    pairs = (c for n in range(MANY) for c in (story.appeal(statement=f"{n}"), story.reject()))
    state, _ = carried_out(ENROLLMENT, [*story.STATUSES["rejected"], *pairs])
    return state, ENROLLMENT.decide(story.appeal(statement="one more"), state)


def changes() -> tuple[Any, Sequence[Any]]:
    others = (story.support(SupportContact(f"support-{number}@x.example", "0221 1")) for number in range(MANY))
    return carried_out(ENROLLMENT, [*story.STATUSES["active"], *others])


def profile_changes() -> tuple[Any, Sequence[Any]]:
    keeper = domain_profile.Keeper("user:olga", NOW, "api")
    entries = (story.profile(company_name=f"Firma {number}") for number in range(MANY))
    return carried_out(ENROLLED_PROFILE, [domain_profile.ImportProfile(entry, "", keeper) for entry in entries])


def mails() -> tuple[Any, Sequence[Any]]:
    # Several counters at a time must not pass the cap, which the odd one reaches.
    several = (
        Spend((Charge("all", "organization", MANY), *(Charge(f"{n}.{one}", "person", 9) for one in range(2))), NOW)
        for n in range(MANY)
    )
    single = (Spend((Charge(f"{n}", "person", 9),), NOW) for n in range(2))
    spent = [*several, *single]
    return carried_out(BUDGET, spent)


def blocked() -> tuple[Any, Sequence[Any]]:
    return carried_out(BLOCKED_KEY, [Block("t", 0, "k", n, limit=50) for n in range(MANY)])


def namings() -> tuple[Any, Sequence[Any]]:
    resellers = [NamedPartner(organization_id=f"r{n}", partner_id=f"471100{n}", name="Firma") for n in range(2)]
    wanted: dict[str, Any] = {"record_id": "r", "customer_id": "c", "subscription_id": "s", "provider": resellers[0]}
    return carried_out(
        RECORD,
        [
            SetReseller(**wanted, reseller=resellers[number % 2], verdict="valid", by="u", at=NOW)
            for number in range(MANY)
        ],
    )


METHODS = 8
"""Ways to prove who one is (RFC 8176) that sign-in knows."""
MARKS = Cap(REMEMBERED_MARKS, "the oldest goes", marks)
DEVICES = Cap(MOST_DEVICES, "the oldest goes", devices)
ROLES_OF_GRANT = Cap(len(get_args(GrantRole)), "closed")
PERMISSIONS = Cap(len(get_args(Permission)), "closed")

IMPORTS: Mapping[str, type[BaseModel]] = {"user-import": RowResult, "profile-import": ImportedRowView}

CAPS: Mapping[str, Cap] = {
    # Forms bound the rows (people.csv_import) and each document takes a part of them.
    **{f"{kind}.{list_}": Cap(PART_ROWS, "closed") for kind in IMPORTS for list_ in ("rows", "results")},
    **{f"{kind}.rows[]": Cap(2, "closed") for kind in IMPORTS},
    **{f"{kind}.results[]": Cap(len(result.model_fields), "closed") for kind, result in IMPORTS.items()},
    # An unknown role is refused, and each counts once.
    "user.roles": Cap(len(ROLES), "closed"),
    "user.locations": Cap(len(ROLES), "closed"),
    # The form of the request refuses more (api.users).
    "user.locations[].locations": Cap(100, "refused"),
    "user.reset_links": Cap(MOST_RESET_LINKS, "not taken", resets),
    # Giving the role is refused then: domain.user.access.role_rules.
    "organization.standings": Cap(MOST_COUNTED + MOST_RELEASED, "not taken", admins),
    "session.predecessors": Cap(MOST_PREDECESSORS, "the oldest goes", refreshes),
    "session.methods": Cap(METHODS, "closed"),
    "authorization.codes": Cap(MOST_CODES, "the oldest goes", codes),
    # Words of one query parameter, whose length is bounded (api.authorize).
    "authorization.codes[].scope": Cap(1024, "refused"),
    "factor.recovery": Cap(RECOVERY_CODES, "closed"),
    # Of one event: its fields, and the organizations that it concerns (identity.activity).
    "audit.entry.differences": Cap(MOST_DIFFERENCES, "closed"),
    "audit.entry.organizations": Cap(MOST_ORGANIZATIONS, "closed"),
    **{f"{kind}.strangers.marks": MARKS for kind in ("door", "lockout")},
    **{f"{kind}.devices": DEVICES for kind in ("door", "lockout")},
    **{
        f"{kind}.devices[].count.marks": Cap(REMEMBERED_MARKS, "the oldest goes", device_marks)
        for kind in ("door", "lockout")
    },
    "profile.history": Cap(domain_profile.CHANGES_KEPT, "the oldest goes", profile_changes),
    "profile.history[].changes": Cap(len(dataclasses.fields(RegistryEntry)) - 1, "closed"),
    "enrollment.superseded": Cap(LINKS_REMEMBERED, "the oldest goes", links),
    "enrollment.resent_at": Cap(RESENDS_PER_DAY, "refused", resends),
    "enrollment.history": Cap(MILESTONES_KEPT, "the oldest goes", milestones),
    "enrollment.dossier.notes": Cap(NOTES_KEPT, "refused", notes),
    "enrollment.accepted_mailboxes": Cap(MAILBOXES_KEPT, "the oldest goes", accepted_mailboxes),
    "enrollment.dossier.checks": Cap(MOST_RESULTS, "not taken"),
    "enrollment.dossier.checks[].related": Cap(MOST_RELATED, "not taken"),
    "enrollment.dossier.passed": Cap(len(STEPS), "closed"),
    # The second one approves.
    "enrollment.dossier.approvals": Cap(1, "closed"),
    # A partner signs the version that it has signed last once.
    "enrollment.signatures": Cap(SIGNATURES_KEPT, "the oldest goes"),
    "enrollment.mails": Cap(MAILS_KEPT, "the oldest goes", enrollment_mails),
    "enrollment.paperwork": Cap(MOST_DOCUMENTS, "refused", documents),
    "enrollment.paperwork[].files": Cap(MOST_FILES, "refused", document_files),
    "enrollment.appeals": Cap(MOST_APPEALS, "refused", appeals),
    "enrollment.changes": Cap(CHANGES_KEPT, "the oldest goes", changes),
    # What a template names.
    "mail.letter.context": Cap(20, "closed"),
    "mail.log": Cap(MOST_ATTEMPTS_KEPT, "the oldest goes", mail_attempts),
    # Written once.
    # Both come from the form of one publication, and never grow after it.
    "agreement-edition.regions": Cap(MOST_REGIONS, "closed"),
    "agreement-edition.texts": Cap(MOST_LANGUAGES, "closed"),
    "retrial.mail_ids": Cap(MOST_MAILS, "not taken", retried_mails),
    "preferences.muted": Cap(len(OPTIONAL), "refused", muted_categories),
    "suppression.entries": Cap(MOST_ENTRIES, "the oldest goes", suppression_entries),
    "customer.relationships": Cap(MOST_WITH_LATE_ONES, "refused", partners),
    "customer.relationships[].permissions": PERMISSIONS,
    "customer.relationships[].invitations": Cap(MOST_INVITATIONS, "the oldest goes", invitations),
    "customer.relationships[].subscriptions": Cap(MOST_COUNTS, "undone", counts),
    # Both are copies of relationships; those that moved have room among the customer's own.
    "customer.matches": Cap(MOST_MATCHES, "undone", matches),
    "customer.unmatched": Cap(MOST_MATCHES, "the oldest goes"),
    "customer.matches[].moved": Cap(MOST_PARTNERS, "closed"),
    **{
        f"customer.matches[].moved[].{copy}.{path}": cap
        for copy in ("taken", "before")
        for path, cap in {
            "permissions": PERMISSIONS,
            "invitations": Cap(MOST_INVITATIONS, "closed"),
            "subscriptions": Cap(MOST_COUNTS, "closed"),
            "grants": Cap(MOST_GRANTS, "closed"),
            "grants[].roles": ROLES_OF_GRANT,
        }.items()
    },
    "customer.past": Cap(MOST_PAST, "the oldest goes", connected_again),
    "customer.past[].permissions": PERMISSIONS,
    # As they were in the relationship before it ended.
    "customer.past[].invitations": Cap(MOST_INVITATIONS, "closed"),
    "customer.past[].subscriptions": Cap(MOST_COUNTS, "closed"),
    # The form of the request refuses more (api.directory_forms), and the domain more in one country.
    "profile.profile.languages": Cap(20, "closed"),
    "profile.profile.countries_served": Cap(60, "closed"),
    "profile.profile.services": Cap(3, "closed"),
    "profile.profile.industries": Cap(20, "closed"),
    "profile.profile.products": Cap(20, "closed"),
    "profile.profile.customer_sizes": Cap(3, "closed"),
    "profile.profile.locations": Cap(100, "closed"),
    "partnership.past": Cap(MOST_PAST_PARTNERSHIPS, "the oldest goes", partnerships),
    # The two sides.
    "partnership.partnership.suspended": Cap(2, "closed"),
    # The points of one text (wording.CONSENTS).
    "invitation.invitation.evidence.words": Cap(10, "closed"),
    "invitation.invitation.requests": Cap(MOST_REQUESTS, "refused", access_requests),
    "customer.relationships[].grants": Cap(MOST_GRANTS, "not taken", grants),
    **{f"customer.{path}[].grants[].roles": ROLES_OF_GRANT for path in ("relationships", "past")},
    # A relationship that ends holds none any more.
    "customer.past[].grants": Cap(MOST_GRANTS, "closed"),
    "admin-grant.admin_grant.terms.roles": ROLES_OF_GRANT,
    "reseller-of-record.record.past": Cap(MOST_PAST_NAMINGS, "the oldest goes", namings),
    "waiting-imports.imports": Cap(MOST_IMPORTS, "refused", imports),
    "waiting-imports.imports[].sent": Cap(MOST_SENT, "the oldest goes", imports_of_one_customer),
    "waiting-imports.imports[].wanted.permissions": PERMISSIONS,
    "mail-budget.counts": Cap(MOST_COUNTERS, "refused", mails),
    # KONTOR_BLOCKED_KEY_LIMIT; the record's partition waits then.
    "lane.open": Cap(50, "not taken", blocked),
}


# -- finding them


def aggregates() -> list[Aggregate[Any, Any]]:
    """Two services may have the same kind."""
    found = (value for name in DOCUMENTS for value in vars(import_module(name)).values())
    return [one for one in found if isinstance(one, Aggregate)]


def named(kind: str) -> Aggregate[Any, Any]:
    return next(one for one in aggregates() if one.kind == kind)


def lists_of(type_: Any, path: str, within: tuple[Any, ...] = ()) -> Iterator[str]:
    """The paths of all lists that a value of this type may hold. [] is an element of one."""
    origin = typing.get_origin(type_)
    if origin is None:
        if isinstance(type_, type) and type_ not in within:
            yield from _lists_in(type_, path, (*within, type_))
        return
    listed = origin in LISTS or (isinstance(origin, type) and issubclass(origin, LISTS))
    if listed:
        yield path
    for argument in get_args(type_):
        yield from lists_of(argument, f"{path}[]" if listed else path, within)


def _lists_in(type_: type, path: str, within: tuple[Any, ...]) -> Iterator[str]:
    if issubclass(type_, (str, bytes)):
        return
    if not (dataclasses.is_dataclass(type_) or hasattr(type_, "model_fields") or hasattr(type_, "_fields")):
        if issubclass(type_, LISTS):
            yield path
        return
    for name, hint in typing.get_type_hints(type_).items():
        if typing.get_origin(hint) is not typing.ClassVar:
            yield from lists_of(hint, f"{path}.{name}", within)


def found_lists() -> set[str]:
    return {path for one in aggregates() for path in lists_of(type(one.initial), one.kind)}


def at(state: Any, path: str) -> Iterator[Any]:
    """The lists at a path, of all elements on the way."""
    if not path:
        yield state
        return
    name, _, rest = path.partition(".")
    value = getattr(state, name.removesuffix("[]"))
    for one in value if name.endswith("[]") else (value,):
        yield from at(one, rest)


# -- the tests


def test_every_list_in_a_document_has_a_cap() -> None:
    assert found_lists() - CAPS.keys() == set(), "name these in CAPS: how many entries at most, and what refuses more"
    assert CAPS.keys() - found_lists() == set(), "these are gone"


@pytest.mark.parametrize("path", [path for path, cap in CAPS.items() if cap.filled])
def test_a_list_in_a_document_stays_below_its_cap(path: str) -> None:
    cap = CAPS[path]
    assert cap.filled is not None
    state, last = cap.filled()
    longest = max((len(found) for found in at(state, path.partition(".")[2])), default=0)
    assert longest == cap.most
    if cap.beyond == "refused":
        assert [fact for fact in last if isinstance(fact, Refusal)] == list(last) != []
    elif cap.beyond == "undone":
        # An event takes back what led to it.
        assert [type(fact) for fact in last] == [CustomerMatchUndone]
    elif cap.beyond == "not taken":
        assert list(last) == []


@dataclass(frozen=True)
class Unnamed:
    one: tuple[str, ...] = ()
    two: Mapping[str, frozenset[date]] | None = None
    three: "tuple[Nested, ...]" = ()
    four: dict[str, str] | None = None


@dataclass(frozen=True)
class Nested:
    five: list[int] = dataclasses.field(default_factory=list)
    again: "Nested | None" = None


def test_lists_are_found_wherever_they_are() -> None:
    paths = {"x.one", "x.two", "x.two[]", "x.three", "x.three[].five", "x.four"}
    assert set(lists_of(Unnamed, "x")) == paths
