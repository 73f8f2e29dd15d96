"""A company signs up, and addresses are proved."""

from typing import ClassVar, Literal

from kontor_contracts.envelope import Event, Payload
from kontor_contracts.identity.values import OrganizationProfile, Sender
from kontor_contracts.values import Culture, Email, Id, Line, Moment, Recipient, Sealed


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


EVENTS: tuple[type[Payload], ...] = (
    AddressVerificationRequested,
    SignUpRepeated,
    UserAddressProved,
    UserSignedUp,
)
