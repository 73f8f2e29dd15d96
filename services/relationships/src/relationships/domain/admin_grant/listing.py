"""Where a grant stands in the lists of partner and customer: keys, and the orders by its dates (ADR 30)."""

from datetime import UTC, datetime

from relationships.domain.admin_grant.state import AdminGrant, State, Status
from relationships.domain.listing_words import date_form

NO_END = datetime.max.replace(tzinfo=UTC)
"""A grant that has not begun has no end yet: it comes last."""


def list_key(viewer: str, status: Status | None = None) -> str:
    """``viewer``: the organization of either side. ``status`` None: all of its grants."""
    return f"{viewer}|{status or 'all'}"


def customer_key(viewer: str, customer_id: str) -> str:
    return f"{viewer}|customer={customer_id}"


def listing(state: State) -> tuple[tuple[str, ...], str, str] | None:
    """Keys, order and text. The order is by the request."""
    grant = state.admin_grant
    if grant is None:
        return None
    keys = [
        key
        for viewer in _sides(grant)
        for key in (
            list_key(viewer),
            list_key(viewer, grant.status),
            customer_key(viewer, grant.terms.customer_id),
        )
    ]
    return tuple(keys), date_form(grant.requested_at, grant.terms.grant_id), ""


def by_end(state: State) -> dict[str, str]:
    """The order by the date on which the grant runs out."""
    grant = state.admin_grant
    if grant is None:
        return {}
    order = date_form(grant.expires_at or NO_END, grant.terms.grant_id)
    return {key: order for viewer in _sides(grant) for key in (list_key(viewer), list_key(viewer, grant.status))}


def _sides(grant: AdminGrant) -> tuple[str, str]:
    return grant.terms.customer_id, grant.terms.partner.organization_id
