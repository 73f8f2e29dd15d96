"""How long an enrollment waits in each state, when it reminds, and what a due timer does.

A state that waits for the company ends by itself. A review does not end by itself: a late one is escalated.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from enrollment.domain.enrollment.acceptance import elapse_acceptance, next_request
from enrollment.domain.enrollment.account import personal
from enrollment.domain.enrollment.addressing import addressed, known
from enrollment.domain.enrollment.appeals import rejected
from enrollment.domain.enrollment.contact_change import contact_change_due, elapse_contact_change
from enrollment.domain.enrollment.ending import ended
from enrollment.domain.enrollment.facts import Fact
from enrollment.domain.enrollment.legal_change import elapse_legal_change, legal_change_due
from enrollment.domain.enrollment.own_facts import ContactsErased, Escalated, Reminded, reached
from enrollment.domain.enrollment.reauthorization import elapse_reauthorization, elapse_wait, next_step
from enrollment.domain.enrollment.state import Enrollment, Status
from enrollment.domain.enrollment.waits import Waits
from enrollment.domain.enrollment.weekdays import business_days_after
from kontor_contracts.enrollment import EnrollmentExpired, EnrollmentReminded, ReviewDelayed, WaitingStatus

BY = "service:enrollment"


@dataclass(frozen=True, slots=True)
class Wait:
    """``reminders``: how long before the end, longest first."""

    length: timedelta
    reminders: tuple[timedelta, ...]


REMINDERS: dict[WaitingStatus, tuple[int, ...]] = {
    "draft": (7, 1),
    "contact-pending": (23, 7, 1),
    "qualified": (60, 30, 7, 1),
    "action-required": (7, 3, 1),
}
"""Days before the end. Those that would come before the begin of a shorter wait are left out."""


def wait(status: WaitingStatus, waits: Waits) -> Wait:
    """A draft waits from its last change, the others from the begin of the state."""
    lengths: dict[WaitingStatus, int] = {
        "draft": waits.draft,
        "contact-pending": waits.contact,
        "qualified": waits.signature,
        "action-required": waits.documents,
    }
    length = lengths[status]
    before = tuple(timedelta(days=days) for days in REMINDERS[status] if days < length)
    return Wait(timedelta(days=length), before)


@dataclass(frozen=True, slots=True)
class Elapse:
    """The timer is due."""

    at: datetime


def waiting(status: Status | None) -> WaitingStatus | None:
    return next((one for one in REMINDERS if one == status), None)


def ends_at(state: Enrollment) -> datetime | None:
    """When the enrollment ends unless it goes on; None: it does not end by itself."""
    status = waiting(state.status)
    return _since(state) + wait(status, state.waits).length if status else None


def review_due(state: Enrollment) -> datetime | None:
    """When the review is due, or is said to be late again."""
    if state.status != "in-review":
        return None
    return business_days_after(_since(state), state.waits.review * (state.escalations + 1))


def next_due(state: Enrollment) -> datetime | None:
    """The date of the next reminder, end or escalation."""
    if state.partner:
        return min(_partner_dates(state), default=None)
    if not state.open:
        return state.wait_until or _erasure(state)
    status, end = waiting(state.status), ends_at(state)
    if status is None or end is None:
        return review_due(state)
    left = wait(status, state.waits).reminders[state.reminders :]
    return end - left[0] if left else end


def elapse(command: Elapse, state: Enrollment) -> list[Fact]:
    due = next_due(state)
    if due is None or command.at < due:
        return []
    if state.partner:
        return _elapse_of_partner(state, command.at)
    if not state.open:
        return elapse_wait(state) if state.wait_until else [ContactsErased()]
    status, end = waiting(state.status), ends_at(state)
    if status is None or end is None:
        return _escalate(state, due, command.at)
    if command.at >= end:
        return _given_up(state, status, command.at)
    reminded = sum(command.at >= end - before for before in wait(status, state.waits).reminders)
    return [EnrollmentReminded(**known(state), status=status, ends_at=end), Reminded(reminded)]


def _given_up(state: Enrollment, status: WaitingStatus, at: datetime) -> list[Fact]:
    if status == "action-required":
        return rejected(state, "no-response", at, BY)
    return [EnrollmentExpired(**known(state), status=status), reached("expired", at, BY)]


def _partner_dates(state: Enrollment) -> list[datetime]:
    dates = (
        state.notice.ends_at if state.notice else None,
        next_step(state),
        next_request(state),
        legal_change_due(state),
        contact_change_due(state),
    )
    return [date for date in dates if date]


def _elapse_of_partner(state: Enrollment, at: datetime) -> list[Fact]:
    """One thing at a time: the timer fires again for what else is due."""
    if state.notice and state.notice.ends_at <= at:
        return ended(state, at, BY)
    if (reauthorization := next_step(state)) and reauthorization <= at:
        return elapse_reauthorization(state, at, BY)
    if (acceptance := next_request(state)) and acceptance <= at:
        return elapse_acceptance(state, at, BY)
    if (contact := contact_change_due(state)) and contact <= at:
        return elapse_contact_change(state, BY)
    return elapse_legal_change(state, at, BY)


def _erasure(state: Enrollment) -> datetime | None:
    """When what a closed enrollment holds about people is erased; None: there is nothing left."""
    return _since(state) + timedelta(days=state.waits.retention) if personal(state) else None


def _escalate(state: Enrollment, due: datetime, at: datetime) -> list[Fact]:
    """Once, also if several dates were missed."""
    missed = state.escalations + 1
    while business_days_after(_since(state), state.waits.review * (missed + 1)) <= at:
        missed += 1
    delayed = ReviewDelayed(
        **addressed(state), applicant=state.applicant, was_due=due, escalation=state.escalations + 1
    )
    return [delayed, Escalated(missed)]


def _since(state: Enrollment) -> datetime:
    entered = state.history[-1].at
    return max(entered, state.touched_at or entered)
