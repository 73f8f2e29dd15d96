"""The lists by which companies with the same name or registration id are found, and where an enrollment stands in all lists."""

from enrollment.domain.enrollment.change_queue import change_listing
from enrollment.domain.enrollment.name_warnings import skeleton
from enrollment.domain.enrollment.queue import listing
from enrollment.domain.enrollment.state import Enrollment


def name_key(country: str, name: str) -> str:
    return f"company|name={country}|{skeleton(name)}"


def number_key(country: str, registration_id: str) -> str:
    number = "".join(one for one in registration_id.casefold() if one.isalnum())
    return f"company|number={country}|{number}"


def company_keys(state: Enrollment) -> tuple[str, ...]:
    """A draft and a closed enrollment stand in none."""
    if not state.occupying or state.status == "draft" or state.company_name is None:
        return ()
    numbers = (number_key(state.country, state.registration_id),) if state.registration_id else ()
    return (name_key(state.country, state.company_name), *numbers)


def places(state: Enrollment) -> tuple[tuple[str, ...], str, str] | None:
    """Keys, order and text in all lists."""
    found = listing(state) or change_listing(state)
    keys, order, text = found or ((), state.enrollment_id, "")
    keys = (*keys, *company_keys(state))
    return (keys, order, text) if keys else None
