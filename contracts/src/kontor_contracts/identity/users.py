"""The people of an organization and their roles."""

from typing import ClassVar, Literal

from kontor_contracts.envelope import Event, Payload
from kontor_contracts.identity.values import RoleLocations, Sender
from kontor_contracts.values import Culture, Email, Id, Line, Moment, Recipient, Sealed


class UserAdded(Event):
    """An administrator added a user.

    The temporary password is shown to the administrator alone and is in no message. ``sealed_link`` is the personal link
    that proves the address, readable for notifications alone. ``address_known``: a user of another organization has the
    address, so this one cannot be proved until that one is gone; only the mail says so.
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
    guest: bool = False
    sealed_link: Sealed | None = None
    expires_at: Moment | None = None
    sender: Sender | None = None
    address_known: bool = False


class UserRolesChanged(Event):
    """The user's roles are ``roles`` now.

    ``locations`` names the roles that do not count for the whole company. ``contact`` is there where somebody gave or
    took a role; the mail about the cause says what the program itself gives.
    """

    TYPE: ClassVar[str] = "kontor.identity.user-roles-changed.v1"
    user_id: Id
    organization_id: Id
    roles: tuple[Id, ...]
    added: tuple[Id, ...]
    removed: tuple[Id, ...]
    locations: tuple[RoleLocations, ...] = ()
    organization_name: Line | None = None
    contact: Recipient | None = None


class UserInvited(Event):
    """An administrator invited somebody by mail. Announced again with a newer link, older links are void.

    ``sealed_link`` is the personal link, readable for notifications alone. ``address_known``: as in UserAdded.
    """

    TYPE: ClassVar[str] = "kontor.identity.user-invited.v1"
    user_id: Id
    organization_id: Id
    organization_name: Line
    full_name: Line
    email: Email
    culture: Culture
    roles: tuple[Id, ...]
    guest: bool = False
    invited_by: Id
    sealed_link: Sealed
    expires_at: Moment
    sender: Sender | None = None
    address_known: bool = False


class UserJoined(Event):
    """Who was invited followed the link and chose a password."""

    TYPE: ClassVar[str] = "kontor.identity.user-joined.v1"
    user_id: Id
    organization_id: Id


class UserUpdated(Event):
    """The user's name or language is another one now."""

    TYPE: ClassVar[str] = "kontor.identity.user-updated.v1"
    user_id: Id
    organization_id: Id
    full_name: Line
    culture: Culture
    previous_full_name: Line
    previous_culture: Culture


class UserDisabled(Event):
    """The user cannot sign in any more; sessions are over, roles stay for the case that the user is enabled again.

    ``contact``: the user, who gets a mail.
    """

    TYPE: ClassVar[str] = "kontor.identity.user-disabled.v1"
    user_id: Id
    organization_id: Id
    organization_name: Line | None = None
    contact: Recipient | None = None


class UserEnabled(Event):
    """The user may sign in again. ``contact``: the user, who gets a mail."""

    TYPE: ClassVar[str] = "kontor.identity.user-enabled.v1"
    user_id: Id
    organization_id: Id
    organization_name: Line | None = None
    contact: Recipient | None = None


class UserDeleted(Event):
    """The user is gone for everybody, and can be restored until ``restorable_until``; sessions are over.

    ``contact``: the user, who gets a mail; not for an invitation that is taken back, nor where the whole account is closed.
    """

    TYPE: ClassVar[str] = "kontor.identity.user-deleted.v1"
    user_id: Id
    organization_id: Id
    restorable_until: Moment
    organization_name: Line | None = None
    contact: Recipient | None = None


class UserRestored(Event):
    """The user is back as before the deletion: ``status`` says as what.

    ``contact``: the user, who gets a mail, if the user can sign in again and comes back alone.
    """

    TYPE: ClassVar[str] = "kontor.identity.user-restored.v1"
    user_id: Id
    organization_id: Id
    status: Literal["invited", "active", "disabled"]
    organization_name: Line | None = None
    contact: Recipient | None = None


class UserPurged(Event):
    """Everything personal about the user is erased in identity. Consumers MUST erase what they keep of the user, too."""

    TYPE: ClassVar[str] = "kontor.identity.user-purged.v1"
    user_id: Id
    organization_id: Id


EVENTS: tuple[type[Payload], ...] = (
    UserAdded,
    UserRolesChanged,
    UserInvited,
    UserJoined,
    UserUpdated,
    UserDisabled,
    UserEnabled,
    UserDeleted,
    UserRestored,
    UserPurged,
)
