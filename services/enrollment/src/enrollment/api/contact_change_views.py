"""What a partner and the staff see of a change of the primary contact."""

from datetime import datetime
from typing import Literal

from enrollment.api.base_views import View
from enrollment.domain.enrollment.state import Enrollment


class ContactChangeView(View):
    """``asked``: the new contact is to confirm until ``confirm_until``. ``confirmed``: it holds, and can be objected to."""

    status: Literal["asked", "confirmed"]
    name: str
    email: str
    requested_by: str
    requested_at: datetime
    confirm_until: datetime
    object_until: datetime


def contact_change_view(state: Enrollment) -> ContactChangeView | None:
    change = state.contact_change
    if change is None or change.contact is None or not state.partner:
        return None
    return ContactChangeView(
        status="confirmed" if change.confirmed else "asked",
        name=change.contact.name,
        email=change.contact.email,
        requested_by=change.requested_by,
        requested_at=change.requested_at,
        confirm_until=change.expires_at,
        object_until=change.object_until,
    )
