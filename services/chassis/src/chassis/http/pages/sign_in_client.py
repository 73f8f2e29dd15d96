"""Signs visitors of this service's pages in, on the one sign-in page.

The authorization code flow with PKCE (RFC 6749, RFC 7636, RFC 9207). No page of ours sees a password. What must be known
on the way back travels sealed in ``state``, bound to the browser by a cookie, so that several tabs can be away at a time
and nothing is stored. The way back is an address of our own that no visitor can choose.

Afterwards the browser holds a sealed cookie for that one page, for as long as the access token in it lives.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode

import structlog
from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import BaseModel, Field

from chassis.auth.http_client import ask
from chassis.auth.principal import Principal, UnauthenticatedError
from chassis.auth.tokens import Authenticator
from chassis.configuration.settings import Settings
from chassis.errors import UnavailableError
from chassis.http.pages.cookies import Cookies
from kontor_contracts.sign_in import AUTHORIZE_PATH, TOKEN_PATH

log = structlog.get_logger("chassis.sign_in")

BROWSER, PAGE = "kontor_visitor", "kontor_page"
AWAY_SECONDS = 3600
PAGE_SECONDS = 600
EXCHANGE_SECONDS = 5.0
LONGEST_TOKEN = 3000
"""Of an access token that a cookie can hold: browsers keep 4096 bytes."""
ALGORITHMS = ["dir", "A256GCM"]
HEADER = {"alg": "dir", "enc": "A256GCM"}
PRIVATE = {"cache-control": "no-store", "referrer-policy": "no-referrer"}


class SignInAnswer(BaseModel):
    """What the sign-in page sends the visitor back with."""

    code: Annotated[str, Field(max_length=512, description="Counts once.")] = ""
    state: Annotated[str, Field(max_length=4096, description="What the visitor left with, sealed.")] = ""
    iss: Annotated[str, Field(max_length=512, description="Who answers (RFC 9207).")] = ""
    error: Annotated[str, Field(max_length=128, description="Why there is no code (RFC 6749, 4.1.2.1).")] = ""


class NotSignedInError(Exception):
    """The visitor came back without a sign-in that holds. ``back``: the page that sent the visitor away, where known."""

    def __init__(self, reason: str, back: str | None = None) -> None:
        self.back = back
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is signed in on one page. ``form_token`` belongs into that page's forms: other sites cannot know it."""

    principal: Principal
    form_token: str

    def sent(self, form_token: str) -> bool:
        """Whether a form with this token is one of ours."""
        return secrets.compare_digest(self.form_token.encode(), form_token.encode())


