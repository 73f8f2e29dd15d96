"""Commands on a user. Hashes, ids and the time come with them."""

from dataclasses import dataclass
from datetime import datetime

from identity.domain.user.state import Granter
from kontor_contracts.identity import (
    OrganizationProfile,
    RoleLocations,
    Sender,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp:
    """Create the first user of a new organization, its global admin. The address was proved at ``at``."""

    user_id: str
    organization: OrganizationProfile
    full_name: str
    email: str
    culture: str
    password_hash: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofLink:
    """A link that proves the address: hashed, and sealed for the mail."""

    token_hash: str
    sealed_link: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AddUser:
    """Add a further user with a temporary password.

    ``link`` None: the address needs no proof (command line). ``known``: a user of another organization has the address.
    """

    user_id: str
    organization: OrganizationProfile
    full_name: str
    email: str
    culture: str
    roles: tuple[str, ...]
    password_hash: str
    by: Granter
    at: datetime
    guest: bool = False
    link: ProofLink | None = None
    sender: Sender | None = None
    known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveAddress:
    """``token_hash`` of the mailed link. None: proved by the directory of the organization that proved the domain."""

    token_hash: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRoles:
    """``seen``: the user's ``role_changes`` on which the command is based. ``locations`` None: unchanged.

    ``confirmed``: the user confirms giving up the own last protected role.
    """

    roles: tuple[str, ...]
    seen: int
    by: Granter
    locations: tuple[RoleLocations, ...] | None = None
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class GrantRoles:
    """Add roles that the program gives. Roles already held stay."""

    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePassword:
    """``verified_hash``: the hash against which the current password was checked."""

    verified_hash: str
    password_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueTemporaryPassword:
    """Replace a temporary password that was never changed."""

    password_hash: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Rehash:
    """Store the same password, hashed with the current parameters."""

    verified_hash: str
    password_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReset:
    """Have a link for a new password mailed. ``sparing``: only if no valid link is left."""

    token_hash: str
    sealed_link: str
    at: datetime
    expires_at: datetime
    sparing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RedeemReset:
    """Set a new password by a mailed link. All links are void afterwards.

    ``remove_unproved_factor``: also turn off a second factor from before the proof of the address.
    """

    token_hash: str
    password_hash: str
    at: datetime
    remove_unproved_factor: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestAddressChange:
    """``sealed_link``: only for the mail to the new address. A newer request voids the older link."""

    email: str
    token_hash: str
    sealed_link: str
    at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ConfirmAddressChange:
    token_hash: str
    at: datetime


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


ResetCommand = Rehash | RequestReset | RedeemReset
AddressCommand = RequestAddressChange | ConfirmAddressChange
OwnCommand = SignUp | AddUser | ChangeRoles | GrantRoles | ChangePassword | IssueTemporaryPassword | ResetCommand
InvitationCommand = InviteUser | RenewInvitation | AcceptInvitation
ProofCommand = ProveAddress
OrganizationCommand = EndWithOrganization | ReturnWithOrganization
OwnLifeCommand = JoinOrganization | UpdateUser | DisableUser | EnableUser | DeleteUser | RestoreUser | PurgeUser
LifeCommand = OwnLifeCommand | OrganizationCommand
Command = OwnCommand | InvitationCommand | LifeCommand | AddressCommand | ProofCommand
"""`decide` hands invitations, proofs, addresses, resets and lifecycle commands to their modules."""
