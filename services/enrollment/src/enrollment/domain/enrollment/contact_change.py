"""Decisions on a change of a partner's primary contact: the new contact confirms by mail, the present one may object.

Both have a personal link. The objection also counts after the confirmation, for some days: it brings the contact back who
objects, because a stranger with an administrator's account could otherwise take the company's mails over in a minute. The
program's staff correct the contact at once, whatever was asked or objected.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, TypedDict, assert_never

from enrollment.domain.enrollment.addressing import partner_of
from enrollment.domain.enrollment.application import mailbox_refusal
from enrollment.domain.enrollment.corrections import changes_between
from enrollment.domain.enrollment.facts import Fact
from enrollment.domain.enrollment.own_facts import ChangesNoted, ContactChangeNoted, PrimaryContactSet
from enrollment.domain.enrollment.refusals import EnrollmentRefused, closed, own_company
from enrollment.domain.enrollment.state import Actor, ContactChange, Enrollment, PrimaryContact
from kontor_contracts.enrollment import (
    Applicant,
    ContactChangeEnded,
    ContactChangeOutcome,
    ContactChangeReason,
    ContactChangeRequested,
    MailboxFault,
    PrimaryContactChanged,
)
from kontor_contracts.values import Partner

NEW_CONTACT, PRESENT_CONTACT = "new-contact", "primary-contact"

LinkState = Literal["confirmable", "objectable", "confirmed", "expired", "over", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactLinks:
    """Two personal links, made for this command; the sealed ones hold the tokens whose hashes are given."""

    confirm_hash: str
    sealed_link: str
    expires_at: datetime
    object_hash: str
    sealed_objection: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestContactChange:
    """``fault``: the result of the lists of mail domains and role mailboxes, as for the contact of a draft."""

    contact: PrimaryContact
    fault: MailboxFault | None
    links: ContactLinks
    actor: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawContactChange:
    """By the partner or the program's staff, before the new contact has confirmed."""

    actor: Actor


@dataclass(frozen=True, slots=True)
class AnswerContactChange:
    """The holder of a link confirms, declines, or objects. What the link allows is judged by its token."""

    token_hash: str
    answer: Literal["confirm", "decline", "object"]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectContact:
    """The program's staff set the contact of a partner. It holds at once, and ends a change under way."""

    contact: PrimaryContact
    fault: MailboxFault | None
    actor: Actor


ContactChangeCommand = RequestContactChange | WithdrawContactChange | AnswerContactChange | CorrectContact


def change_contact(command: ContactChangeCommand, state: Enrollment) -> list[Fact]:
    match command:
        case RequestContactChange():
            return _request(command, state)
        case WithdrawContactChange():
            return _withdraw(command, state)
        case AnswerContactChange():
            return _answer(command, state)
        case CorrectContact():
            return _correct(command, state)
        case _:
            assert_never(command)


def contact_link_state(state: Enrollment, token_hash: str, now: datetime) -> LinkState:
    change = state.contact_change
    if change is None or token_hash not in {change.confirm_hash, change.object_hash}:
        return "unknown"
    if change.contact is None or not state.partner:
        return "over"
    if token_hash == change.object_hash:
        return "objectable" if now < change.object_until else "over"
    if change.confirmed:
        return "confirmed"
    return "confirmable" if now < change.expires_at else "expired"


def contact_change_due(state: Enrollment) -> datetime | None:
    """When a request ends that nobody confirmed; after the confirmation, when it can no longer be objected to."""
    change = state.contact_change
    if change is None or change.contact is None or not state.partner:
        return None
    return change.object_until if change.confirmed else change.expires_at


def elapse_contact_change(state: Enrollment, by: str) -> list[Fact]:
    """``contact_change_due`` has come."""
    change = state.contact_change
    assert change, "it is due"
    return [_settled(change)] if change.confirmed else _ended(state, change, "expired", by)


def _request(command: RequestContactChange, state: Enrollment) -> list[Fact]:  # noqa: PLR0911  one return per case
    actor, contact, under_way = command.actor, command.contact, state.contact_change
    if refused := own_company(actor, state) or _no_partner(state):
        return [refused]
    if contact == state.primary_contact:
        return []
    if refused := mailbox_refusal(state, contact, command.fault):
        return [refused]
    if under_way and under_way.contact:
        if under_way.contact == contact and not under_way.confirmed:
            return []
        return [_under_way(under_way)]
    present = state.primary_contact
    assert present, "a partner has one"
    if contact.email == present.email:
        return _changed(state, contact, "same-mailbox", actor)
    links = command.links
    change = ContactChange(
        contact=contact,
        previous=present,
        confirm_hash=links.confirm_hash,
        object_hash=links.object_hash,
        requested_by=actor.user,
        requested_at=actor.at,
        expires_at=links.expires_at,
        object_until=actor.at + timedelta(days=state.waits.undo),
    )
    requested = ContactChangeRequested(
        **_about(state),
        new_contact=contact.recipient,
        sealed_link=links.sealed_link,
        expires_at=change.expires_at,
        sealed_objection=links.sealed_objection,
        object_until=change.object_until,
        requested_by=actor.user,
    )
    return [ContactChangeNoted(change), requested]