class SignInClient:
    """Signs visitors in. ``return_path``: as registered for this client.

    ``secrets_now`` stay in this service: visitors hold what is sealed with the first, and what any of them sealed is opened.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        secrets_now: Callable[[], Sequence[bytes]],
        scope: tuple[str, ...],
        return_path: str = "/signed-in",
    ) -> None:
        self._authorize = f"{settings.identity_url.rstrip('/')}{AUTHORIZE_PATH}"
        self._token = settings.token_url or f"{settings.identity_url.rstrip('/')}{TOKEN_PATH}"
        self._redirect_uri = f"{settings.public_url.rstrip('/')}{return_path}"
        self._client_id = settings.SERVICE
        self._issuer = settings.issuer
        self._scope = " ".join(scope)
        self._cookies = Cookies(settings.public_url)
        self._now = settings.now
        self._secrets = secrets_now

    def leave(self, request: Request, back: str, language: str, *, again: bool = False) -> Response:
        """To the sign-in page, and from there to ``back``: a path of ours, never what a visitor sent.

        ``again``: asks who it is even if somebody is signed in.
        """
        browser = self._cookies.get(request, BROWSER) or secrets.token_urlsafe(32)
        verifier = secrets.token_urlsafe(48)
        away = {"kind": "away", "back": back, "verifier": verifier, "browser": _digest(browser)}
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._redirect_uri,
            "scope": self._scope,
            "state": self._seal(away, AWAY_SECONDS),
            "code_challenge": _digest(verifier),
            "code_challenge_method": "S256",
            "ui_locales": language,
            **({"prompt": "login"} if again else {}),
        }
        answer = RedirectResponse(f"{self._authorize}?{urlencode(query)}", HTTPStatus.SEE_OTHER, headers=PRIVATE)
        self._cookies.set(answer, BROWSER, browser)
        return answer

    async def come_back(self, request: Request, answer: SignInAnswer, authenticator: Authenticator) -> Response:
        """To the page that sent the visitor away, signed in there. Raises NotSignedInError, UnavailableError."""
        away = self._open(answer.state, "away")
        if away is None or not secrets.compare_digest(away["browser"], _digest(self._cookies.get(request, BROWSER))):
            raise NotSignedInError("it was begun in another browser, or too long ago")
        back = str(away["back"])
        if answer.iss not in {"", self._issuer} or not answer.code:
            raise NotSignedInError("the sign-in page signed nobody in", back)
        try:
            token = await self._exchange(answer.code, away["verifier"])
            await authenticator.authenticate(token)
        except (ValueError, UnauthenticatedError) as error:
            log.warning("sign_in_code_refused", error=str(error))
            raise NotSignedInError("the code does not hold", back) from error
        home = RedirectResponse(back, HTTPStatus.SEE_OTHER, headers=PRIVATE)
        page = {"kind": "page", "page": _page_of(back), "token": token, "form": secrets.token_urlsafe(24)}
        self._cookies.set(home, _cookie(back), self._seal(page, PAGE_SECONDS), seconds=PAGE_SECONDS)
        return home

    async def visitor(self, request: Request, page: str, authenticator: Authenticator) -> Visitor | None:
        """Who signed in for the page with this path; None where nobody did, or where it is over."""
        held = self._open(self._cookies.get(request, _cookie(page)), "page")
        if held is None or held["page"] != _page_of(page):
            return None
        try:
            return Visitor(await authenticator.authenticate(held["token"]), held["form"])
        except UnauthenticatedError:
            return None

    async def _exchange(self, code: str, verifier: str) -> str:
        """The access token for a code. Raises ValueError where there is none."""
        redemption = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "client_id": self._client_id,
            "code_verifier": verifier,
        }
        answer = await ask("POST", self._token, timeout=EXCHANGE_SECONDS, data=redemption)
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise UnavailableError(f"the token endpoint answers {answer.status_code}")
        found = answer.json() if answer.status_code == HTTPStatus.OK else {}
        token = found.get("access_token") if isinstance(found, dict) else None
        if not isinstance(token, str) or len(token) > LONGEST_TOKEN:
            raise ValueError(f"the token endpoint answers {answer.status_code}, without a token that can be kept")
        return token

    def _seal(self, kept: Mapping[str, Any], seconds: int) -> str:
        text = json.dumps({**kept, "until": self._now().timestamp() + seconds})
        return jwe.encrypt_compact(dict(HEADER), text.encode(), _key(self._secrets()[0]), algorithms=ALGORITHMS)

    def _open(self, sealed: str, kind: str) -> dict[str, Any] | None:
        for secret in self._secrets():
            try:
                kept = json.loads(jwe.decrypt_compact(sealed, _key(secret), algorithms=ALGORITHMS).plaintext or b"")
            except (JoseError, ValueError):
                continue
            return dict(kept) if kept.get("kind") == kind and not _over(kept["until"], self._now()) else None
        return None


def _key(secret: bytes) -> OctKey:
    return OctKey.import_key(hashlib.blake2b(secret, digest_size=32, person=b"sign-in-client").digest())


def _over(until: float, now: datetime) -> bool:
    return now.timestamp() >= until


def _page_of(address: str) -> str:
    return address.partition("?")[0]


def _cookie(address: str) -> str:
    """One for each page, so that what was signed in for one is nothing on another."""
    return f"{PAGE}_{hashlib.sha256(_page_of(address).encode()).hexdigest()[:12]}"


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
