"""Commands on an organization."""

from dataclasses import dataclass
from datetime import datetime

from identity.domain.organization.state import EnrollmentStatus, Standing
from kontor_contracts.identity import OrganizationProfile
from kontor_contracts.values import OrganizationKind


@dataclass(frozen=True, slots=True)
class RegisterOrganization:
    """``standing`` of the user who registered it. None for the program's own organization, which has no global admin."""

    profile: OrganizationProfile
    registered_by: str
    standing: Standing | None


@dataclass(frozen=True, slots=True)
class ActivateOrganization:
    """``legal_name``: the name that enrollment verified."""

    organization_id: str
    enrollment_id: str
    legal_name: str


@dataclass(frozen=True, slots=True)
class FollowLegalName:
    """Enrollment changed the name of an active partner."""

    legal_name: str


@dataclass(frozen=True, slots=True)
class NoteStanding:
    standing: Standing


@dataclass(frozen=True, slots=True)
class ReleaseGlobalAdmin:
    """Stop counting the user, before the role is taken. ``as_of``: see Standing."""

    user_id: str
    as_of: int


@dataclass(frozen=True, slots=True)
class UpdateOrganization:
    name: str
    culture: str


@dataclass(frozen=True, slots=True)
class FollowEnrollment:
    """Take over the status of an enrollment. Activation is a separate command."""

    organization_id: str
    status: EnrollmentStatus
    enrollment_id: str
    submitted: bool = False


@dataclass(frozen=True, slots=True)
class CorrectOrganization:
    country: str
    kind: OrganizationKind


@dataclass(frozen=True, slots=True)
class CloseOrganization:
    """``staff``: of the program; else a global admin of the organization, who then is its last one."""

    by: str
    staff: bool
    reopenable_until: datetime


@dataclass(frozen=True, slots=True)
class ReopenOrganization:
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class EraseOrganization:
    """The timer: erase a closed organization if the time to reopen it is over."""

    at: datetime


ClosingCommand = CorrectOrganization | CloseOrganization | ReopenOrganization | EraseOrganization


OwnCommand = (
    RegisterOrganization
    | ActivateOrganization
    | NoteStanding
    | ReleaseGlobalAdmin
    | UpdateOrganization
    | FollowEnrollment
    | FollowLegalName
)
Command = OwnCommand | ClosingCommand
