"""Decisions on the yearly re-authorization of a reseller, and on the wait before a new enrollment if it was missed.

The notice opens the time to confirm. Nobody loses the partnership without the whole notice: if the timer is late, so is the end.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict, assert_never, get_args

from enrollment.domain.enrollment.addressing import known, partner_of
from enrollment.domain.enrollment.facts import Fact
from enrollment.domain.enrollment.own_facts import ReauthorizationNoted, WaitNoted, reached
from enrollment.domain.enrollment.refusals import EnrollmentRefused, closed, own_company
from enrollment.domain.enrollment.state import Actor, Enrollment, Reauthorization
from kontor_contracts.enrollment import (
    Applicant,
    Confirmation,
    EnrollmentEnded,
    PartnerReauthorized,
    ReauthorizationMoved,
    ReauthorizationNoticed,
    WaitEnded,
)
from kontor_contracts.values import Partner

REMINDERS = (30, 7, 1)
"""Days before the date, after the notice."""
CONFIRMATIONS: tuple[Confirmation, ...] = get_args(Confirmation)
LATE = timedelta(days=1)
"""A notice that is later moves the date."""
FARTHEST = timedelta(days=2 * 365)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmReauthorization:
    """The partner confirms all that holds of it for another year."""

    confirmed: tuple[Confirmation, ...]
    actor: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveReauthorization:
    """The program's staff correct the date. ``explanation`` goes to the partner by mail."""

    due_at: datetime
    explanation: str | None
    actor: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class EndWait:
    """The program's staff let the company enroll again at once. ``explanation`` goes to the company by mail."""

    explanation: str | None
    actor: Actor


ReauthorizationCommand = ConfirmReauthorization | MoveReauthorization | EndWait


def reauthorize(command: ReauthorizationCommand, state: Enrollment) -> list[Fact]:
    if refused := own_company(command.actor, state):
        return [refused]
    match command:
        case ConfirmReauthorization():
            return _confirm(command, state)
        case MoveReauthorization():
            return _move(command, state)
        case EndWait():
            return _end_wait(command, state)
        case _:
            assert_never(command)


def due_at(state: Enrollment) -> datetime | None:
    """When the partnership with the program ends unless it is confirmed. Providers are not re-authorized."""
    if not state.partner or state.program != "indirect-reseller":
        return None
    if state.reauthorization:
        return state.reauthorization.due_at
    began = next((each.at for each in state.history if each.status == "active"), None)
    return began + timedelta(days=state.waits.reauthorization) if began else None


def confirmable_from(state: Enrollment) -> datetime | None:
    due = due_at(state)
    return due - timedelta(days=state.waits.reauthorization_notice) if due else None


def next_step(state: Enrollment) -> datetime | None:
    """The date of the next notice, reminder or end. None: the agreement ends before it."""
    due = due_at(state)
    if due is None or (state.notice and state.notice.ends_at <= due):
        return None
    left = _notices(state)[_noticed(state) :]
    return due - left[0] if left else due


def elapse_reauthorization(state: Enrollment, at: datetime, by: str) -> list[Fact]:
    """`next_step` has come."""
    due, noticed = due_at(state), _noticed(state)
    assert due, "it has a next step"
    if noticed and at >= due:
        return _missed(state, at, by)
    if not noticed and at > due - _notices(state)[0] + LATE:
        due = at + _notices(state)[0]
    sent = sum(at >= due - before for before in _notices(state))
    announced = ReauthorizationNoticed(**_about(state), due_at=due, reminder=noticed)
    return [ReauthorizationNoted(Reauthorization(due, max(sent, 1))), announced]


def elapse_wait(state: Enrollment) -> list[Fact]:
    return [WaitNoted(None), _wait_ended(state, by_staff=False, explanation=None)]


