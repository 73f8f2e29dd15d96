"""Results of the automatic checks of a company, which a reviewer reads before the decision. They decide nothing."""

from dataclasses import dataclass, replace

from kontor_contracts.enrollment import CheckOutcome

MOST_RESULTS = 10
"""Checks of one company."""
MOST_RELATED = 5
"""Other enrollments that one result names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """``detail``: what was found, as one line. ``related``: enrollments that it was compared with.

    ``high_risk``: the approval takes two reviewers.
    """

    check: str
    outcome: CheckOutcome
    detail: str | None = None
    related: tuple[str, ...] = ()
    high_risk: bool = False


Results = tuple[CheckResult, ...]


def pending(results: Results) -> bool:
    return any(one.outcome == "pending" for one in results)


def all_pending(results: Results) -> Results:
    return tuple(CheckResult(check=one.check, outcome="pending") for one in results)


def merged(known: Results, found: Results) -> Results:
    """``found`` replaces the results of the same checks."""
    by_name = {one.check: one for one in (*known, *found)}
    return tuple(replace(one, related=one.related[:MOST_RELATED]) for one in by_name.values())[:MOST_RESULTS]