def _withdraw(command: WithdrawContactChange, state: Enrollment) -> list[Fact]:
    change = state.contact_change
    if refused := own_company(command.actor, state) or _no_partner(state):
        return [refused]
    if change is None or change.contact is None:
        return []
    if change.confirmed:
        detail = "the new contact has confirmed; name the contact that is right, or ask the program's staff"
        return [EnrollmentRefused(reason="already-confirmed", detail=detail)]
    return _ended(state, change, "withdrawn", command.actor.user)


def _answer(command: AnswerContactChange, state: Enrollment) -> list[Fact]:  # noqa: PLR0911  one return per case
    change = state.contact_change
    link = contact_link_state(state, command.token_hash, command.at)
    if change is None or link == "unknown":
        return [
            EnrollmentRefused(reason="link-unknown", detail="this link is not valid; open it exactly as it was mailed")
        ]
    match link, command.answer:
        case "confirmable", "confirm":
            return _confirm(state, change, command.at)
        case "confirmable", "decline":
            return _ended(state, change, "declined", NEW_CONTACT)
        case "objectable", "object":
            return _object(state, change, command.at)
        case "confirmed", "confirm":
            return []
        case "expired", _:
            detail = "this link has expired; ask the company to name you once more"
            return [EnrollmentRefused(reason="link-expired", detail=detail)]
        case _:
            detail = "this change of the contact is over; write to the company or to the program's staff"
            return [EnrollmentRefused(reason="link-superseded", detail=detail)]


def _correct(command: CorrectContact, state: Enrollment) -> list[Fact]:
    contact, change = command.contact, state.contact_change
    if refused := own_company(command.actor, state) or _no_partner(state):
        return [refused]
    under_way = [_settled(change)] if change and change.contact else []
    if contact == state.primary_contact:
        # The present contact is right: what was asked comes to nothing.
        pending = change is not None and change.contact is not None and not change.confirmed
        return _ended(state, change, "withdrawn", command.actor.user) if change and pending else list[Fact](under_way)
    if refused := mailbox_refusal(state, contact, command.fault):
        return [refused]
    return [*_changed(state, contact, "corrected", command.actor), *under_way]


def _confirm(state: Enrollment, change: ContactChange, at: datetime) -> list[Fact]:
    assert change.contact, "it is open"
    actor = Actor(user=change.requested_by, organization=state.organization_id, at=at)
    return [
        *_changed(state, change.contact, "confirmed", actor),
        ContactChangeNoted(replace(change, confirmed=True)),
    ]


def _object(state: Enrollment, change: ContactChange, at: datetime) -> list[Fact]:
    if not change.confirmed:
        return _ended(state, change, "objected", PRESENT_CONTACT)
    assert change.previous, "it is open"
    actor = Actor(user=PRESENT_CONTACT, organization=state.organization_id, at=at)
    return [*_changed(state, change.previous, "objected", actor), _settled(change)]


def _ended(state: Enrollment, change: ContactChange, outcome: ContactChangeOutcome, by: str) -> list[Fact]:
    assert change.contact, "it is open"
    ended = ContactChangeEnded(**_about(state), new_contact=change.contact.recipient, outcome=outcome, ended_by=by)
    return [_settled(change), ended]


def _changed(state: Enrollment, contact: PrimaryContact, reason: ContactChangeReason, actor: Actor) -> list[Fact]:
    after = replace(state, primary_contact=contact)
    assert state.primary_contact, "a partner has one"
    changed = PrimaryContactChanged(
        **_about(after),
        country=state.country,
        region=state.region,
        previous=state.primary_contact.recipient,
        reason=reason,
        changed_by=actor.user,
    )
    return [PrimaryContactSet(contact), ChangesNoted(changes_between(state, after, actor)), changed]


def _settled(change: ContactChange) -> ContactChangeNoted:
    """Its links are still recognized; the people are forgotten."""
    return ContactChangeNoted(replace(change, contact=None, previous=None))


def _under_way(change: ContactChange) -> EnrollmentRefused:
    if change.confirmed:
        detail = (
            f"the contact has just changed; name another one from {change.object_until:%Y-%m-%d %H:%M} UTC, or ask the"
            " program's staff"
        )
    else:
        detail = "another contact is asked already; withdraw that change first, or wait for the answer"
    return EnrollmentRefused(reason="change-pending", detail=detail)


def _no_partner(state: Enrollment) -> EnrollmentRefused | None:
    if state.partner:
        return None
    if not state.open:
        return closed(state.status)
    detail = "only a partner changes its contact like this; correct the primary contact of an enrollment directly"
    return EnrollmentRefused(reason="not-active", detail=detail)


class _About(TypedDict):
    enrollment_id: str
    partner: Partner
    applicant: Applicant | None


def _about(state: Enrollment) -> _About:
    return _About(enrollment_id=state.enrollment_id, partner=partner_of(state), applicant=state.applicant)
