"""Who is signed in to the portal: the access token in a cookie, verified as a bearer token is.

The cookie opens pages alone. Endpoints of the API read the Authorization header and no cookie, so no form of another site
reaches them with somebody's rights.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from fastapi import Request

from chassis.auth.callers import with_own_password
from chassis.auth.principal import Principal, UnauthenticatedError
from chassis.auth.tokens import Authenticator
from chassis.http.pages.cookies import Cookies
from kontor_contracts.portal import FORM_COOKIE, HOME_PATH, OPEN_PATH, RENEWED_COOKIE, SESSION_COOKIE

RENEW_BELOW = 0.6
"""A page is shown with this part of the token's life or more: a form can be filled in for that long."""
LONGEST_PATH = 2000
MOST_RENEWALS = "3"
"""Within some seconds: as the cookie counts them."""


class SignInNeededError(Exception):
    """Nobody is signed in to the portal, or not for long enough any more. ``in_circles``: a renewal was just tried."""

    def __init__(self, *, in_circles: bool = False) -> None:
        self.in_circles = in_circles
        super().__init__("sign in to the portal")


@dataclass(frozen=True, slots=True)
class SignedInBrowser:
    principal: Principal
    token: str
    form_token: str

    def sent(self, form_token: str) -> bool:
        """Whether a form with this token is one of ours, shown in this browser and session."""
        return hmac.compare_digest(self.form_token.encode(), form_token.encode())


class PortalSessions:
    """Reads the portal's cookies."""

    def __init__(self, authenticator: Authenticator, public_url: str, now: Callable[[], datetime]) -> None:
        self._authenticator = authenticator
        self._cookies = Cookies(public_url)
        self._now = now

    async def of(self, request: Request) -> SignedInBrowser:
        """Raises SignInNeededError, ForbiddenError for a temporary password, UnavailableError."""
        token = self._cookies.get(request, SESSION_COOKIE)
        renewed = self._cookies.get(request, RENEWED_COOKIE)
        in_circles = renewed == MOST_RENEWALS
        if not token:
            raise SignInNeededError(in_circles=in_circles)
        try:
            principal = with_own_password(await self._authenticator.authenticate(token))
        except UnauthenticatedError as error:
            raise SignInNeededError(in_circles=in_circles) from error
        if request.method == "GET" and not renewed and self._left(token) < RENEW_BELOW:
            raise SignInNeededError
        return SignedInBrowser(principal, token, form_token(self._cookies.get(request, FORM_COOKIE), principal))

    def _left(self, token: str) -> float:
        """The part of the token's life that is left."""
        claims = _claims(token)
        return float((claims["exp"] - self._now().timestamp()) / max(1, claims["exp"] - claims["iat"]))


def sent_from_elsewhere(request: Request, public_url: str) -> bool:
    """Whether the browser says that another origin's page sent this form."""
    origin = request.headers.get("origin")
    return origin is not None and origin != "://".join(urlsplit(public_url)[:2])


def form_token(secret: str, principal: Principal) -> str:
    """Of one browser and one session: a new sign-in has another. Empty, which no form has, without a secret."""
    if not secret:
        return ""
    return hmac.new(secret.encode(), f"form:{principal.session_id}".encode(), hashlib.sha256).hexdigest()


def own_path(path: str) -> str:
    """``path`` where it is one of this host, with its query; the home page for all else."""
    printable = len(path) <= LONGEST_PATH and all("!" <= each <= "~" and each != "\\" for each in path)
    if not printable or not path.startswith("/") or path.startswith("//") or urlsplit(path).path == OPEN_PATH:
        return HOME_PATH
    return path


def _claims(token: str) -> dict[str, int]:
    """Of a token that was verified."""
    payload = token.split(".")[1]
    claims: dict[str, int] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims
