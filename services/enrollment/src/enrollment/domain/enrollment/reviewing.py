"""Decisions on the reviewers' file: claim, release, note, risk; and what an approval needs."""

from dataclasses import dataclass
from typing import Literal, assert_never

from enrollment.domain.enrollment.dossier import NOTES_KEPT, STEPS, Note, Step
from enrollment.domain.enrollment.facts import Fact
from enrollment.domain.enrollment.own_facts import (
    ApprovalNoted,
    NoteAdded,
    ReviewClaimed,
    ReviewReleased,
    RiskMarked,
    StepPassed,
)
from enrollment.domain.enrollment.refusals import EnrollmentRefused, closed, own_company
from enrollment.domain.enrollment.state import Actor, Enrollment
from kontor_contracts.enrollment import ReviewFileChanged

FileChange = Literal["claimed", "released", "note-added", "risk", "step-passed", "first-approval"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimReview:
    """``take_over``: from the reviewer who has it."""

    actor: Actor
    take_over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseReview:
    """Any reviewer can release a claim: the one who has it may be absent."""

    actor: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNote:
    actor: Actor
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkRisk:
    """A high risk takes the approval of two reviewers. Who takes the mark away still needs a second one to approve."""

    actor: Actor
    high: bool


ReviewerCommand = ClaimReview | ReleaseReview | AddNote | MarkRisk


def keep_dossier(command: ReviewerCommand, state: Enrollment) -> list[Fact]:
    if refused := own_company(command.actor, state):
        return [refused]
    match command:
        case ClaimReview():
            return _claim(command, state)
        case ReleaseReview():
            return _release(command, state)
        case AddNote():
            return _add_note(command, state)
        case MarkRisk():
            return _mark_risk(command, state)
        case _:
            assert_never(command)


def approval(state: Enrollment, reviewer: str, step: Step | None) -> tuple[list[Fact], bool]:
    """What is passed by an approval of ``step``, or of all that are left; and whether the enrollment is approved by it."""
    dossier = state.dossier
    passing = [one for one in STEPS if one not in dossier.passed and step in {None, one}]
    passed: list[Fact] = [StepPassed(one) for one in passing]
    told: list[Fact] = [_changed(state, reviewer, "step-passed", None, one) for one in passing]
    if any(one not in dossier.passed and one not in passing for one in STEPS):
        return [*passed, *told], False
    takes_two = dossier.high_risk or dossier.risk_lowered_by == reviewer
    if not takes_two or any(one != reviewer for one in dossier.approvals):
        # `EnrollmentApproved` tells of all steps.
        return passed, True
    if reviewer not in dossier.approvals:
        told += [ApprovalNoted(reviewer), _changed(state, reviewer, "first-approval", None, reviewer)]
    return [*passed, *told], False


def claimed_by_another(state: Enrollment, reviewer: str) -> EnrollmentRefused | None:
    holder = state.dossier.claimed_by
    if holder in {None, reviewer}:
        return None
    detail = "another reviewer has claimed this review; claim it with take_over: true if that was agreed"
    return EnrollmentRefused(reason="claimed", detail=detail)


def _claim(command: ClaimReview, state: Enrollment) -> list[Fact]:
    actor = command.actor
    if state.status != "in-review":
        return [_no_review(state)]
    if state.dossier.claimed_by == actor.user:
        return []
    if not command.take_over and (refused := claimed_by_another(state, actor.user)):
        return [refused]
    changed = _changed(state, actor.user, "claimed", state.dossier.claimed_by, actor.user)
    return [ReviewClaimed(actor.user, actor.at), changed]


def _release(command: ReleaseReview, state: Enrollment) -> list[Fact]:
    holder = state.dossier.claimed_by
    if holder is None:
        return []
    return [ReviewReleased(), _changed(state, command.actor.user, "released", holder, None)]


def _add_note(command: AddNote, state: Enrollment) -> list[Fact]:
    note = Note(command.text, command.actor.user, command.actor.at)
    if note in state.dossier.notes:
        return []
    if len(state.dossier.notes) >= NOTES_KEPT:
        detail = f"{NOTES_KEPT} notes are the limit; decide, or write it into the explanation of the decision"
        return [EnrollmentRefused(reason="too-many-notes", detail=detail)]
    return [NoteAdded(note), _changed(state, note.by, "note-added")]


def _mark_risk(command: MarkRisk, state: Enrollment) -> list[Fact]:
    if not state.open or state.partner:
        return [_no_review(state)]
    if state.dossier.high_risk == command.high:
        return []
    old, new = ("normal", "high") if command.high else ("high", "normal")
    user = command.actor.user
    return [RiskMarked(command.high, user), _changed(state, user, "risk", old, new)]


def _changed(
    state: Enrollment, by: str, change: FileChange, old: str | None = None, new: str | None = None
) -> ReviewFileChanged:
    return ReviewFileChanged(enrollment_id=state.enrollment_id, change=change, old=old, new=new, changed_by=by)


def _no_review(state: Enrollment) -> EnrollmentRefused:
    if not state.open:
        return closed(state.status)
    detail = "the enrollment is not in review; GET /v1/reviews lists those that are"
    return EnrollmentRefused(reason="not-in-review", detail=detail)
