"""What a partner and the staff see of the yearly re-authorization."""

from datetime import datetime

from enrollment.api.base_views import View
from enrollment.domain.enrollment.reauthorization import CONFIRMATIONS, confirmable_from, due_at
from enrollment.domain.enrollment.state import Enrollment
from kontor_contracts.enrollment import Confirmation


class ReauthorizationView(View):
    """What a reseller has to confirm from ``confirmable_from`` to ``due_at``; otherwise its agreement ends then."""

    due_at: datetime
    confirmable_from: datetime
    confirmations: list[Confirmation]


def reauthorization_view(state: Enrollment) -> ReauthorizationView | None:
    due, opens = due_at(state), confirmable_from(state)
    if due is None or opens is None:
        return None
    return ReauthorizationView(due_at=due, confirmable_from=opens, confirmations=list(CONFIRMATIONS))
