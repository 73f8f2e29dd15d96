"""Where a partner's proposed change of its legal profile stands in the reviewers' list: its keys, and its order."""

from enrollment.domain.enrollment.state import Enrollment

ALL = "change"
OVERDUE = "change|overdue"


def country_key(country: str) -> str:
    return f"change|country={country}"


def change_listing(state: Enrollment) -> tuple[tuple[str, ...], str, str] | None:
    """Keys, order and text. None: nothing is proposed. The order is that of waiting, and of the due dates, too."""
    change = state.legal_change
    if change is None or not change.pending or not state.partner:
        return None
    keys = [ALL, country_key(state.country), *([OVERDUE] if change.escalations else [])]
    return tuple(keys), f"{change.proposed_at.isoformat()}\t{state.enrollment_id}", ""
