"""Decisions on the company's name outside its own form.

A draft follows the work account until the company enters the name itself. After activation the program's staff change it.
"""

from dataclasses import dataclass

from enrollment.domain.enrollment.addressing import partner_of
from enrollment.domain.enrollment.company import company_name_fault
from enrollment.domain.enrollment.facts import Fact
from enrollment.domain.enrollment.own_facts import NameNoted
from enrollment.domain.enrollment.refusals import EnrollmentRefused
from enrollment.domain.enrollment.state import Enrollment
from kontor_contracts.enrollment import LegalNameChanged


@dataclass(frozen=True, slots=True)
class FollowAccountName:
    """The work account was renamed in identity."""

    name: str
    previous: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLegalName:
    """A reviewer has seen the proof of the new name."""

    name: str
    reviewer: str
    reviewer_organization: str


def follow_account_name(command: FollowAccountName, state: Enrollment) -> list[Fact]:
    if state.status != "draft" or state.company_name not in {None, command.previous}:
        return []
    name = None if company_name_fault(command.name) else command.name
    return [] if name == state.company_name else [NameNoted(name)]


def change_legal_name(command: ChangeLegalName, state: Enrollment) -> list[Fact]:
    if command.reviewer_organization == state.organization_id:
        detail = "you cannot change the name of your own company; ask a reviewer of another organization"
        return [EnrollmentRefused(reason="own-company", detail=detail)]
    if state.status != "active":
        detail = "only an active partner's name is changed here; reinstate the partner first, or change the profile"
        return [EnrollmentRefused(reason="not-active", detail=detail)]
    if fault := company_name_fault(command.name):
        return [EnrollmentRefused(reason="company-name-invalid", field="name", detail=fault)]
    if command.name == state.company_name:
        return []
    return [
        LegalNameChanged(
            enrollment_id=state.enrollment_id,
            partner=partner_of(state, name=command.name),
            country=state.country,
            region=state.region,
            previous_name=state.company_name or "",
            changed_by=command.reviewer,
        )
    ]
