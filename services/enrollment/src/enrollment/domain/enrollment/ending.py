"""Decisions on the end of a partner agreement: notice, taking it back, the end.

The agreement says: either side ends it with thirty days' notice, the program at once for good cause.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from enrollment.domain.enrollment.addressing import partner_of
from enrollment.domain.enrollment.facts import Fact
from enrollment.domain.enrollment.own_facts import reached
from enrollment.domain.enrollment.refusals import EnrollmentRefused, closed, own_company
from enrollment.domain.enrollment.state import Actor, Enrollment
from kontor_contracts.enrollment import EnrollmentEnded, NoticeGiven, NoticeWithdrawn

NOTICE = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveNotice:
    """``at_once``: by the program's staff, for good cause, which the ``explanation`` says. It goes to the company by mail."""

    actor: Actor
    at_once: bool = False
    explanation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawNotice:
    """By the side that gave it."""

    actor: Actor


EndingCommand = GiveNotice | WithdrawNotice


def end_agreement(command: EndingCommand, state: Enrollment) -> list[Fact]:
    if refused := own_company(command.actor, state):
        return [refused]
    match command:
        case GiveNotice():
            return _give_notice(command, state)
        case WithdrawNotice():
            return _withdraw_notice(command, state)
        case _:
            assert_never(command)


def ended(state: Enrollment, at: datetime, by: str) -> list[Fact]:
    """The agreement is over; organization and partner id are free."""
    notice = state.notice
    announced = EnrollmentEnded(
        enrollment_id=state.enrollment_id,
        partner=partner_of(state),
        country=state.country,
        region=state.region,
        applicant=state.applicant,
        by_staff=notice.staff if notice else True,
        explanation=notice.explanation if notice else None,
        reason="notice",
    )
    return [announced, reached("ended", at, by)]


def _give_notice(command: GiveNotice, state: Enrollment) -> list[Fact]:
    actor = command.actor
    if state.status == "ended":
        return []
    if not state.partner:
        detail = "only a partner has an agreement to end; withdraw an enrollment that is not active yet"
        return [closed(state.status) if not state.open else EnrollmentRefused(reason="not-active", detail=detail)]
    if command.at_once and not (actor.staff and command.explanation):
        detail = "only the program's staff end an agreement at once, and say why: send an explanation"
        return [EnrollmentRefused(reason="cause-missing", field="explanation", detail=detail)]
    if state.notice and not command.at_once:
        return []
    ends_at = actor.at if command.at_once else actor.at + NOTICE
    given = NoticeGiven(
        enrollment_id=state.enrollment_id,
        partner=partner_of(state),
        applicant=state.applicant,
        ends_at=ends_at,
        explanation=command.explanation,
        given_by=actor.user,
        by_staff=actor.staff,
    )
    return [given]


def _withdraw_notice(command: WithdrawNotice, state: Enrollment) -> list[Fact]:
    actor, notice = command.actor, state.notice
    if not state.partner:
        return [closed(state.status) if not state.open else EnrollmentRefused(reason="not-active", detail=NO_PARTNER)]
    if notice is None:
        return []
    if notice.staff and not actor.staff:
        detail = "the program gave this notice; ask the program's staff to take it back"
        return [EnrollmentRefused(reason="notice-of-program", detail=detail)]
    withdrawn = NoticeWithdrawn(
        enrollment_id=state.enrollment_id,
        partner=partner_of(state),
        applicant=state.applicant,
        withdrawn_by=actor.user,
    )
    return [withdrawn]


NO_PARTNER = "only a partner has an agreement to end; this enrollment is not active"
