"""Events of an organization and its refusals.

Announced events are those of the contracts. The other ones change the document only and stay in the service.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

from identity.domain.organization.state import Standing
from kontor_contracts.envelope import Refusal
from kontor_contracts.identity import (
    OrganizationActivated,
    OrganizationClosed,
    OrganizationCorrected,
    OrganizationErased,
    OrganizationRegistered,
    OrganizationReopened,
    OrganizationStatusChanged,
    OrganizationUpdated,
)


@dataclass(frozen=True, slots=True)
class StandingNoted:
    standing: Standing


@dataclass(frozen=True, slots=True)
class SubmissionNoted:
    """From now on country and kind stay as they are."""


class OrganizationRefused(Refusal):
    TYPE: ClassVar[str] = "kontor.identity.organization-refused.v1"
    reason: Literal[
        "active-partner",
        "enrollment-submitted",
        "last-global-admin",
        "legal-name",
        "not-closed",
        "organization-closed",
        "other-global-admins",
        "registration-pending",
    ]
    detail: str
    field: str | None = None


LAST = OrganizationRefused(
    reason="last-global-admin",
    detail="an organization needs at least one global admin; give another user the role first",
)

LEGAL_NAME = OrganizationRefused(
    reason="legal-name",
    detail="an active partner uses its legal name; ask the program's staff to change the legal name in the enrollment",
    field="name",
)

PENDING = OrganizationRefused(
    reason="registration-pending", detail="the organization is being registered; try again in a few seconds"
)

SUBMITTED = OrganizationRefused(
    reason="enrollment-submitted",
    detail="country and kind cannot be changed after an enrollment was submitted; close this account and sign up again",
)
ACTIVE_PARTNER = OrganizationRefused(
    reason="active-partner",
    detail="an active partner cannot be closed; ask the program's staff to end the enrollment first",
)
NOT_THE_LAST = OrganizationRefused(
    reason="other-global-admins",
    detail="only the last global admin can close an account; take the role from the other global admins, or delete them first",
)
CLOSED = OrganizationRefused(
    reason="organization-closed", detail="this account is closed; ask the program's staff to reopen it"
)
NOT_CLOSED = OrganizationRefused(
    reason="not-closed", detail="the account is not closed, or the time to reopen it is over; sign up again"
)

ClosingFact = OrganizationCorrected | OrganizationClosed | OrganizationReopened | OrganizationErased | SubmissionNoted
OwnFact = (
    OrganizationRegistered
    | OrganizationActivated
    | OrganizationUpdated
    | OrganizationStatusChanged
    | StandingNoted
    | OrganizationRefused
)
Fact = OwnFact | ClosingFact
