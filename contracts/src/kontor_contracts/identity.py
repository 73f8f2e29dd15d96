"""What identity announces: organizations (work accounts), their people and roles. Key: the organization or the user."""

from typing import Annotated, ClassVar, Literal

from pydantic import StringConstraints

from kontor_contracts.envelope import Event, Payload
from kontor_contracts.values import (
    Country,
    Culture,
    Email,
    Id,
    Line,
    Moment,
    OrganizationKind,
    PartnerId,
    Recipient,
    Sealed,
    Value,
)

DomainName = Annotated[str, StringConstraints(max_length=253, pattern=r"^[a-z0-9_-]+(\.[a-z0-9_-]+)+$")]
"""A name of the DNS in its ASCII form (RFC 5890), small letters, no dot at the end."""

OrganizationStatus = Literal["registered", "enrolling", "qualified", "active", "suspended", "rejected", "former"]
"""How far the organization is in the program; follows its enrollment."""


class OrganizationProfile(Value):
    """A work account. ``country`` and ``kind`` can be corrected until an enrollment was submitted."""

    organization_id: Id
    name: Line
    kind: OrganizationKind
    country: Country
    culture: Culture


class RoleLocations(Value):
    """A role that counts for these locations of the company alone, each named by its partner id."""

    role: Id
    locations: tuple[PartnerId, ...]


class Sender(Value):
    """The user who causes a mail, with what Kontor knows of the organization: facts for the mail, not the sender's words.

    ``domain`` is one that the organization has proved; ``status`` says how far it is in the program.
    """

    name: Line
    email: Email
    domain: DomainName | None = None
    status: OrganizationStatus = "registered"


class AddressVerificationRequested(Event):
    """An address has to be proved by following the link in its mail. Subject: the pending sign-up, or the added user.

    ``sign-up``: nothing but this mail follows from a sign-up until its link is followed. ``added``: an administrator had
    the mail to a user with a temporary password sent again. ``sealed_link`` is readable for notifications alone.
    """

    TYPE: ClassVar[str] = "kontor.identity.address-verification-requested.v1"
    user_id: Id
    organization_id: Id
    organization_name: Line
    recipient: Recipient
    purpose: Literal["sign-up", "added"]
    sealed_link: Sealed
    expires_at: Moment
    sender: Sender | None = None


class SignUpRepeated(Event):
    """Somebody signed up with the address of a user; a mail says so to the user. Nothing else follows. Subject: the sign-up."""

    TYPE: ClassVar[str] = "kontor.identity.sign-up-repeated.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    user_id: Id
    recipient: Recipient


class UserAddressProved(Event):
    """The user reads the mails to the address (``mail``), or its domain's own directory vouched for it (``issuer``)."""

    TYPE: ClassVar[str] = "kontor.identity.user-address-proved.v1"
    user_id: Id
    organization_id: Id
    by: Literal["mail", "issuer"]


class UserSignedUp(Event):
    """Somebody created a work account, has proved the address and is its first user, a global admin. Subject: the user."""

    TYPE: ClassVar[str] = "kontor.identity.user-signed-up.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("organization.organization_id",)
    user_id: Id
    organization: OrganizationProfile
    full_name: Line
    email: Email
    culture: Culture
    roles: tuple[Id, ...]


class OrganizationRegistered(Event):
    """The work account exists. Subject: the organization."""

    TYPE: ClassVar[str] = "kontor.identity.organization-registered.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("organization.organization_id",)
    organization: OrganizationProfile
    registered_by: Id


class OrganizationActivated(Event):
    """The organization's enrollment became active, so it is a partner of the program now."""

    TYPE: ClassVar[str] = "kontor.identity.organization-activated.v1"
    organization_id: Id
    enrollment_id: Id


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


# -- people: their coming and going


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
    """The user may sign in again."""

    TYPE: ClassVar[str] = "kontor.identity.user-enabled.v1"
    user_id: Id
    organization_id: Id


class UserDeleted(Event):
    """The user is gone for everybody, and can be restored until ``restorable_until``; sessions are over."""

    TYPE: ClassVar[str] = "kontor.identity.user-deleted.v1"
    user_id: Id
    organization_id: Id
    restorable_until: Moment


class UserRestored(Event):
    """The user is back as before the deletion: ``status`` says as what."""

    TYPE: ClassVar[str] = "kontor.identity.user-restored.v1"
    user_id: Id
    organization_id: Id
    status: Literal["invited", "active", "disabled"]


