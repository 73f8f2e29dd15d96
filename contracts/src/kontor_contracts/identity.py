"""What identity announces: organizations (work accounts), their people and roles. Key: the organization or the user."""

from typing import ClassVar

from kontor_contracts.envelope import Event, Payload
from kontor_contracts.values import Country, Culture, Email, Id, Line, OrganizationKind, Value


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


EVENTS: tuple[type[Payload], ...] = (
    UserSignedUp,
    OrganizationRegistered,
    OrganizationActivated,
    UserAdded,
    UserPasswordChanged,
    UserRolesChanged,
)
