"""Commands on a user."""

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
    """Invite a further user, who follows the link of a mail and chooses a password. ``sealed_link``: for the mail only.

    ``known``: a user of another organization has the address.
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
    """Replace the link of an invitation, or the link that proves an added user's address. The old link is void."""

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
    """Take over the organization's new name."""

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
    """Delete the user with the closed organization, for as long as it can be reopened."""

    restorable_until: datetime


@dataclass(frozen=True, slots=True)
class ReturnWithOrganization:
    """Restore the user with the reopened organization, if the closing deleted the user."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeUser:
    """Erase the user. ``by`` None: the timer, only when the time to restore is over. An administrator may do it earlier."""

    at: datetime
    by: Granter | None = None


OwnCommand = SignUp | AddUser | ChangeRoles | GrantRoles | ChangePassword | IssueTemporaryPassword | ResetCommand
InvitationCommand = InviteUser | RenewInvitation | AcceptInvitation
ProofCommand = ProveAddress
OrganizationCommand = EndWithOrganization | ReturnWithOrganization
OwnLifeCommand = JoinOrganization | UpdateUser | DisableUser | EnableUser | DeleteUser | RestoreUser | PurgeUser
LifeCommand = OwnLifeCommand | OrganizationCommand
Command = OwnCommand | InvitationCommand | LifeCommand | AddressCommand | ProofCommand
"""`decide` hands invitations, proofs, addresses, resets and lifecycle commands to their modules."""
