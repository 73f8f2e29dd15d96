"""What may be asked of a user who comes by invitation, changes or goes; and with that, all that may be asked of one."""

from dataclasses import dataclass
from datetime import datetime

from identity.domain.user.address import AddressCommand
from identity.domain.user.state import (
    AddUser,
    ChangePassword,
    ChangeRoles,
    Granter,
    GrantRoles,
    IssueTemporaryPassword,
    ProveAddress,
    ResetCommand,
    SignUp,
)
from kontor_contracts.identity import OrganizationProfile, Sender


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteUser:
    """A further user, who follows a link in a mail and chooses a password. ``sealed_link`` is for the mail alone.

    ``known``: another organization's user has the address.
    """

    user_id: str
    organization: OrganizationProfile
    full_name: str
    email: str
    culture: str
    roles: tuple[str, ...]
    guest: bool
    token_hash: str
    sealed_link: str
    expires_at: datetime
    by: Granter
    sender: Sender | None = None
    known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewInvitation:
    """A new link instead of the old one, which is void from then on: of an invitation, or to prove an added user's address."""

    token_hash: str
    sealed_link: str
    expires_at: datetime
    by: Granter
    sender: Sender | None = None
    known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptInvitation:
    token_hash: str
    password_hash: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateUser:
    full_name: str
    culture: str
    by: Granter


@dataclass(frozen=True, slots=True)
class JoinOrganization:
    """The organization goes by another name now."""

    organization: OrganizationProfile


@dataclass(frozen=True, slots=True, kw_only=True)
class DisableUser:
    """``seen``: see ChangeRoles."""

    seen: int
    by: Granter


@dataclass(frozen=True, slots=True, kw_only=True)
class EnableUser:
    by: Granter


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteUser:
    """``seen``: see ChangeRoles."""

    seen: int
    restorable_until: datetime
    by: Granter


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreUser:
    at: datetime
    by: Granter


@dataclass(frozen=True, slots=True)
class EndWithOrganization:
    """The organization was closed: its users go, for as long as it can be opened again."""

    restorable_until: datetime


@dataclass(frozen=True, slots=True)
class ReturnWithOrganization:
    """The organization is open again: whoever went with it comes back, and nobody else."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeUser:
    """Erase the user. ``by`` None: the time has come, which is looked at again; an administrator need not wait for it."""

    at: datetime
    by: Granter | None = None


OwnCommand = SignUp | AddUser | ChangeRoles | GrantRoles | ChangePassword | IssueTemporaryPassword | ResetCommand
InvitationCommand = InviteUser | RenewInvitation | AcceptInvitation
ProofCommand = ProveAddress
OrganizationCommand = EndWithOrganization | ReturnWithOrganization
OwnLifeCommand = JoinOrganization | UpdateUser | DisableUser | EnableUser | DeleteUser | RestoreUser | PurgeUser
LifeCommand = OwnLifeCommand | OrganizationCommand
Command = OwnCommand | InvitationCommand | LifeCommand | AddressCommand | ProofCommand
"""Decided in `domain_user`, `domain_user_invitation`, `domain_user_life`, `domain.user.proof` and `domain.user.address`."""
