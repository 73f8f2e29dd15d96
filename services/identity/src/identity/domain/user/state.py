"""What a user is, what may be asked of one, and what may come of it.

Hashes, ids and the time come in with the command. What changes besides what is announced to others (a password's hash,
above all) is a fact of this module and stays in the service.
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
"""How long a temporary password opens the door (domain.md 11.4)."""

ON_ACTIVATION = ("owner", "global-admin", "admin-agent")
"""What the enrolling user holds once the company is in the program (program.md, enrollment, step 9)."""


MOST_RESET_LINKS = 3
"""Links for a new password that are good at a time: who asks for more gets no further mail."""


@dataclass(frozen=True, slots=True)
class ResetLink:
    """The hash of what the mailed link carries."""

    token_hash: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AddressChange:
    """The address that the user wants, and the hash of what the link mailed to it carries."""

    email: str
    token_hash: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class User:
    """``organization`` is what it looked like when the user came; its country and kind never change.

    ``role_changes`` counts changes of ``roles`` and ``status``, which decide together whether a global admin counts as
    one; ``session_epoch`` the passwords and the ends of access, so that older sessions can be told. ``was``: what the
    user goes back to when restored.

    ``unproved``: nobody has shown yet that the user reads the mails to the address, so it claims the address within its
    organization alone, and opens nothing. ``proved_at``: when that was shown first; None for users from before the rule.
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
        """Holds the role and can use it."""
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
    """Who changes a user: gives or takes roles, disables, deletes.

    ``admins_full``: the organization has as many global admins as it may have.
    """

    user_id: str
    global_admin: bool
    roles: tuple[str, ...] = ()
    admins_full: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp:
    """The first user of a new organization, its global admin, who has proved the address at ``at``."""

    user_id: str
    organization: OrganizationProfile
    full_name: str
    email: str
    culture: str
    password_hash: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofLink:
    """The link by which the reader of the mail proves the address: hashed, and sealed for the mail."""

    token_hash: str
    sealed_link: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AddUser:
    """A further user, with a temporary password.

    ``link`` None: whoever runs Kontor vouches for the address. ``known``: another organization's user has the address.
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
    """``token_hash`` of the mailed link; None: the directory of the organization that proved the domain vouches for it."""

    token_hash: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRoles:
    """``seen`` is the user's ``role_changes`` on which the wish is based. ``locations`` None: as they are.

    ``confirmed``: who gives up the last of the own highest roles has said that this is meant.
    """

    roles: tuple[str, ...]
    seen: int
    by: Granter
    locations: tuple[RoleLocations, ...] | None = None
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class GrantRoles:
    """Roles that the program itself gives; those already held stay."""

    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePassword:
    """``verified_hash`` is the one that the current password was checked against."""

    verified_hash: str
    password_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueTemporaryPassword:
    """A new temporary password in place of one that was never changed."""

    password_hash: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Rehash:
    """The same password, hashed with the parameters of today."""

    verified_hash: str
    password_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReset:
    """A link by which whoever reads the user's mails may choose a new password.

    ``sparing``: the address had many such mails today, so there is a new one only when no earlier link is good.
    """

    token_hash: str
    sealed_link: str
    at: datetime
    expires_at: datetime
    sparing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RedeemReset:
    """Use the link: it and all others are void afterwards.

    ``remove_unproved_factor``: also turn off a second factor that was set up before the address was proved.
    """

    token_hash: str
    password_hash: str
    at: datetime
    remove_unproved_factor: bool = False


ResetCommand = Rehash | RequestReset | RedeemReset


@dataclass(frozen=True, slots=True)
class OrganizationJoined:
    organization: OrganizationProfile


@dataclass(frozen=True, slots=True)
class GoneWithOrganization:
    """The user was not deleted for its own sake, so the user comes back with the organization."""


@dataclass(frozen=True, slots=True)
class AddressChangeKept:
    change: AddressChange


@dataclass(frozen=True, slots=True)
class PasswordSet:
    """``temporary_until`` None: the user's own choice."""

    password_hash: str
    temporary_until: datetime | None


@dataclass(frozen=True, slots=True)
class ResetLinkMade:
    link: ResetLink


@dataclass(frozen=True, slots=True)
class ProofKept:
    """The newest link that proves the address."""

    token_hash: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ProvedAt:
    at: datetime


@dataclass(frozen=True, slots=True)
class InvitationKept:
    """The newest invitation: what its link's token hashes to, and how long it is good."""

    token_hash: str
    expires_at: datetime


class UserRefused(Refusal):
    """Over HTTP only: what comes over the bus is never refused."""

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
        "too-many-global-admins",
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
UNKNOWN = UserRefused(reason="unknown-user", detail="there is no such user", status=404)
STALE = UserRefused(reason="changed-meanwhile", detail="somebody else was faster; look at the user again, then repeat")

LINK_OVER = UserRefused(
    reason="reset-link-over", detail="this link was used, is too old or was never sent; ask for a new one", status=410
)


def password_expired(user: User, at: datetime) -> bool:
    return user.temporary_until is not None and at >= user.temporary_until