def _confirm(command: ConfirmReauthorization, state: Enrollment) -> list[Fact]:
    due, opens = due_at(state), confirmable_from(state)
    if due is None or opens is None:
        return [_no_reseller(state)]
    if command.actor.at < opens and not _noticed(state):
        detail = f"it can be confirmed from {opens:%Y-%m-%d} until {due:%Y-%m-%d}; come back then"
        return [EnrollmentRefused(reason="not-due", detail=detail)]
    if state.legal_change and not state.legal_change.pending:
        detail = "a change of the legal profile was rejected; propose another one or withdraw it first"
        return [EnrollmentRefused(reason="change-pending", detail=detail)]
    if gaps := [each for each in CONFIRMATIONS if each not in command.confirmed]:
        detail = f"confirm also {', '.join(gaps)}"
        return [EnrollmentRefused(reason="confirmation-missing", field="confirmed", detail=detail)]
    following = due + timedelta(days=state.waits.reauthorization)
    confirmed = PartnerReauthorized(
        **_about(state), confirmed=CONFIRMATIONS, confirmed_by=command.actor.user, next_due_at=following
    )
    return [ReauthorizationNoted(Reauthorization(following)), confirmed]


def _move(command: MoveReauthorization, state: Enrollment) -> list[Fact]:
    due, at = due_at(state), command.actor.at
    if due is None:
        return [_no_reseller(state)]
    if due == command.due_at:
        return []
    if not at < command.due_at <= at + FARTHEST:
        detail = f"choose a date from tomorrow to {at + FARTHEST:%Y-%m-%d}"
        return [EnrollmentRefused(reason="due-date-invalid", field="due_at", detail=detail)]
    moved = ReauthorizationMoved(
        **_about(state), due_at=command.due_at, explanation=command.explanation, moved_by=command.actor.user
    )
    # A date that is far away is announced again when its time comes.
    far = at < command.due_at - _notices(state)[0]
    sent = 0 if far else sum(at >= command.due_at - before for before in _notices(state)) * bool(_noticed(state))
    return [ReauthorizationNoted(Reauthorization(command.due_at, sent)), moved]


def _end_wait(command: EndWait, state: Enrollment) -> list[Fact]:
    if state.wait_until is None:
        return [] if state.status == "ended" else [_not_waiting(state)]
    return [WaitNoted(None), _wait_ended(state, by_staff=True, explanation=command.explanation)]


def _missed(state: Enrollment, at: datetime, by: str) -> list[Fact]:
    again = at + timedelta(days=state.waits.enroll_again)
    ended = EnrollmentEnded(
        **_about(state),
        country=state.country,
        region=state.region,
        by_staff=True,
        reason="not-reauthorized",
        enroll_again_from=again,
    )
    return [ended, WaitNoted(again), reached("ended", at, by, "not-reauthorized")]


def _wait_ended(state: Enrollment, *, by_staff: bool, explanation: str | None) -> WaitEnded:
    return WaitEnded(**known(state), by_staff=by_staff, explanation=explanation)


def _notices(state: Enrollment) -> tuple[timedelta, ...]:
    """The notice and the reminders: how long before the date, longest first."""
    first = state.waits.reauthorization_notice
    return tuple(timedelta(days=days) for days in (first, *(each for each in REMINDERS if each < first)))


def _noticed(state: Enrollment) -> int:
    return state.reauthorization.noticed if state.reauthorization else 0


def _no_reseller(state: Enrollment) -> EnrollmentRefused:
    if not state.open:
        return closed(state.status)
    detail = "only a reseller that is a partner is re-authorized"
    return EnrollmentRefused(reason="not-active", detail=detail)


def _not_waiting(state: Enrollment) -> EnrollmentRefused:
    detail = "this enrollment keeps nobody from enrolling again; only a missed re-authorization does"
    return closed(state.status) if not state.open else EnrollmentRefused(reason="not-waiting", detail=detail)


class _About(TypedDict):
    enrollment_id: str
    partner: Partner
    applicant: Applicant | None


def _about(state: Enrollment) -> _About:
    return _About(enrollment_id=state.enrollment_id, partner=partner_of(state), applicant=state.applicant)
