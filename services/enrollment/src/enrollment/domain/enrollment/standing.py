"""Decisions on the standing of a partner: the program's staff suspend and reinstate it.

A suspended partner keeps its partner id, its users and its customers. It wins no new ones.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict, assert_never

from enrollment.domain.enrollment.acceptance import renewed
from enrollment.domain.enrollment.addressing import partner_of
from enrollment.domain.enrollment.facts import Fact
from enrollment.domain.enrollment.own_facts import reached
from enrollment.domain.enrollment.refusals import EnrollmentRefused
from enrollment.domain.enrollment.state import Enrollment
from kontor_contracts.enrollment import (
    Applicant,
    EnrollmentReinstated,
    EnrollmentSuspended,
    ReinstatementReason,
    SuspensionReason,
)
from kontor_contracts.values import Partner


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspend:
    """``explanation`` goes to the company by mail."""

    reason: SuspensionReason
    explanation: str | None
    by: str
    organization: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reinstate:
    """``explanation`` goes to the company by mail."""

    reason: ReinstatementReason
    explanation: str | None
    by: str
    organization: str
    at: datetime


StandingCommand = Suspend | Reinstate


def judge_standing(command: StandingCommand, state: Enrollment) -> list[Fact]:
    if command.organization == state.organization_id:
        detail = "you cannot suspend or reinstate your own company; ask a reviewer of another organization"
        return [EnrollmentRefused(reason="own-company", detail=detail)]
    match command:
        case Suspend():
            return _suspend(command, state)
        case Reinstate():
            return _reinstate(command, state)
        case _:
            assert_never(command)


def _suspend(command: Suspend, state: Enrollment) -> list[Fact]:
    if state.status == "suspended":
        return []
    if not state.active:
        detail = "only an active partner can be suspended; reject an enrollment that is not active yet"
        return [EnrollmentRefused(reason="not-active", detail=detail)]
    suspended = EnrollmentSuspended(
        **_concerned(state), reason=command.reason, explanation=command.explanation, suspended_by=command.by
    )
    return [suspended, reached("suspended", command.at, command.by, command.reason)]


def _reinstate(command: Reinstate, state: Enrollment) -> list[Fact]:
    if state.active:
        return []
    if state.status != "suspended":
        detail = "only a suspended partner can be reinstated; this enrollment is not suspended"
        return [EnrollmentRefused(reason="not-suspended", detail=detail)]
    reinstated = EnrollmentReinstated(
        **_concerned(state), reason=command.reason, explanation=command.explanation, reinstated_by=command.by
    )
    return [reinstated, reached("active", command.at, command.by, command.reason), *renewed(state, command.at)]


class _Concerned(TypedDict):
    enrollment_id: str
    partner: Partner
    country: str
    region: str
    applicant: Applicant | None


def _concerned(state: Enrollment) -> _Concerned:
    return _Concerned(
        enrollment_id=state.enrollment_id,
        partner=partner_of(state),
        country=state.country,
        region=state.region,
        applicant=state.applicant,
    )
