"""A work account and its people."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from kontor_contracts import Payload, identity
from kontor_contracts.values import Recipient
from samples.cast import BEGIN, SEALED, Cast, Sample


def samples(cast: Cast) -> Iterator[Sample]:
    """Every message of identity once, in the order in which a company would live through them."""
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


def _of_user(message: type[Payload], cast: Cast, **rest: Any) -> Payload:
    return message.model_validate({"user_id": cast.id("colleague"), "organization_id": cast.id("organization"), **rest})
