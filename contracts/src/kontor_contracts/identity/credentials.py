"""How a user signs in: passwords, sessions, second factors, addresses."""

from typing import ClassVar, Literal

from kontor_contracts.envelope import Event, Payload
from kontor_contracts.values import Email, Id, Line, Moment, Recipient, Sealed


class UserPasswordChanged(Event):
    """The user chose a new password; older sessions are void.

    ``contact`` is there where the user gets a mail: not for the first password instead of a temporary one.
    ``factor_void_before``: by a reset the user asked to turn off a second factor that is older than this.
    """

    TYPE: ClassVar[str] = "kontor.identity.user-password-changed.v1"
    user_id: Id
    organization_id: Id
    organization_name: Line | None = None
    contact: Recipient | None = None
    factor_void_before: Moment | None = None


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
    """From now on the user signs in with a second factor (``active``), or without one (``off``). Subject: the factor.

    ``contact`` is there where the user gets a mail; ``by``: an administrator turned it off for the user.
    """

    TYPE: ClassVar[str] = "kontor.identity.second-factor-changed.v1"
    user_id: Id
    organization_id: Id
    state: Literal["active", "off"]
    organization_name: Line | None = None
    contact: Recipient | None = None
    by: Literal["user", "administrator"] = "user"


class AddressChangeRequested(Event):
    """A user wants another mail address: ``recipient`` has it. Subject: the user. A newer request voids an older link.

    ``sealed_link`` is the personal link, readable for notifications alone.
    """

    TYPE: ClassVar[str] = "kontor.identity.address-change-requested.v1"
    user_id: Id
    organization_id: Id
    recipient: Recipient
    sealed_link: Sealed
    expires_at: Moment


class UserAddressChanged(Event):
    """The user has another mail address, proved by a mail to it; older sessions are void. Subject: the user.

    ``previous`` gets a mail at the old address, whose reader may not have asked for the change.
    """

    TYPE: ClassVar[str] = "kontor.identity.user-address-changed.v1"
    user_id: Id
    organization_id: Id
    full_name: Line
    email: Email
    previous: Recipient


EVENTS: tuple[type[Payload], ...] = (
    UserPasswordChanged,
    SessionRevoked,
    PasswordResetRequested,
    SecondFactorChanged,
    AddressChangeRequested,
    UserAddressChanged,
)
