"""What OpenID Connect clients learn of a user: the claims of ID tokens and of ``/userinfo``, by scope."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from identity.domain.user.state import User
from identity.people.lookup import profile_of

OPENID = "openid"

Claims = dict[str, Any]


def _profile(user: User) -> Claims:
    return {"name": user.full_name, "locale": user.culture}


def _email(user: User) -> Claims:
    return {"email": user.email, "email_verified": not user.unproved}


def _organization(user: User) -> Claims:
    organization = profile_of(user)
    return {
        "org": organization.organization_id,
        "org_name": organization.name,
        "org_kind": organization.kind,
        "country": organization.country,
    }


def _groups(user: User) -> Claims:
    """The user's roles, under the name by which other tools know such a list."""
    return {"groups": sorted(user.roles)}


BY_SCOPE: Mapping[str, Callable[[User], Claims]] = {
    "profile": _profile,
    "email": _email,
    "organization": _organization,
    "groups": _groups,
}
SCOPES = frozenset({OPENID, *BY_SCOPE})
"""Of OpenID Connect (Core, 5.4), and two of ours. They give claims and no permission."""


def claims_of(user: User, scope: Collection[str]) -> Claims:
    """``sub``, and what the scopes ask for besides."""
    found: Claims = {"sub": user.user_id}
    for name, claims in BY_SCOPE.items():
        if name in scope:
            found |= claims(user)
    return found
