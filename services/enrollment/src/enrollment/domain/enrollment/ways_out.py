"""Decisions that withdraw an undecided enrollment or reopen a cancelled one."""

from dataclasses import dataclass
from datetime import datetime

from enrollment.domain.enrollment.addressing import known
from enrollment.domain.enrollment.facts import Fact
from enrollment.domain.enrollment.own_facts import reached
from enrollment.domain.enrollment.refusals import EnrollmentRefused, closed, own_company
from enrollment.domain.enrollment.state import Actor, Enrollment
from kontor_contracts.enrollment import EnrollmentReopened, EnrollmentWithdrawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """``explanation`` is of the program's staff, for the company."""

    actor: Actor
    explanation: str | None = None


def withdraw(command: Withdraw, state: Enrollment) -> list[Fact]:
    actor = command.actor
    if refused := own_company(actor, state):
        return [refused]
    if state.status == "withdrawn":
        return []
    if not state.open:
        return [closed(state.status)]
    if state.partner:
        detail = "this company is a partner already; end the partner agreement instead"
        return [EnrollmentRefused(reason="not-editable", detail=detail)]
    withdrawn = EnrollmentWithdrawn(
        **known(state), explanation=command.explanation, withdrawn_by=actor.user, by_staff=actor.staff
    )
    return [withdrawn, reached("withdrawn", actor.at, actor.user)]


def undoable(state: Enrollment, at: datetime) -> bool:
    """The contact said no, and the company may still ask again."""
    return state.status == "cancelled" and state.undo_until is not None and at < state.undo_until


def reopened(state: Enrollment, actor: Actor) -> list[Fact]:
    """An undoable enrollment waits for its contact again."""
    return [
        EnrollmentReopened(
            enrollment_id=state.enrollment_id, organization_id=state.organization_id, reopened_by=actor.user
        ),
        reached("contact-pending", actor.at, actor.user),
    ]
