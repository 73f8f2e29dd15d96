"""Decisions on a new version of the agreement: a partner is asked to accept it, reminded, and suspended after the date.

A global admin accepts it by `SignAgreement`, also after the date: that ends the suspension. The staff move the date or
reinstate the partner, which gives it new time. A version that is withdrawn asks for nothing any more.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, TypedDict, assert_never

from enrollment.domain.enrollment.addressing import partner_of
from enrollment.domain.enrollment.facts import Fact
from enrollment.domain.enrollment.own_facts import AcceptanceNoted, reached
from enrollment.domain.enrollment.refusals import EnrollmentRefused, closed, own_company
from enrollment.domain.enrollment.state import Acceptance, Actor, Enrollment
from kontor_contracts.enrollment import (
    AcceptanceCancelled,
    AcceptanceMoved,
    AcceptanceRequested,
    AgreementAccepted,
    Applicant,
    EnrollmentReinstated,
    EnrollmentSuspended,
    ReinstatementReason,
)
from kontor_contracts.values import Partner

NOT_ACCEPTED: Literal["agreement-not-accepted"] = "agreement-not-accepted"
REMINDERS = (timedelta(days=30), timedelta(days=7), timedelta(days=1))
"""Before the date."""
NOTICE = timedelta(days=30)
LATE = timedelta(days=1)
"""A partner that is asked later than this gets the whole notice."""
FARTHEST = timedelta(days=2 * 365)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskAcceptance:
    """The program published ``version``, which holds in the partner's region."""

    version: str
    published_at: datetime
    accept_until: datetime
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAcceptance:
    """The program withdrew ``version``. ``by``: who did."""

    version: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveAcceptance:
    """The program's staff give the partner another date. ``explanation`` goes to the partner by mail."""

    accept_until: datetime
    explanation: str | None
    actor: Actor


AcceptanceCommand = AskAcceptance | CancelAcceptance | MoveAcceptance


def ask_for_acceptance(command: AcceptanceCommand, state: Enrollment) -> list[Fact]:
    match command:
        case AskAcceptance():
            return _ask(command, state)
        case CancelAcceptance():
            return _cancel(command, state)
        case MoveAcceptance():
            return _move(command, state)
        case _:
            assert_never(command)


def pending(state: Enrollment) -> Acceptance | None:
    """What the partner is to accept."""
    acceptance = state.acceptance
    return acceptance if acceptance and not acceptance.settled and state.partner else None


def suspended_for_it(state: Enrollment) -> bool:
    """The partner is suspended because it has not accepted in time, and for no other reason."""
    return state.status == "suspended" and state.history[-1].reason == NOT_ACCEPTED


def acceptable(state: Enrollment) -> bool:
    """A partner may sign another version. A company that joined as enrolled has signed elsewhere, until it is asked here."""
    asked = state.agreement_version or state.acceptance or suspended_for_it(state)
    return state.partner and bool(asked)


def next_request(state: Enrollment) -> datetime | None:
    """The date of the next reminder or of the suspension. None: nothing is to come, or the agreement ends before it."""
    acceptance = pending(state)
    if acceptance is None or (state.notice and state.notice.ends_at <= acceptance.accept_until):
        return None
    left = REMINDERS[acceptance.noticed :]
    if left:
        return acceptance.accept_until - left[0]
    return acceptance.accept_until if state.active else None


def elapse_acceptance(state: Enrollment, at: datetime, by: str) -> list[Fact]:
    """``next_request`` has come."""
    acceptance = pending(state)
    assert acceptance, "it is due"
    if at >= acceptance.accept_until and state.active:
        return [
            EnrollmentSuspended(
                **_about(state),
                country=state.country,
                region=state.region,
                reason=NOT_ACCEPTED,
                suspended_by=by,
            ),
            reached("suspended", at, by, NOT_ACCEPTED),
        ]
    noticed = _passed(acceptance.accept_until, at)
    return [AcceptanceNoted(replace(acceptance, noticed=noticed)), _requested(state, acceptance, noticed)]


def accepted(state: Enrollment, version: str, by: str, at: datetime) -> list[Fact]:
    """What follows when a partner has signed ``version``: nothing more is asked, and a suspension for it ends."""
    back = _reinstated(state, "agreement-accepted", by, at) if suspended_for_it(state) else []
    announced = AgreementAccepted(
        **_about(state),
        agreement_version=version,
        previous_version=state.agreement_version,
        accepted_by=by,
        reinstated=bool(back),
    )
    settled = [AcceptanceNoted(replace(state.acceptance, settled=True))] if state.acceptance else []
    return [announced, *settled, *back]


