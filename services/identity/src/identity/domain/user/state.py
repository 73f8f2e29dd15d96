"""The state of a user, its events and its refusals.

Hashes, ids and the time come with the commands. Changes that are not announced (such as a password's hash) are private
events of this module and stay in the service.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Literal

from identity.domain.roles import GLOBAL_ADMIN
from kontor_contracts.envelope import Refusal
from kontor_contracts.identity import (
    AddressChangeRequested,
    AddressVerificationRequested,
    OrganizationProfile,
    PasswordResetRequested,
    RoleLocations,
    Sender,
    UserAdded,
    UserAddressChanged,
    UserAddressProved,
    UserDeleted,
    UserDisabled,
    UserEnabled,
    UserInvited,
    UserJoined,
    UserPasswordChanged,
    UserPurged,
    UserRestored,
    UserRolesChanged,
    UserSignedUp,
    UserUpdated,
)

Status = Literal["absent", "invited", "active", "disabled", "deleted", "purged"]
Alive = Literal["invited", "active", "disabled"]

TEMPORARY_FOR = timedelta(days=7)
"""How long a temporary password is valid."""

ON_ACTIVATION = ("owner", "global-admin", "admin-agent")
"""The roles that the enrolling user gets when the company becomes active."""


MOST_RESET_LINKS = 3
"""Valid reset links per user. Further requests send no mail."""


@dataclass(frozen=True, slots=True)
class ResetLink:
    """A mailed link for a new password, stored as a hash of its token."""

    token_hash: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AddressChange:
    """A requested new address, with the hash of its mailed link's token."""

    email: str
    token_hash: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class User:
    """``organization``: its profile as far as this document knows it; country and kind never change.

    ``role_changes`` counts changes of ``roles``, ``status`` and the proof of the address: together they decide whether a
    global admin counts. ``session_epoch`` counts changes of the password and ends of access; older sessions are over.
    ``was``: the status before the deletion.

    ``unproved``: the address is not proved yet. It is unique only within the organization, and the user cannot sign in.
    ``proved_at``: the first proof; None for users from before the rule.
    """

    status: Status = "absent"
    user_id: str = ""
    organization: OrganizationProfile | None = None
    full_name: str = ""
    email: str = ""
    culture: str = "en"
    roles: tuple[str, ...] = ()
    role_changes: int = 0
    password_hash: str = ""
    temporary_until: datetime | None = None
    session_epoch: int = 0
    reset_links: tuple[ResetLink, ...] = ()
    guest: bool = False
    locations: tuple[RoleLocations, ...] = ()
    invitation_hash: str = ""
    invited_until: datetime | None = None
    was: Alive = "active"
    restorable_until: datetime | None = None
    gone_with_organization: bool = False
    address_change: AddressChange | None = None
    unproved: bool = False
    proof_hash: str = ""
    proof_until: datetime | None = None
    proved_at: datetime | None = None

    @property
    def counts_as_global_admin(self) -> bool:
        """Whether the user is a global admin who can sign in."""
        return self.is_global_admin and self.status == "active" and not self.unproved

    @property
    def is_gone(self) -> bool:
        return self.status in {"deleted", "purged"}

    @property
    def must_change_password(self) -> bool:
        return self.temporary_until is not None

    @property
    def is_global_admin(self) -> bool:
        return GLOBAL_ADMIN.name in self.roles


@dataclass(frozen=True, slots=True)
class Granter:
    """The user who changes another one: gives or takes roles, disables, deletes."""

    user_id: str
    global_admin: bool
    roles: tuple[str, ...] = ()


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
    """Have a link for a new password mailed."""

    token_hash: str
    sealed_link: str
    at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RedeemReset:
    """Set a new password by a mailed link. All links are void afterwards."""

    token_hash: str
    password_hash: str
    at: datetime


ResetCommand = Rehash | RequestReset | RedeemReset


@dataclass(frozen=True, slots=True)
class OrganizationJoined:
    organization: OrganizationProfile


@dataclass(frozen=True, slots=True)
class GoneWithOrganization:
    """The closing of the organization deleted the user, so the reopening restores the user."""


@dataclass(frozen=True, slots=True)
class AddressChangeKept:
    change: AddressChange


@dataclass(frozen=True, slots=True)
class PasswordSet:
    """``temporary_until`` None: the user chose the password."""

    password_hash: str
    temporary_until: datetime | None


@dataclass(frozen=True, slots=True)
class ResetLinkMade:
    link: ResetLink


@dataclass(frozen=True, slots=True)
class ProofKept:
    """The hash and expiry of the newest link that proves the address."""

    token_hash: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ProvedAt:
    at: datetime


@dataclass(frozen=True, slots=True)
class InvitationKept:
    """The hash and expiry of the newest invitation's link."""

    token_hash: str
    expires_at: datetime


class UserRefused(Refusal):
    """A refusal over HTTP. Commands that follow from messages are never refused."""

    TYPE: ClassVar[str] = "kontor.identity.user-refused.v1"
    reason: Literal[
        "address-link-over",
        "changed-meanwhile",
        "confirmation-missing",
        "global-admin-only",
        "id-in-use",
        "invitation-expired",
        "invitation-unknown",
        "not-disabled",
        "not-deleted",
        "not-invited",
        "not-restorable",
        "not-yours-to-give",
        "own-account",
        "own-roles",
        "password-chosen",
        "proof-link-over",
        "reset-link-over",
        "role-not-for-guests",
        "role-not-for-kind",
        "role-not-for-locations",
        "same-address",
        "unknown-role",
        "unknown-user",
        "user-deleted",
    ]
    detail: str
    field: str | None = None
    status: int | None = None


ResetFact = PasswordResetRequested | ResetLinkMade
OwnFact = (
    UserSignedUp
    | UserAdded
    | UserRolesChanged
    | UserPasswordChanged
    | OrganizationJoined
    | PasswordSet
    | ResetFact
    | UserRefused
)
InvitationFact = UserInvited | InvitationKept | UserJoined
ProofFact = UserAddressProved | AddressVerificationRequested | ProofKept | ProvedAt
LifeFact = UserUpdated | UserDisabled | UserEnabled | UserDeleted | UserRestored | UserPurged | GoneWithOrganization
AddressFact = AddressChangeRequested | AddressChangeKept | UserAddressChanged
Fact = OwnFact | InvitationFact | LifeFact | AddressFact | ProofFact

DELETED = UserRefused(reason="user-deleted", detail="this user is deleted; restore the user first")
UNKNOWN = UserRefused(reason="unknown-user", detail="there is no such user; GET /v1/users lists the users", status=404)
STALE = UserRefused(
    reason="changed-meanwhile",
    detail="the user was changed in the meantime; load the user again, then repeat the request",
)

LINK_OVER = UserRefused(
    reason="reset-link-over", detail="this link was used, has expired or was never sent; ask for a new one", status=410
)


def password_expired(user: User, at: datetime) -> bool:
    return user.temporary_until is not None and at >= user.temporary_until
