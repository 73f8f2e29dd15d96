"""The problem of an enrollment that claims what another one has."""

from chassis import ProblemError, TakenError

TAKEN = {
    "organization": "your organization has an enrollment already; GET /v1/enrollments shows it",
    "partner_id": "another enrollment has this partner id; choose another one, or write to the program if it is yours",
}


def taken(error: TakenError) -> ProblemError:
    return ProblemError(409, "taken", TAKEN[error.name], field=error.name)
