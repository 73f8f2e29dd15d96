"""Events of a user and its refusals.

Announced events are those of the contracts. The other ones change the document only and stay in the service.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from identity.domain.user.state import AddressChange, ResetLink
from kontor_contracts.envelope import Refusal
from kontor_contracts.identity import (
    AddressChangeRequested,
    AddressVerificationRequested,
    OrganizationProfile,
    PasswordResetRequested,
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
        "too-many-global-admins",
        "unknown-role",
        "unknown-user",
        "user-deleted",
    ]
    detail: str
    field: str | None = None


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


UNKNOWN = UserRefused(reason="unknown-user", detail="there is no such user; GET /v1/users lists the users")


STALE = UserRefused(
    reason="changed-meanwhile",
    detail="the user was changed in the meantime; load the user again, then repeat the request",
)


LINK_OVER = UserRefused(
    reason="reset-link-over", detail="this link was used, has expired or was never sent; ask for a new one"
)
