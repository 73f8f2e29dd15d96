"""A work account and its people."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from kontor_contracts import Payload, identity
from kontor_contracts.values import Recipient
from samples.cast import BEGIN, SEALED, Cast, Sample


def samples(cast: Cast) -> Iterator[Sample]:
    """Every message of identity once, most of them in the order in which a company would live through them."""
    organization, admin, colleague = (cast.id(what) for what in ("organization", "admin", "colleague"))
    profile = identity.OrganizationProfile(
        organization_id=organization, name=cast.company, kind="reseller", country=cast.country, culture=cast.culture
    )
    signed_up = identity.UserSignedUp(
        user_id=admin,
        organization=profile,
        full_name=cast.admin.name,
        email=cast.admin.email,
        culture=cast.culture,
        roles=("global-admin",),
    )
    added = identity.UserAdded(
        user_id=colleague,
        organization_id=organization,
        organization_name=cast.company,
        full_name=cast.colleague.name,
        email=cast.colleague.email,
        culture=cast.culture,
        roles=("sales-agent",),
        added_by=admin,
    )
    yield Sample(signed_up, f"user:{admin}", 1)
    registered = identity.OrganizationRegistered(organization=profile, registered_by=admin)
    yield Sample(registered, f"organization:{organization}", 1)
    activated = identity.OrganizationActivated(organization_id=organization, enrollment_id=cast.id("enrollment"))
    yield Sample(activated, f"organization:{organization}", 2)
    yield Sample(added, f"user:{colleague}", 1)
    yield Sample(_of_user(identity.UserPasswordChanged, cast), f"user:{colleague}", 2)
    changes = {"roles": ("sales-agent", "admin-agent"), "added": ("admin-agent",), "removed": ()}
    yield Sample(_of_user(identity.UserRolesChanged, cast, **changes), f"user:{colleague}", 3)
    reset = {
        "recipient": Recipient(name=cast.colleague.name, email=cast.colleague.email, culture=cast.culture),
        "sealed_link": SEALED,
        "expires_at": BEGIN + timedelta(minutes=30),
    }
    yield Sample(_of_user(identity.PasswordResetRequested, cast, **reset), f"user:{colleague}", 4)
    session = cast.id("session")
    revoked = _of_user(identity.SessionRevoked, cast, session_id=session, reason="ended-by-user")
    yield Sample(revoked, f"session:{session}", 1)
    yield Sample(_of_user(identity.SecondFactorChanged, cast, state="active"), f"factor:{colleague}", 1)
    yield from _people(cast)
    yield from _organization(cast)
    yield from _moving(cast)
    yield from _proving(cast)


def _proving(cast: Cast) -> Iterator[Sample]:
    admin = Recipient(name=cast.admin.name, email=cast.admin.email, culture=cast.culture)
    asked = identity.AddressVerificationRequested(
        user_id=cast.id("admin"),
        organization_id=cast.id("organization"),
        organization_name=cast.company,
        recipient=admin,
        purpose="sign-up",
        sealed_link=SEALED,
        expires_at=BEGIN + timedelta(days=1),
    )
    sign_up = f"sign-up:{cast.id('sign-up')}"
    yield Sample(asked, sign_up, 1)
    yield Sample(identity.SignUpRepeated(user_id=cast.id("admin"), recipient=admin), sign_up, 2)
    yield Sample(_of_user(identity.UserAddressProved, cast, by="mail"), f"user:{cast.id('colleague')}", 5)


def _people(cast: Cast) -> Iterator[Sample]:
    guest = cast.id("guest")
    invited = identity.UserInvited(
        user_id=guest,
        organization_id=cast.id("organization"),
        organization_name=cast.company,
        full_name=cast.provider_contact.name,
        email=cast.provider_contact.email,
        culture=cast.provider_contact.culture,
        roles=("referrals-admin",),
        guest=True,
        invited_by=cast.id("admin"),
        sealed_link=SEALED,
        expires_at=BEGIN + timedelta(days=7),
    )
    yield Sample(invited, f"user:{guest}", 1)
    about = {"user_id": guest, "organization_id": cast.id("organization")}
    updated = {"full_name": "Åsa Lind", "culture": "en", "previous_full_name": "Åsa Övergård", "previous_culture": "de"}
    yield Sample(identity.UserJoined.model_validate(about), f"user:{guest}", 2, actor="guest")
    yield Sample(identity.UserUpdated.model_validate({**about, **updated}), f"user:{guest}", 3)
    yield Sample(identity.UserDisabled.model_validate(about), f"user:{guest}", 4)
    yield Sample(identity.UserEnabled.model_validate(about), f"user:{guest}", 5)
    until = {"restorable_until": BEGIN + timedelta(days=30)}
    yield Sample(identity.UserDeleted.model_validate({**about, **until}), f"user:{guest}", 6)
    yield Sample(identity.UserRestored.model_validate({**about, "status": "active"}), f"user:{guest}", 7)
    yield Sample(identity.UserPurged.model_validate(about), f"user:{guest}", 9)


def _moving(cast: Cast) -> Iterator[Sample]:
    admin = Recipient(name=cast.admin.name, email=cast.admin.email, culture=cast.culture)
    about = {"user_id": cast.id("admin"), "organization_id": cast.id("organization")}
    new = admin.model_copy(update={"email": f"new.{cast.admin.email}"})
    asked = {**about, "recipient": new, "sealed_link": SEALED, "expires_at": BEGIN + timedelta(hours=1)}
    user = f"user:{cast.id('admin')}"
    yield Sample(identity.AddressChangeRequested.model_validate(asked), user, 8)
    moved = {**about, "full_name": admin.name, "email": new.email, "previous": admin}
    yield Sample(identity.UserAddressChanged.model_validate(moved), user, 9)


def _organization(cast: Cast) -> Iterator[Sample]:
    organization = cast.id("organization")
    subject, claim = f"organization:{organization}", f"domain:{cast.id('domain')}"
    names = {"name": f"{cast.company} Holding", "culture": "en", "previous_name": cast.company}
    updated = {"organization_id": organization, **names, "previous_culture": cast.culture}
    yield Sample(identity.OrganizationUpdated.model_validate(updated), subject, 3)
    yield from _ends(organization, subject, cast)
    status = identity.OrganizationStatusChanged(
        organization_id=organization, status="qualified", previous="enrolling", enrollment_id=cast.id("enrollment")
    )
    yield Sample(status, subject, 4)
    domain = {"organization_id": organization, "domain": cast.admin.email.partition("@")[2]}
    for number, event in enumerate((identity.DomainClaimed, identity.DomainProved, identity.DomainReleased), 1):
        yield Sample(event.model_validate(domain), claim, number)


def _of_user(message: type[Payload], cast: Cast, **rest: Any) -> Payload:
    return message.model_validate({"user_id": cast.id("colleague"), "organization_id": cast.id("organization"), **rest})


def _ends(organization: str, subject: str, cast: Cast) -> Iterator[Sample]:
    """Of another life of the same organization: it is corrected, closed, opened again, closed and erased."""
    profile = {
        "organization_id": organization,
        "name": cast.company,
        "kind": "reseller",
        "country": "AT",
        "culture": "de",
    }
    about, until = {"organization_id": organization}, {"restorable_until": BEGIN + timedelta(days=30)}
    corrected = {**about, "organization": profile, "previous_country": "DE", "previous_kind": "customer"}
    yield Sample(identity.OrganizationCorrected.model_validate(corrected), subject, 4)
    closed = {**about, **until, "closed_by": cast.id("admin")}
    yield Sample(identity.OrganizationClosed.model_validate(closed), subject, 5)
    reopened = {**about, "reopened_by": cast.id("operator")}
    yield Sample(identity.OrganizationReopened.model_validate(reopened), subject, 6)
    yield Sample(identity.OrganizationErased.model_validate(about), subject, 7)
