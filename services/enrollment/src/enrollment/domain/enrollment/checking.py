"""Decisions on the automatic checks of a company: their results are recorded, and a reviewer may ask for them again.

A result never approves or rejects. A high risk that a check finds takes a second reviewer, as if a person had marked it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from enrollment.domain.enrollment.check_results import Results, merged, pending
from enrollment.domain.enrollment.facts import Fact
from enrollment.domain.enrollment.own_facts import ChecksNoted, RiskMarked
from enrollment.domain.enrollment.refusals import EnrollmentRefused, closed, own_company
from enrollment.domain.enrollment.state import Actor, Address, Enrollment
from kontor_contracts.enrollment import BusinessChecked, CheckSummary, ReviewFileChanged

BY = "service:enrollment"
REVIEWED = ("in-review", "action-required")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedCompany:
    """What is checked. Results hold for these data alone."""

    enrollment_id: str
    organization_id: str
    country: str
    company_name: str | None
    address: Address | None
    registration_id: str | None
    partner_id: str | None
    registry_name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordChecks:
    """``results`` of checks of ``company``; nothing is recorded if it was corrected meanwhile."""

    company: CheckedCompany
    results: Results


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatChecks:
    """A reviewer has all checks carried out again, for instance because one gave no result.

    ``results``: of the checks that are done at once; the others are pending. Of ``company``, as in `RecordChecks`.
    """

    actor: Actor
    company: CheckedCompany
    results: Results


CheckCommand = RecordChecks | RepeatChecks


def keep_checks(command: CheckCommand, state: Enrollment) -> list[Fact]:
    match command:
        case RecordChecks(company=company, results=results):
            if not outstanding(state) or company != checked_company(state):
                return []
            return noted(state, results, known=state.dossier.checks)
        case RepeatChecks():
            return _repeat(command, state)
        case _:
            assert_never(command)


def noted(state: Enrollment, results: Results, *, known: Results = ()) -> list[Fact]:
    """Results as facts, beside the ``known`` ones of other checks. What is pending still is not announced."""
    if not results:
        return []
    found = tuple(
        CheckSummary(check=one.check, outcome=one.outcome, high_risk=one.high_risk)
        for one in results
        if one.outcome != "pending"
    )
    announced: list[Fact] = [BusinessChecked(enrollment_id=state.enrollment_id, results=found)] if found else []
    return [ChecksNoted(merged(known, results)), *announced, *_risk(state, results)]


def checked_company(state: Enrollment) -> CheckedCompany:
    return CheckedCompany(
        enrollment_id=state.enrollment_id,
        organization_id=state.organization_id,
        country=state.country,
        company_name=state.company_name,
        address=state.address,
        registration_id=state.registration_id,
        partner_id=state.partner_id,
        registry_name=state.dossier.registry_name,
    )


def outstanding(state: Enrollment) -> bool:
    """A check waits to be carried out."""
    return state.status in REVIEWED and pending(state.dossier.checks)


def checks_due(state: Enrollment) -> datetime | None:
    """At once: the moment has passed."""
    return state.history[-1].at if outstanding(state) else None


def _repeat(command: RepeatChecks, state: Enrollment) -> list[Fact]:
    if refused := own_company(command.actor, state):
        return [refused]
    if state.status not in REVIEWED:
        detail = "the enrollment is not in review; GET /v1/reviews lists those that are"
        refused = closed(state.status) if not state.open else EnrollmentRefused(reason="not-in-review", detail=detail)
        return [refused]
    if command.company != checked_company(state):
        # The company has corrected its data since: they are checked again anyway.
        return []
    again = merged((), command.results)
    return noted(state, again) if again != state.dossier.checks else []


def _risk(state: Enrollment, results: Results) -> list[Fact]:
    if state.dossier.high_risk or not any(one.high_risk for one in results):
        return []
    marked = ReviewFileChanged(
        enrollment_id=state.enrollment_id, change="risk", old="normal", new="high", changed_by=BY
    )
    return [RiskMarked(high=True, by=BY), marked]
