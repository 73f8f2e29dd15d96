"""The problem of an enrollment that claims what another one has."""

from chassis import ProblemError, TakenError
from enrollment.domain.enrollment.state import Enrollment

TAKEN = {
    "organization": "your organization has an enrollment already; GET /v1/enrollments shows it",
    "partner_id": "another enrollment has this partner id; choose another one, or write to the program if it is yours",
}


def taken(error: TakenError) -> ProblemError:
    return ProblemError(409, "taken", TAKEN[error.name], field=error.name)


def still_waiting(state: Enrollment) -> ProblemError:
    """The organization is taken because it missed its re-authorization."""
    detail = f"a re-authorization was missed, so your organization may enroll again from {state.wait_until:%Y-%m-%d}"
    return ProblemError(409, "waiting", f"{detail}; the program's staff can end the wait earlier", field="organization")