class UserPurged(Event):
    """Everything personal about the user is erased in identity. Consumers MUST erase what they keep of the user, too."""

    TYPE: ClassVar[str] = "kontor.identity.user-purged.v1"
    user_id: Id
    organization_id: Id


PEOPLE_EVENTS: tuple[type[Payload], ...] = (
    UserInvited,
    UserJoined,
    UserUpdated,
    UserDisabled,
    UserEnabled,
    UserDeleted,
    UserRestored,
    UserPurged,
)


# -- organizations: what changes about them


class OrganizationUpdated(Event):
    """The organization's name or language is another one now. Subject: the organization."""

    TYPE: ClassVar[str] = "kontor.identity.organization-updated.v1"
    organization_id: Id
    name: Line
    culture: Culture
    previous_name: Line
    previous_culture: Culture


class OrganizationCorrected(Event):
    """Country or kind were wrong at sign-up: ``organization`` says what is right. Subject: the organization."""

    TYPE: ClassVar[str] = "kontor.identity.organization-corrected.v1"
    organization_id: Id
    organization: OrganizationProfile
    previous_country: Country
    previous_kind: OrganizationKind


class OrganizationClosed(Event):
    """The work account is closed: its users are deleted, and can come back until ``restorable_until``.

    Subject: the organization.
    """

    TYPE: ClassVar[str] = "kontor.identity.organization-closed.v1"
    organization_id: Id
    restorable_until: Moment
    closed_by: Id


class OrganizationReopened(Event):
    """The work account is open again, with the users that it had when it was closed. Subject: the organization."""

    TYPE: ClassVar[str] = "kontor.identity.organization-reopened.v1"
    organization_id: Id
    reopened_by: Id


class OrganizationErased(Event):
    """The time to reopen is over. Consumers MUST free what only this organization could hold, such as its partner id."""

    TYPE: ClassVar[str] = "kontor.identity.organization-erased.v1"
    organization_id: Id


class OrganizationStatusChanged(Event):
    """The organization is further in the program, or was rejected; ``enrollment_id`` is the enrollment that it follows."""

    TYPE: ClassVar[str] = "kontor.identity.organization-status-changed.v1"
    organization_id: Id
    status: OrganizationStatus
    previous: OrganizationStatus
    enrollment_id: Id


class DomainClaimed(Event):
    """The organization says that the domain is its own, and has yet to prove it. Subject: the claim."""

    TYPE: ClassVar[str] = "kontor.identity.domain-claimed.v1"
    organization_id: Id
    domain: DomainName


class DomainProved(Event):
    """The claim was found in the DNS: the domain is this organization's and no other's."""

    TYPE: ClassVar[str] = "kontor.identity.domain-proved.v1"
    organization_id: Id
    domain: DomainName


class DomainReleased(Event):
    """The organization gave the domain up, or its claim to it."""

    TYPE: ClassVar[str] = "kontor.identity.domain-released.v1"
    organization_id: Id
    domain: DomainName


ORGANIZATION_EVENTS: tuple[type[Payload], ...] = (
    OrganizationUpdated,
    OrganizationCorrected,
    OrganizationClosed,
    OrganizationReopened,
    OrganizationErased,
    OrganizationStatusChanged,
    DomainClaimed,
    DomainProved,
    DomainReleased,
)


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


EVENTS: tuple[type[Payload], ...] = (
    AddressVerificationRequested,
    SignUpRepeated,
    UserAddressProved,
    UserSignedUp,
    OrganizationRegistered,
    OrganizationActivated,
    UserAdded,
    UserPasswordChanged,
    UserRolesChanged,
    SessionRevoked,
    PasswordResetRequested,
    SecondFactorChanged,
    AddressChangeRequested,
    UserAddressChanged,
    *PEOPLE_EVENTS,
    *ORGANIZATION_EVENTS,
)


def voids_tokens(event: Payload) -> bool:
    """Whether access tokens that were issued before this event, to its subject (a user or a session), are void.

    A token names its session (``sid``) and the last event of its user when it was issued (``ver``):
    an event of the user with a higher ``sequence`` came later. A service that verifies tokens without asking identity reads
    the events of the last hour, longer than any token lives, and refuses what they void.
    """
    match event:
        case (
            SessionRevoked()
            | UserPasswordChanged()
            | UserAddressChanged()
            | UserDisabled()
            | UserDeleted()
            | UserPurged()
        ):
            return True
        case UserRolesChanged(removed=removed):
            return bool(removed)
        case _:
            return False
