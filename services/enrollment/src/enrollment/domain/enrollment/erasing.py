"""Decisions on an erasure by hand: a draft is deleted, and a closed enrollment loses what it holds about people."""

from dataclasses import dataclass
from typing import ClassVar

from enrollment.domain.enrollment.account import personal
from enrollment.domain.enrollment.addressing import known
from enrollment.domain.enrollment.facts import Fact
from enrollment.domain.enrollment.own_facts import ContactsErased, reached
from enrollment.domain.enrollment.refusals import EnrollmentRefused, own_company
from enrollment.domain.enrollment.state import Actor, Enrollment
from kontor_contracts.enrollment import EnrollmentErased, EnrollmentWithdrawn


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseEnrollment:
    """On request of the company, also by the program's staff. Signatures, dates and the company's own data stay."""

    ERASES: ClassVar[bool] = True
    actor: Actor


def erase_enrollment(command: EraseEnrollment, state: Enrollment) -> list[Fact]:
    actor = command.actor
    if refused := own_company(actor, state) or _still_open(state):
        return [refused]
    if state.status != "draft" and not personal(state):
        return []
    erased = EnrollmentErased(
        enrollment_id=state.enrollment_id,
        organization_id=state.organization_id,
        erased_by=actor.user,
        by_staff=actor.staff,
    )
    return [*_taken_back(state, actor), ContactsErased(), erased]


def _taken_back(state: Enrollment, actor: Actor) -> list[Fact]:
    if state.status != "draft":
        return []
    withdrawn = EnrollmentWithdrawn(**known(state), withdrawn_by=actor.user, by_staff=actor.staff)
    return [withdrawn, reached("withdrawn", actor.at, actor.user)]


def _still_open(state: Enrollment) -> EnrollmentRefused | None:
    if state.status == "draft" or not state.open:
        return None
    first = "end the partner agreement" if state.partner else "withdraw the enrollment"
    detail = f"{first} first; then what it holds about people can be erased"
    return EnrollmentRefused(reason="not-editable", detail=detail)
