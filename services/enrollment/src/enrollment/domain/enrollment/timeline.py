"""The steps of an enrollment as a company sees them: what is done, what comes next, and who has to act."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from enrollment.domain.enrollment.acceptance import pending, suspended_for_it
from enrollment.domain.enrollment.admission import RESEND_PAUSE
from enrollment.domain.enrollment.appeals import appeal_until
from enrollment.domain.enrollment.application import DAY, RESENDS_PER_DAY
from enrollment.domain.enrollment.deadlines import ends_at, review_due
from enrollment.domain.enrollment.delivery import contact_unreachable
from enrollment.domain.enrollment.legal_change import review_of_change_due
from enrollment.domain.enrollment.postponing import unlinked
from enrollment.domain.enrollment.state import Enrollment, Milestone, Status

StepName = Literal["information", "contact", "employment", "business", "agreement"]
StepState = Literal["done", "current", "open", "failed"]
Actor = Literal["company", "contact", "staff", "nobody"]
Action = Literal[
    "complete-and-submit",
    "join-program",
    "confirm-by-mail",
    "review",
    "upload-documents",
    "sign-agreement",
    "accept-agreement",
    "link-partner-id",
    "ask-contact-again",
    "correct-contact",
    "appeal",
    "start-again",
    "clear-cause-of-suspension",
    "settle-legal-change",
    "confirm-reauthorization",
    "review-legal-change",
    "wait",
    "none",
]


CURRENT: dict[Status, StepName] = {
    "draft": "information",
    "contact-pending": "contact",
    "in-review": "employment",
    "action-required": "employment",
    "qualified": "agreement",
}
NEXT: dict[Status, tuple[Actor, Action]] = {
    "draft": ("company", "complete-and-submit"),
    "contact-pending": ("contact", "confirm-by-mail"),
    "in-review": ("staff", "review"),
    "action-required": ("company", "upload-documents"),
    "qualified": ("company", "sign-agreement"),
    "active": ("nobody", "none"),
    "suspended": ("company", "clear-cause-of-suspension"),
    "cancelled": ("company", "start-again"),
    "rejected": ("company", "start-again"),
    "withdrawn": ("company", "start-again"),
    "expired": ("company", "start-again"),
    "ended": ("company", "start-again"),
}
ORDER: tuple[StepName, ...] = ("information", "contact", "employment", "business", "agreement")


@dataclass(frozen=True, slots=True)
class TimelineStep:
    """``since``: when it reached its state, where that is known. ``due``: when it ends or should be done."""

    name: StepName
    state: StepState
    since: datetime | None = None
    due: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """``resend_from``: from then on the mail to the contact can be sent again; None: there is none to send."""

    steps: tuple[TimelineStep, ...]
    next_actor: Actor
    next_action: Action
    due: datetime | None
    resend_from: datetime | None
    resends_per_day: int


def timeline(state: Enrollment) -> Timeline:
    assert state.status, "there is an enrollment"
    actor, action = NEXT[state.status]
    if (until := appeal_until(state)) is not None:
        return Timeline(_steps(state, until), "company", "appeal", until, None, RESENDS_PER_DAY)
    if state.status == "cancelled" and state.undo_until is not None:
        action = "ask-contact-again"
    if after := _after_signature(state):
        return Timeline(_steps(state, after[2]), *after, None, RESENDS_PER_DAY)
    if state.status == "draft" and state.dossier.in_program:
        action = "join-program"
    if unlinked(state):
        action = "link-partner-id"
    if contact_unreachable(state):
        actor, action = "company", "correct-contact"
    due = (
        (state.notice.ends_at if state.notice and state.partner else None)
        or ends_at(state)
        or review_due(state)
        or state.undo_until
    )
    return Timeline(_steps(state, due), actor, action, due, _resend_from(state), RESENDS_PER_DAY)


def _after_signature(state: Enrollment) -> tuple[Actor, Action, datetime] | None:
    """What a partner, or the staff for it, has to do; None: nothing but what its status says."""
    change = state.legal_change
    if state.status == "ended" and state.wait_until:
        return "nobody", "wait", state.wait_until
    if acceptance := _acceptance(state):
        return acceptance
    if not state.active or state.notice:
        return None
    if change and change.suspend_at:
        return "company", "settle-legal-change", change.suspend_at
    if state.reauthorization and state.reauthorization.noticed:
        return "company", "confirm-reauthorization", state.reauthorization.due_at
    return ("staff", "review-legal-change", review_of_change_due(change, state.waits)) if change else None


def _acceptance(state: Enrollment) -> tuple[Actor, Action, datetime] | None:
    """A version of the agreement is to be accepted; that is first, also where its lack suspended the partner."""
    acceptance = pending(state)
    if acceptance is None or state.notice or not (state.active or suspended_for_it(state)):
        return None
    return "company", "accept-agreement", acceptance.accept_until


def current_step(state: Enrollment) -> StepName | None:
    """The step that the enrollment is at, or ended at; None: all are done."""
    if state.status == "ended":
        return None
    status = state.status if state.open else _last_open(state)
    if status is None:
        return None
    name = CURRENT.get(status)
    return (state.dossier.step or "business") if name == "employment" else name


def _steps(state: Enrollment, due: datetime | None) -> tuple[TimelineStep, ...]:
    current = current_step(state)
    place = ORDER.index(current) if current else len(ORDER)
    last = state.history[-1]
    return tuple(_step(state, name, number - place, last, due) for number, name in enumerate(ORDER))


def _step(state: Enrollment, name: StepName, behind: int, last: Milestone, due: datetime | None) -> TimelineStep:
    """``behind``: by how many steps it comes after the current one."""
    if behind < 0 or name in state.dossier.passed:
        proved = name == "employment" and state.dossier.proved_domain
        return TimelineStep(name, "done", _done_at(state, name), reason="domain-proved" if proved else None)
    if behind > 0:
        return TimelineStep(name, "open")
    if state.open:
        # The organization may prove the domain still, or wait for a person.
        return TimelineStep(name, "current", last.at, due, "domain-not-proved" if name == "employment" else None)
    return TimelineStep(name, "failed", last.at, state.undo_until, last.reason or last.status)


def _done_at(state: Enrollment, name: StepName) -> datetime | None:
    """By the milestone that follows it. The steps of the review end with the review."""
    following: dict[StepName, Status] = {
        "information": "contact-pending",
        "contact": "in-review",
        "employment": "qualified",
        "business": "qualified",
        "agreement": "active",
    }
    reached = [milestone.at for milestone in state.history if milestone.status == following[name]]
    return reached[-1] if reached else None


def _last_open(state: Enrollment) -> Status | None:
    return next((one.status for one in reversed(state.history) if one.status in CURRENT), None)


def _resend_from(state: Enrollment) -> datetime | None:
    undoable = state.status == "cancelled" and state.undo_until is not None
    if state.link is None or not (state.status == "contact-pending" or undoable):
        return None
    pause = state.link.issued_at + RESEND_PAUSE
    full = len(state.resent_at) >= RESENDS_PER_DAY
    return max(pause, state.resent_at[0] + DAY) if full else pause
