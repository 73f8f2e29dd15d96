"""How many enrollments are in which status, and for how long, for the metrics."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import get_args

from chassis import Census
from enrollment.domain.enrollment.state import CLOSED, Status

STATUSES: tuple[Status, ...] = get_args(Status)
AGED = tuple(status for status in STATUSES if status not in (*CLOSED, "active"))


def _entered(history: Sequence[Mapping[str, str]] | None) -> datetime | None:
    """When the present status began, from the stored milestones."""
    return datetime.fromisoformat(history[-1]["at"]) if history else None


ENROLLMENTS = Census(
    metric="kontor_enrollments",
    what="Enrollments",
    status="state.status",
    statuses=STATUSES,
    aged=AGED,
    field="state.history",
    since=_entered,
)
