"""Where a request stands in the lists of its two companies: by status, in the order of time (ADR 30)."""

from relationships.domain.partner_request import State, Status


def list_key(organization_id: str, status: Status | None) -> str:
    """``status`` None: all requests of the company."""
    return f"{organization_id}|{status or 'all'}"


def listing(state: State) -> tuple[tuple[str, ...], str, str] | None:
    """Keys, order and text."""
    request = state.request
    if request is None:
        return None
    sides = (request.provider.organization_id, request.reseller.organization_id)
    keys = tuple(list_key(side, status) for side in sides for status in (request.status, None))
    return keys, f"{request.requested_at.isoformat()}\t{request.request_id}", ""
