"""Where an enrollment stands in the review queue: its keys, and its order.

The order is when the review began. A review is due a fixed number of business days later, so the same order sorts by due
date. Each filter has a key; the index finds a page by one of them.
"""

from enrollment.domain.enrollment.dossier import Step
from enrollment.domain.enrollment.name_warnings import name_warnings
from enrollment.domain.enrollment.state import Enrollment
from kontor_contracts.values import Program

ALL = "review"
OVERDUE = "review|overdue"
UNCLAIMED = "review|unclaimed"
HIGH_RISK = "review|high-risk"
NAME_WARNING = "review|name-warning"
FLAGGED = "review|flagged"


def country_key(country: str) -> str:
    return f"review|country={country}"


def program_key(program: Program) -> str:
    return f"review|program={program}"


def step_key(step: Step) -> str:
    return f"review|step={step}"


def claimed_key(user_id: str) -> str:
    return f"review|claimed={user_id}"


def listing(state: Enrollment) -> tuple[tuple[str, ...], str, str] | None:
    """Keys, order and text. None: it is not in review. ``overdue`` is set by the timer, at the moment the review is due."""
    if state.status != "in-review":
        return None
    dossier = state.dossier
    keys = [ALL, country_key(state.country), program_key(state.program)]
    keys.append(claimed_key(dossier.claimed_by) if dossier.claimed_by else UNCLAIMED)
    keys += [step_key(dossier.step)] if dossier.step else []
    keys += [OVERDUE] if state.escalations else []
    keys += [HIGH_RISK] if dossier.high_risk else []
    keys += [NAME_WARNING] if name_warnings(state) else []
    keys += [FLAGGED] if any(one.outcome == "flagged" for one in dossier.checks) else []
    return tuple(keys), f"{state.history[-1].at.isoformat()}\t{state.enrollment_id}", ""
