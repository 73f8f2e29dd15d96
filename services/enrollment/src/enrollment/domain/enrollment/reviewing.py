"""Decisions on the reviewers' file: claim, release, note, risk; and what an approval needs."""

from dataclasses import dataclass
from typing import assert_never

from enrollment.domain.enrollment.dossier import NOTES_KEPT, STEPS, Note, Step
from enrollment.domain.enrollment.facts import (
    ApprovalNoted,
    EnrollmentRefused,
    Fact,
    NoteAdded,
    ReviewClaimed,
    ReviewReleased,
    RiskMarked,
    StepPassed,
    closed,
    own_company,
)
from enrollment.domain.enrollment.state import Actor, Enrollment


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
            return [ReviewReleased()] if state.dossier.claimed_by else []
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
    facts: list[Fact] = [StepPassed(one) for one in passing]
    if any(one not in dossier.passed and one not in passing for one in STEPS):
        return facts, False
    takes_two = dossier.high_risk or dossier.risk_lowered_by == reviewer
    if takes_two and not any(one != reviewer for one in dossier.approvals):
        noted: list[Fact] = [] if reviewer in dossier.approvals else [ApprovalNoted(reviewer)]
        return [*facts, *noted], False
    return facts, True


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
    return [ReviewClaimed(actor.user, actor.at)]


def _add_note(command: AddNote, state: Enrollment) -> list[Fact]:
    note = Note(command.text, command.actor.user, command.actor.at)
    if note in state.dossier.notes:
        return []
    if len(state.dossier.notes) >= NOTES_KEPT:
        detail = f"{NOTES_KEPT} notes are the limit; decide, or write it into the explanation of the decision"
        return [EnrollmentRefused(reason="too-many-notes", detail=detail)]
    return [NoteAdded(note)]


def _mark_risk(command: MarkRisk, state: Enrollment) -> list[Fact]:
    if not state.open or state.partner:
        return [_no_review(state)]
    return [] if state.dossier.high_risk == command.high else [RiskMarked(command.high, command.actor.user)]


def _no_review(state: Enrollment) -> EnrollmentRefused:
    if not state.open:
        return closed(state.status)
    detail = "the enrollment is not in review; GET /v1/reviews lists those that are"
    return EnrollmentRefused(reason="not-in-review", detail=detail)