def renewed(state: Enrollment, at: datetime) -> list[Fact]:
    """The staff reinstate a partner whose date has passed: it gets new time."""
    acceptance = pending(state)
    if acceptance is None or at < acceptance.accept_until:
        return []
    again = replace(acceptance, accept_until=at + timedelta(days=state.waits.settle), noticed=0)
    again = replace(again, noticed=_passed(again.accept_until, at))
    return [AcceptanceNoted(again), _requested(state, again, 0)]


def _ask(command: AskAcceptance, state: Enrollment) -> list[Fact]:
    asked = state.acceptance
    if not state.partner or (asked and asked.published_at >= command.published_at):
        return []
    if command.version in {one.version for one in state.signatures}:
        return []
    until = command.accept_until
    if command.at > until - NOTICE + LATE:
        until = command.at + NOTICE
    acceptance = Acceptance(command.version, command.published_at, until, _passed(until, command.at))
    return [AcceptanceNoted(acceptance), _requested(state, acceptance, 0)]


def _cancel(command: CancelAcceptance, state: Enrollment) -> list[Fact]:
    acceptance = pending(state)
    if acceptance is None or acceptance.version != command.version:
        return []
    back = _reinstated(state, "agreement-withdrawn", command.by, command.at) if suspended_for_it(state) else []
    cancelled = AcceptanceCancelled(**_about(state), agreement_version=command.version, reinstated=bool(back))
    return [AcceptanceNoted(None), cancelled, *back]


def _move(command: MoveAcceptance, state: Enrollment) -> list[Fact]:
    acceptance, at = pending(state), command.actor.at
    if refused := own_company(command.actor, state) or _unmovable(state, acceptance):
        return [refused]
    assert acceptance, "`_unmovable` has checked it"
    until = command.accept_until
    if until == acceptance.accept_until:
        return []
    if not at + LATE <= until <= at + FARTHEST:
        detail = f"choose a date from {at + 2 * LATE:%Y-%m-%d} to {at + FARTHEST:%Y-%m-%d}"
        return [EnrollmentRefused(reason="due-date-invalid", field="accept_until", detail=detail)]
    moved = AcceptanceMoved(
        **_about(state),
        agreement_version=acceptance.version,
        accept_until=until,
        explanation=command.explanation,
        moved_by=command.actor.user,
    )
    return [AcceptanceNoted(replace(acceptance, accept_until=until, noticed=_passed(until, at))), moved]


def _unmovable(state: Enrollment, acceptance: Acceptance | None) -> EnrollmentRefused | None:
    if not state.open:
        return closed(state.status)
    if not state.partner:
        detail = "only a partner is asked to accept another version; this enrollment is not active yet"
        return EnrollmentRefused(reason="not-active", detail=detail)
    if acceptance is None:
        detail = "this partner is not asked to accept another version of the agreement"
        return EnrollmentRefused(reason="no-acceptance-pending", detail=detail)
    if suspended_for_it(state):
        detail = "the partner is suspended because the date has passed; reinstate it, which gives it new time"
        return EnrollmentRefused(reason="not-active", detail=detail)
    return None


def _requested(state: Enrollment, acceptance: Acceptance, reminder: int) -> AcceptanceRequested:
    return AcceptanceRequested(
        **_about(state),
        agreement_version=acceptance.version,
        accept_until=acceptance.accept_until,
        reminder=reminder,
    )


def _passed(until: datetime, at: datetime) -> int:
    """How many reminders are over at a moment."""
    return sum(at >= until - before for before in REMINDERS)


def _reinstated(state: Enrollment, reason: ReinstatementReason, by: str, at: datetime) -> list[Fact]:
    reinstated = EnrollmentReinstated(
        **_about(state), country=state.country, region=state.region, reason=reason, reinstated_by=by
    )
    return [reinstated, reached("active", at, by, reason)]


class _About(TypedDict):
    enrollment_id: str
    partner: Partner
    applicant: Applicant | None


def _about(state: Enrollment) -> _About:
    return _About(enrollment_id=state.enrollment_id, partner=partner_of(state), applicant=state.applicant)
