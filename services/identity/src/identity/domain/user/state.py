"""The state of a user. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from identity.domain.roles import GLOBAL_ADMIN
from kontor_contracts.identity import (
    OrganizationProfile,
    RoleLocations,
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
    def active(self) -> bool:
        """Not invited, disabled or deleted. The address can still be unproved."""
        return self.status == "active"

    @property
    def counts_as_global_admin(self) -> bool:
        """Whether the user is a global admin who can sign in."""
        return self.is_global_admin and self.active and not self.unproved

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
    """The user who changes another one: gives or takes roles, disables, deletes.

    ``admins_full``: the organization has the maximum number of global admins.
    """

    user_id: str
    global_admin: bool
    roles: tuple[str, ...] = ()
    admins_full: bool = False


def password_expired(user: User, at: datetime) -> bool:
    return user.temporary_until is not None and at >= user.temporary_until
