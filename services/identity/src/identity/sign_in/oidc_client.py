"""OpenID Connect client: OpenID Connect Core 1.0, authorization code flow with PKCE (RFC 7636).

It checks what the standards ask of a client: state and nonce bound to the browser, PKCE by S256, the issuer in the answer
(RFC 9207), and the ID token's signature, issuer, audience, time and nonce.
"""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote_plus, urlencode

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from chassis import UnavailableError, ask, key_set
from identity.configuration.oidc_issuers import IssuerConfig

PATH = "/v1/external"
"""Where the sign-in with directories is served, and their answers arrive."""
ALGORITHMS = ["RS256", "PS256", "ES256", "Ed25519", "EdDSA"]
KNOWN_SECONDS = 600.0
REFETCH_SECONDS = 10.0
LEEWAY_SECONDS = 60
TIMEOUT_SECONDS = 5.0
LONGEST_ANSWER = 1024 * 1024
SECOND_FACTORS = frozenset({"mfa", "otp", "hwk", "swk", "sms", "fpt", "face"})
"""Authentication methods of RFC 8176 that mean a second factor."""


class NotAuthenticatedError(Exception):
    """The issuer's answer does not prove an identity. The text says why."""


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """The secrets of one authorization request. The browser keeps them, sealed, during the redirects."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> "AuthorizationRequest":
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))

    @property
    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class ExternalIdentity:
    """The subject of an ID token. ``email`` None: the issuer has verified none."""

    subject: str
    email: str | None
    second_factor: bool


class ExternalIssuer:
    """One issuer. Raises UnavailableError if it does not answer, NotAuthenticatedError for every other fault."""

    def __init__(
        self,
        config: IssuerConfig,
        redirect_uri: str,
        now: Callable[[], datetime],
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self.config = config
        self._redirect_uri = redirect_uri
        self._now = now
        self._transport = transport
        self._secret = config.client_secret_file.read_text().strip() if config.client_secret_file else None
        self._described: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def address(self, request: AuthorizationRequest) -> str:
        """The authorization endpoint's URL for the browser."""
        described = await self._description()
        query = {
            "response_type": "code",
            "client_id": self.config.client_id,
            "redirect_uri": self._redirect_uri,
            "scope": self.config.scope,
            "state": request.state,
            "nonce": request.nonce,
            "code_challenge": request.challenge,
            "code_challenge_method": "S256",
        }
        endpoint = described["authorization_endpoint"]
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    async def authenticate(self, answer: Mapping[str, str], request: AuthorizationRequest) -> ExternalIdentity:
        """The identity in the callback's query ``answer``. The caller has compared its state."""
        if "iss" in answer and answer["iss"] != self.config.issuer:
            raise NotAuthenticatedError("the answer is from another issuer")
        if "code" not in answer:
            raise NotAuthenticatedError("the issuer signed nobody in")
        tokens = await self._exchange(answer["code"], request)
        claims = await self._claims(str(tokens.get("id_token", "")), request)
        methods = claims.get("amr")
        stronger = isinstance(methods, list) and any(method in SECOND_FACTORS for method in methods)
        return ExternalIdentity(
            subject=str(claims["sub"]),
            email=str(claims["email"]) if claims.get("email") and claims.get("email_verified") is True else None,
            second_factor=stronger and self.config.trusts_second_factor,
        )

    async def _exchange(self, code: str, request: AuthorizationRequest) -> dict[str, Any]:
        described = await self._description()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": request.verifier,
        }
        # RFC 6749, 2.3.1: both are form-encoded before they become user and password.
        credentials = None if self._secret is None else (quote_plus(self.config.client_id), quote_plus(self._secret))
        if credentials is None:
            form["client_id"] = self.config.client_id
        return await self._ask("POST", described["token_endpoint"], data=form, auth=credentials)

    async def _claims(self, token: str, request: AuthorizationRequest) -> dict[str, Any]:
        try:
            decoded = jwt.decode(token, await self._key_set(), algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            # The key may be newer than the cached set.
            try:
                decoded = jwt.decode(token, await self._key_set(again=True), algorithms=ALGORITHMS)
            except (JoseError, ValueError) as error:
                raise NotAuthenticatedError("the ID token is not signed by the issuer") from error
        claims: dict[str, Any] = decoded.claims
        registry = jwt.JWTClaimsRegistry(
            now=lambda: int(self._now().timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self.config.issuer},
            aud={"essential": True, "value": self.config.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": request.nonce},
        )
        try:
            registry.validate(claims)
        except JoseError as error:
            raise NotAuthenticatedError(f"the ID token is not valid: {error.error}") from error
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if several else self.config.client_id) != self.config.client_id:
            raise NotAuthenticatedError("the ID token was made for another client")
        return claims

    async def _description(self) -> dict[str, Any]:
        if self._described is None or time.monotonic() - self._described[0] > KNOWN_SECONDS:
            url = f"{self.config.issuer.rstrip('/')}/.well-known/openid-configuration"
            found = await self._ask("GET", url)
            needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if found.get("issuer") != self.config.issuer or not all(isinstance(found.get(n), str) for n in needed):
                raise NotAuthenticatedError("the issuer's metadata names another issuer or is incomplete")
            self._described = (time.monotonic(), found)
        return self._described[1]

    async def _key_set(self, *, again: bool = False) -> KeySet:
        limit = REFETCH_SECONDS if again else KNOWN_SECONDS
        if self._keys is None or time.monotonic() - self._keys[0] > limit:
            described = await self._description()
            try:
                keys = key_set(await self._ask("GET", described["jwks_uri"]))
            except ValueError as error:
                raise NotAuthenticatedError("the issuer's keys cannot be read") from error
            self._keys = (time.monotonic(), keys)
        return self._keys[1]

    async def _ask(self, method: str, url: str, **form: Any) -> dict[str, Any]:
        try:
            headers = {"accept": "application/json"}
            answer = await ask(method, url, timeout=TIMEOUT_SECONDS, transport=self._transport, headers=headers, **form)
        except UnavailableError as error:
            raise UnavailableError(f"issuer {self.config.name}: {error}") from error
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise UnavailableError(f"issuer {self.config.name}: {answer.status_code}")
        if answer.status_code != HTTPStatus.OK or len(answer.content) > LONGEST_ANSWER:
            raise NotAuthenticatedError(f"the issuer refused: {answer.status_code}")
        try:
            found = json.loads(answer.content)
        except (ValueError, RecursionError) as error:
            raise NotAuthenticatedError("the issuer's answer is not JSON") from error
        if not isinstance(found, dict):
            raise NotAuthenticatedError("the issuer's answer is not a JSON object")
        return found
