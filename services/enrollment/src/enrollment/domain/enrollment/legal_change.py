"""Decisions on a change of a partner's legal profile: the partner proposes it, a reviewer accepts or rejects what changed.

The old data hold until then. A rejected change is to be settled: by another proposal, or by a withdrawal, which says that the
old data are right. Otherwise the timer suspends the partner, because its information is not verified.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, TypedDict, assert_never

from enrollment.domain.enrollment.addressing import addressed, partner_of
from enrollment.domain.enrollment.company import company_name_fault
from enrollment.domain.enrollment.corrections import changes_between
from enrollment.domain.enrollment.facts import Fact
from enrollment.domain.enrollment.own_facts import (
    ChangesNoted,
    LegalChangeEscalated,
    LegalChangeNoted,
    LegalProfileUpdated,
    StepPassed,
    reached,
)
from enrollment.domain.enrollment.refusals import EnrollmentRefused, closed, own_company
from enrollment.domain.enrollment.state import Actor, Address, Enrollment, LegalChange
from enrollment.domain.enrollment.waits import Waits
from enrollment.domain.enrollment.weekdays import business_days_after
from kontor_contracts.enrollment import (
    Applicant,
    EnrollmentSuspended,
    LegalChangeAccepted,
    LegalChangeProposed,
    LegalChangeRejected,
    LegalChangeRejectionReason,
    LegalChangeWithdrawn,
    LegalField,
    LegalNameChanged,
    ReviewDelayed,
)
from kontor_contracts.values import Partner


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeLegalChange:
    """The whole profile as it should be; what differs from the present one is the change. The country never changes."""

    company_name: str
    address: Address
    registration_id: str | None
    actor: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawLegalChange:
    """The present data are right."""

    actor: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeLegalChange:
    """``reason`` and ``explanation`` of a rejection go to the partner by mail."""

    decision: Literal["accept", "reject"]
    reason: LegalChangeRejectionReason | None = None
    explanation: str | None = None
    actor: Actor


LegalChangeCommand = ProposeLegalChange | WithdrawLegalChange | JudgeLegalChange


def change_legal_profile(command: LegalChangeCommand, state: Enrollment) -> list[Fact]:
    if refused := own_company(command.actor, state) or _no_partner(state):
        return [refused]
    match command:
        case ProposeLegalChange():
            return _propose(command, state)
        case WithdrawLegalChange():
            return _withdraw(command, state)
        case JudgeLegalChange():
            return _judge(command, state)
        case _:
            assert_never(command)


def changed_fields(state: Enrollment) -> tuple[LegalField, ...]:
    """What the pending or rejected change would change."""
    change = state.legal_change
    return _differing(state, _with(state, change)) if change else ()


def legal_change_due(state: Enrollment) -> datetime | None:
    """When the review is late, or late again; after a rejection, when the partner is suspended."""
    change = state.legal_change
    if change is None or not state.partner:
        return None
    if change.suspend_at is None:
        return review_of_change_due(change, state.waits)
    return change.suspend_at if state.active else None


def review_of_change_due(change: LegalChange, waits: Waits) -> datetime:
    return business_days_after(change.proposed_at, waits.review * (change.escalations + 1))


def elapse_legal_change(state: Enrollment, at: datetime, by: str) -> list[Fact]:
    """``legal_change_due`` has come."""
    change = state.legal_change
    assert change, "it is due"
    if change.suspend_at is not None:
        suspended = EnrollmentSuspended(
            **_about(state),
            country=state.country,
            region=state.region,
            reason="information-not-verified",
            explanation=change.explanation,
            suspended_by=by,
        )
        return [suspended, reached("suspended", at, by, "information-not-verified")]
    missed = change.escalations + 1
    while business_days_after(change.proposed_at, state.waits.review * (missed + 1)) <= at:
        missed += 1
    late = ReviewDelayed(
        **addressed(state),
        applicant=state.applicant,
        was_due=review_of_change_due(change, state.waits),
        escalation=change.escalations + 1,
        of_change=True,
    )
    return [late, LegalChangeEscalated(missed)]


def _propose(command: ProposeLegalChange, state: Enrollment) -> list[Fact]:
    pending = state.legal_change
    change = LegalChange(
        command.company_name, command.address, command.registration_id, command.actor.user, command.actor.at
    )
    fields = _differing(state, _with(state, change))
    if not fields or (pending and pending.pending and _with(state, pending) == _with(state, change)):
        return []
    if refused := _unfit(command, state):
        return [refused]
    if pending and pending.pending:
        detail = "another change is under review; withdraw it first, or wait for the decision"
        return [EnrollmentRefused(reason="change-pending", detail=detail)]
    proposed = LegalChangeProposed(
        **_about(state),
        fields=fields,
        proposed_by=command.actor.user,
        review_due=review_of_change_due(change, state.waits),
    )
    return [LegalChangeNoted(change), proposed]


def _withdraw(command: WithdrawLegalChange, state: Enrollment) -> list[Fact]:
    if state.legal_change is None:
        return []
    withdrawn = LegalChangeWithdrawn(
        **_about(state),
        fields=changed_fields(state),
        withdrawn_by=command.actor.user,
        by_staff=command.actor.staff,
    )
    return [LegalChangeNoted(None), withdrawn]


def _judge(command: JudgeLegalChange, state: Enrollment) -> list[Fact]:
    change, actor = state.legal_change, command.actor
    if change is None:
        detail = "no change of the legal profile is proposed; GET /v1/legal-changes lists those that are"
        return [EnrollmentRefused(reason="no-change-pending", detail=detail)]
    if command.decision == "reject":
        return _reject(command, change, state)
    if not change.pending:
        detail = "this change was rejected; the partner may propose it again"
        return [EnrollmentRefused(reason="no-change-pending", detail=detail)]
    after = _with(state, change)
    profile = LegalProfileUpdated(change.company_name, change.address, change.registration_id)
    changes = changes_between(state, after, replace(actor, user=change.proposed_by, staff=False))
    accepted = LegalChangeAccepted(
        **_about(after),
        country=state.country,
        region=state.region,
        fields=changed_fields(state),
        accepted_by=actor.user,
    )
    # What a reviewer has just accepted is reviewed.
    reviewed: list[Fact] = [StepPassed("business")] if "business" in state.dossier.passed else []
    named = [_renamed(state, after, actor.user)] if after.company_name != state.company_name else []
    return [ChangesNoted(changes), profile, *reviewed, LegalChangeNoted(None), *named, accepted]


def _reject(command: JudgeLegalChange, change: LegalChange, state: Enrollment) -> list[Fact]:
    if command.reason is None:
        detail = "give the reason of the rejection; the partner gets it by mail"
        return [EnrollmentRefused(reason="reason-missing", field="reason", detail=detail)]
    if not change.pending:
        return []
    until = command.actor.at + timedelta(days=state.waits.settle)
    rejected = LegalChangeRejected(
        **_about(state),
        fields=changed_fields(state),
        reason=command.reason,
        explanation=command.explanation,
        rejected_by=command.actor.user,
        settle_until=until,
    )
    kept = replace(change, reason=command.reason, explanation=command.explanation, suspend_at=until)
    return [LegalChangeNoted(kept), rejected]


def _unfit(command: ProposeLegalChange, state: Enrollment) -> EnrollmentRefused | None:
    if fault := company_name_fault(command.company_name):
        return EnrollmentRefused(reason="company-name-invalid", field="company_name", detail=fault)
    if state.registration_id_mandatory and not command.registration_id:
        detail = "companies of this country have a registration id; give it"
        return EnrollmentRefused(reason="incomplete", field="registration_id", detail=detail)
    return None


def _no_partner(state: Enrollment) -> EnrollmentRefused | None:
    if state.partner:
        return None
    if not state.open:
        return closed(state.status)
    detail = "only a partner's data are changed by review; correct the profile of an enrollment directly"
    return EnrollmentRefused(reason="not-active", detail=detail)


def _renamed(state: Enrollment, after: Enrollment, by: str) -> LegalNameChanged:
    return LegalNameChanged(
        enrollment_id=state.enrollment_id,
        partner=partner_of(after),
        country=state.country,
        region=state.region,
        previous_name=state.company_name or "",
        changed_by=by,
    )


def _with(state: Enrollment, change: LegalChange) -> Enrollment:
    return replace(
        state,
        company_name=change.company_name,
        address=change.address,
        registration_id=change.registration_id,
        legal_change=None,
    )


def _differing(state: Enrollment, after: Enrollment) -> tuple[LegalField, ...]:
    pairs: dict[LegalField, bool] = {
        "company_name": state.company_name != after.company_name,
        "address": state.address != after.address,
        "registration_id": state.registration_id != after.registration_id,
    }
    return tuple(field for field, differs in pairs.items() if differs)


class _About(TypedDict):
    enrollment_id: str
    partner: Partner
    applicant: Applicant | None


def _about(state: Enrollment) -> _About:
    return _About(enrollment_id=state.enrollment_id, partner=partner_of(state), applicant=state.applicant)
