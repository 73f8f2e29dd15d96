"""What identity announces: organizations (work accounts), their people and roles. Key: the organization or the user."""

from typing import ClassVar, Literal

from kontor_contracts.envelope import Event, Payload
from kontor_contracts.values import (
    Country,
    Culture,
    Email,
    Id,
    Line,
    Moment,
    OrganizationKind,
    Recipient,
    Sealed,
    Value,
)


class OrganizationProfile(Value):
    """A work account as it was registered. ``country`` never changes."""

    organization_id: Id
    name: Line
    kind: OrganizationKind
    country: Country
    culture: Culture


class UserSignedUp(Event):
    """Somebody created a work account and is its first user, a global admin. Subject: the user."""

    TYPE: ClassVar[str] = "kontor.identity.user-signed-up.v1"
    user_id: Id
    organization: OrganizationProfile
    full_name: Line
    email: Email
    culture: Culture
    roles: tuple[Id, ...]


class OrganizationRegistered(Event):
    """The work account exists. Subject: the organization."""

    TYPE: ClassVar[str] = "kontor.identity.organization-registered.v1"
    organization: OrganizationProfile
    registered_by: Id


class OrganizationActivated(Event):
    """The organization's enrollment became active, so it is a partner of the program now."""

    TYPE: ClassVar[str] = "kontor.identity.organization-activated.v1"
    organization_id: Id
    enrollment_id: Id


class UserAdded(Event):
    """An administrator added a user.

    The temporary password is shown to the administrator alone and is in no message.
    """

    TYPE: ClassVar[str] = "kontor.identity.user-added.v1"
    user_id: Id
    organization_id: Id
    organization_name: Line
    full_name: Line
    email: Email
    culture: Culture
    roles: tuple[Id, ...]
    added_by: Id


class UserPasswordChanged(Event):
    """The user chose a new password; older sessions are void."""

    TYPE: ClassVar[str] = "kontor.identity.user-password-changed.v1"
    user_id: Id
    organization_id: Id


class UserRolesChanged(Event):
    """The user's roles are ``roles`` now."""

    TYPE: ClassVar[str] = "kontor.identity.user-roles-changed.v1"
    user_id: Id
    organization_id: Id
    roles: tuple[Id, ...]
    added: tuple[Id, ...]
    removed: tuple[Id, ...]


class SessionRevoked(Event):
    """One sign-in is over before its time: its access tokens are void. Subject: the session.

    ``token-reused``: a refresh token that had been used came again, so somebody has a copy of it.
    """

    TYPE: ClassVar[str] = "kontor.identity.session-revoked.v1"
    session_id: Id
    user_id: Id
    organization_id: Id
    reason: Literal["signed-out", "ended-by-user", "token-reused"]


class PasswordResetRequested(Event):
    """Somebody who knows the user's address asked for a new password. Older links stay good until one is used.

    ``sealed_link`` is the personal link, readable for notifications alone.
    """

    TYPE: ClassVar[str] = "kontor.identity.password-reset-requested.v1"
    user_id: Id
    organization_id: Id
    recipient: Recipient
    sealed_link: Sealed
    expires_at: Moment


class SecondFactorChanged(Event):
    """From now on the user signs in with a second factor (``active``), or without one (``off``). Subject: the factor."""

    TYPE: ClassVar[str] = "kontor.identity.second-factor-changed.v1"
    user_id: Id
    organization_id: Id
    state: Literal["active", "off"]


EVENTS: tuple[type[Payload], ...] = (
    UserSignedUp,
    OrganizationRegistered,
    OrganizationActivated,
    UserAdded,
    UserPasswordChanged,
    UserRolesChanged,
    SessionRevoked,
    PasswordResetRequested,
    SecondFactorChanged,
)


def voids_tokens(event: Payload) -> bool:
    """Whether access tokens that were issued before this event, to its subject (a user or a session), are void.

    A token says of which session it is (``sid``) and which event of its user was the last when it was issued (``ver``):
    an event of the user with a higher ``sequence`` came later. Whoever verifies tokens without asking identity reads
    the events of the last hour, longer than any token lives, and refuses what they void.
    """
    match event:
        case SessionRevoked() | UserPasswordChanged():
            return True
        case UserRolesChanged(removed=removed):
            return bool(removed)
        case _:
            return False
