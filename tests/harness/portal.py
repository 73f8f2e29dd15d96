"""Signed-in browsers of the portal, without a sign-in: tokens that the page's service takes, and the cookies that carry them."""

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from chassis import Principal, UnauthenticatedError
from kontor_contracts.portal import FORM_COOKIE, SESSION_COOKIE
from kontor_local.journey.pages import read_forms

FORM_SECRET = "s" * 43


@dataclass
class PortalTokens:
    """An authenticator that knows the tokens it made. ``made``: what the API of a test made."""

    known: dict[str, Principal] = field(default_factory=dict)
    made: list[tuple[str, str, str]] = field(default_factory=list)

    def new(
        self,
        user: str,
        *permissions: str,
        withheld: tuple[str, ...] = (),
        session: str = "session",
        age: int = 0,
        lifetime: int = 3000,
    ) -> str:
        now = int(time.time()) - age
        claims = json.dumps({"sub": user, "sid": session, "iat": now, "exp": now + lifetime, "p": permissions})
        token = f"h.{base64.urlsafe_b64encode(claims.encode()).decode().rstrip('=')}.s"
        self.known[token] = Principal(
            user_id=user,
            organization_id=f"org-{user}",
            organization_name="Müller & Söhne IT GmbH",
            organization_kind="reseller",
            country="DE",
            name=user,
            email=f"{user}@example.com",
            culture="en",
            permissions=frozenset(permissions),
            session_id=session,
            withheld=frozenset(withheld),
        )
        return token

    async def authenticate(self, token: str) -> Principal:
        if token not in self.known:
            raise UnauthenticatedError("unknown")
        return self.known[token]


def signed_in(token: str) -> dict[str, str]:
    """The cookies of a browser that is signed in with this token, over plain http."""
    return {SESSION_COOKIE: token, FORM_COOKIE: FORM_SECRET}


def form_of(html: str) -> dict[str, str]:
    """The fields that every form of a page of the portal sends along."""
    return dict(read_forms(html)[0].fields)


def sending(cookies: Mapping[str, str]) -> dict[str, str]:
    """The header that sends these cookies with one request."""
    return {"cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
