"""Sign-in at an OpenID provider, Kontor's identity: authorization code with PKCE (RFC 6749, 7636, 9207; OpenID Connect Core).

What must be known on the way back is kept in memory under ``state``, which counts once, and only in the browser that left.
What a person may do, the access token's scope says; code and token go straight between the console and the provider.
"""

import base64
import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2

from kontor_cli.console.sign_in import Person

LOOK, ACT = "operations:read", "operations:replay"
SCOPE = f"openid profile {LOOK} {ACT}"
AWAY_SECONDS = 3600
MOST_AWAY = 1000
"""Sign-ins under way. With more, the oldest has to be begun again."""
ASK_SECONDS = 10.0
PATH = re.compile(r"/(?!/)[A-Za-z0-9/?&=%._~+:-]{0,500}")
"""Of this console: what a visitor wanted to see."""


class SignInError(Exception):
    """Nobody is signed in; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Client:
    """``public_url``: the console as browsers reach it; ``<public_url>/signed-in`` is registered at the issuer."""

    issuer: str
    public_url: str
    client_id: str = "console"
    secret_file: Path | None = None

    @property
    def return_address(self) -> str:
        return f"{self.public_url.rstrip('/')}/signed-in"


@dataclass(frozen=True, slots=True)
class _Away:
    browser: str
    verifier: str
    to: str
    until: float


class OpenId:
    def __init__(
        self,
        client: Client,
        *,
        clock: Callable[[], float] = time.monotonic,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._client = client
        self._clock = clock
        self._transport = transport
        self._away: dict[str, _Away] = {}
        self._found: Mapping[str, Any] | None = None

    async def leave(self, browser: str, to: str, *, again: bool = False) -> str:
        """The address of the sign-in page. ``browser``: a secret that its cookie holds. ``again``: ask who it is. SignInError."""
        provider = await self._provider()
        now = self._clock()
        self._away = {state: one for state, one in self._away.items() if one.until > now}
        while len(self._away) >= MOST_AWAY:
            del self._away[next(iter(self._away))]
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        self._away[state] = _Away(_digest(browser), verifier, to if PATH.fullmatch(to) else "/", now + AWAY_SECONDS)
        query = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": self._client.return_address,
            "scope": SCOPE,
            "state": state,
            "code_challenge": _digest(verifier),
            "code_challenge_method": "S256",
            **({"prompt": "login"} if again else {}),
        }
        return f"{provider['authorization_endpoint']}?{urlencode(query)}"

    async def come_back(self, browser: str, answer: Mapping[str, str]) -> tuple[Person, str]:
        """Who came back, and what the person wanted to see. Raises SignInError."""
        away = self._away.pop(answer.get("state", ""), None)
        if away is None or away.until <= self._clock() or not hmac.compare_digest(away.browser, _digest(browser)):
            raise SignInError("This sign-in was begun in another browser, or too long ago. Begin again.")
        if answer.get("iss", self._client.issuer) != self._client.issuer or not answer.get("code"):
            raise SignInError("The sign-in page signed nobody in. Begin again.")
        provider = await self._provider()
        token = await self._redeem(provider["token_endpoint"], answer["code"], away.verifier)
        granted = str(token.get("scope", "")).split()
        if LOOK not in granted:
            raise SignInError("Your account may not see the console. Ask for the role platform-operator.")
        bearer = {"authorization": f"Bearer {token['access_token']}"}
        who = await self._asked("GET", provider["userinfo_endpoint"], headers=bearer)
        right = "act" if ACT in granted else "look"
        name = f"user:{who['sub']}"
        return Person(name, "act" if right == "act" else "look", shown=str(who.get("name", name))), away.to

    async def _redeem(self, url: str, code: str, verifier: str) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._client.return_address,
            "client_id": self._client.client_id,
            "code_verifier": verifier,
        }
        if self._client.secret_file is not None:
            form["client_secret"] = self._client.secret_file.read_text(encoding="utf-8").strip()
        found = await self._asked("POST", url, data=form)
        if not isinstance(found.get("access_token"), str):
            raise SignInError("The sign-in page gave no token. Begin again.")
        return found

    async def _provider(self) -> Mapping[str, Any]:
        """What the issuer publishes about itself (OpenID Connect Discovery)."""
        if self._found is None:
            found = await self._asked("GET", f"{self._client.issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != self._client.issuer:
                raise SignInError(
                    f"{self._client.issuer} says that its name is {found.get('issuer')}; set --issuer to that."
                )
            self._found = found
        return self._found

    async def _asked(self, method: str, url: str, **request: Any) -> Mapping[str, Any]:
        try:
            async with httpx2.AsyncClient(timeout=ASK_SECONDS, transport=self._transport) as http:
                answer = await http.request(method, url, **request)
                found = answer.json() if answer.status_code == HTTPStatus.OK else None
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, OSError) as error:
            raise SignInError(f"The sign-in page does not answer: {type(error).__name__}. Try again later.") from error
        if not isinstance(found, dict):
            raise SignInError(f"The sign-in page refuses this ({answer.status_code}). Begin again.")
        return found


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
