"""Rejections and appeals: a rejected company asks for another review, a limited number of times and for a limited time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from enrollment.domain.enrollment.addressing import addressed, known
from enrollment.domain.enrollment.facts import Fact
from enrollment.domain.enrollment.own_facts import AppealMade, reached
from enrollment.domain.enrollment.refusals import EnrollmentRefused, closed
from enrollment.domain.enrollment.state import Actor, Enrollment
from kontor_contracts.enrollment import EnrollmentAppealed, EnrollmentRejected, RejectionReason

MOST_APPEALS = 3
REVIEWED = ("in-review", "action-required", "qualified")


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """``statement``: why the company thinks that the rejection is wrong, for the reviewers."""

    actor: Actor
    statement: str


def appeal(command: Appeal, state: Enrollment) -> list[Fact]:
    actor = command.actor
    if state.open and state.appeals and state.appeals[-1].statement == command.statement:
        return []
    if state.status != "rejected":
        detail = "only a rejection can be appealed"
        return [closed(state.status) if not state.open else EnrollmentRefused(reason="not-appealable", detail=detail)]
    until = appeal_until(state)
    if until is None or actor.at >= until:
        return [EnrollmentRefused(reason="not-appealable", detail=_why_not(until))]
    made = AppealMade(command.statement, actor.user, actor.at)
    appealed = EnrollmentAppealed(
        **addressed(state),
        applicant=state.applicant,
        appealed_by=actor.user,
        appeals_left=appeals_left(state) - 1,
    )
    return [made, appealed, reached("in-review", actor.at, actor.user)]


def rejected(
    state: Enrollment, reason: RejectionReason, at: datetime, by: str, explanation: str | None = None
) -> list[Fact]:
    """The company has a name and somebody to write to."""
    who = known(state)
    contact = who["contact"] or who["applicant"]
    assert contact, "the caller has checked it"
    assert who["company_name"], "the caller has checked it"
    # As `appealable` will judge it: the rejection is the next entry of the history.
    reviewed = appealable(state, len(state.history))
    announced = EnrollmentRejected(
        enrollment_id=state.enrollment_id,
        organization_id=state.organization_id,
        company_name=who["company_name"],
        contact=contact,
        applicant=state.applicant,
        reason=reason,
        explanation=explanation,
        reviewed_by=by,
        appeal_until=at + timedelta(days=state.waits.appeal) if reviewed else None,
        appeals_left=appeals_left(state) if reviewed else None,
    )
    return [announced, reached("rejected", at, by, reason)]


def appeals_left(state: Enrollment) -> int:
    return MOST_APPEALS - len(state.appeals)


def appeal_until(state: Enrollment) -> datetime | None:
    """None: the rejection cannot be appealed."""
    if state.status != "rejected" or not appealable(state, len(state.history) - 1):
        return None
    return state.history[-1].at + timedelta(days=state.waits.appeal)


def appealable(state: Enrollment, rejection: int) -> bool:
    """Whether the rejection, a place in the history, follows a review, and an appeal is left. Erased contacts end it."""
    reviewed = rejection > 0 and state.history[rejection - 1].status in REVIEWED
    return reviewed and appeals_left(state) > 0 and state.primary_contact is not None


def _why_not(until: datetime | None) -> str:
    if until is None:
        return "this rejection cannot be appealed (no review, or no appeal is left); start a new enrollment"
    return f"an appeal was possible until {until:%Y-%m-%d %H:%M} UTC; start a new enrollment"
