"""Access tokens: JWTs (RFC 9068, Ed25519), verified with the issuer's published keys alone (RFC 8725)."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

import httpx2
import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from chassis.auth.http_client import ask
from chassis.auth.principal import Principal, UnauthenticatedError
from chassis.auth.revocation import REMEMBERED, Voided
from chassis.errors import UnavailableError

log = structlog.get_logger("chassis.auth.tokens")

REFETCH_SECONDS = 10.0
"""An unknown key id makes us fetch the keys again, but not more often than this."""
FIRST_FETCH_SECONDS = 1.0
"""The same while no keys are known: callers get 503, and do not queue for an issuer that hangs."""
FETCH_SECONDS = 3.0
LEEWAY_SECONDS = 30
VERIFIED = 2000
"""Tokens remembered as verified."""


class _Claims(jwt.JWTClaimsRegistry):
    def validate_iat(self, value: object) -> None:
        """No reason to refuse: ``iat`` tells a token's age (RFC 7519, 4.1.6), and ``exp`` ends it.

        An issuer whose clock is minutes ahead would otherwise sign tokens that no service takes.
        """


@dataclass(frozen=True, slots=True)
class _Verified:
    """A token whose signature and claims were found good. ``expires``: seconds since 1970."""

    claims: dict[str, Any]
    principal: Principal
    expires: float


class Authenticator:
    """Verifies tokens offline. The key set is fetched once, again after ``cache`` seconds, and when a new key id turns up."""

    def __init__(
        self,
        *,
        jwks_url: str,
        issuer: str,
        audience: str,
        now: Callable[[], datetime],
        cache: float = 300.0,
        voided: Voided | None = None,
    ) -> None:
        self._url = jwks_url
        self._issuer = issuer
        self._audience = audience
        self._now = now
        self._keys: KeySet | None = None
        # A signature costs as much as the rest of a request, and the same token comes many times before it expires.
        self._verified: dict[str, _Verified] = {}
        self._cache = cache
        self._refetch = min(REFETCH_SECONDS, cache)
        self._voided = voided if voided is not None else Voided()
        self._fetched = -cache
        self._asked = -self._refetch
        self._lock = asyncio.Lock()
        self._claims = _Claims(
            now=lambda: int(now().timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
        )

    async def authenticate(self, token: str) -> Principal:
        """Raises UnauthenticatedError, UnavailableError where the issuer's keys were never fetched."""
        keys = await self._current()
        verified = self._verified.get(token)
        if verified is None or verified.expires <= self._now().timestamp():
            verified = await self._verify(token, keys)
        if self._voided.covers(verified.claims):
            raise UnauthenticatedError("this sign-in was ended; sign in again")
        return verified.principal

    async def _verify(self, token: str, keys: KeySet) -> "_Verified":
        try:
            decoded = self._decode(token, keys)
        except JoseError as error:
            self._verified.pop(token, None)
            keys = await self._current(again=True)
            try:
                decoded = self._decode(token, keys)
            except JoseError:
                raise UnauthenticatedError("the token is not valid; sign in again") from error
        verified = _Verified(decoded.claims, _principal(decoded.claims), decoded.claims["exp"])
        if len(self._verified) >= VERIFIED:
            del self._verified[next(iter(self._verified))]
        self._verified[token] = verified
        return verified

    def _decode(self, token: str, keys: KeySet) -> jwt.Token:
        try:
            decoded = jwt.decode(token, keys, algorithms=["Ed25519", "EdDSA"])
        except ValueError as error:
            raise UnauthenticatedError("the token cannot be read; sign in again") from error
        if decoded.header.get("typ") != "at+jwt":
            raise UnauthenticatedError("this is not an access token")
        self._claims.validate(decoded.claims)
        issued = decoded.claims.get("iat")
        if not isinstance(issued, int | float) or decoded.claims["exp"] - issued > REMEMBERED.total_seconds():
            # What ended its sign-in may have been forgotten by now.
            raise UnauthenticatedError("the token's lifetime exceeds the allowed maximum")
        return decoded

    async def _current(self, *, again: bool = False) -> KeySet:
        if self._keys is None or self._should_ask(again):
            async with self._lock:
                # Once for all who waited for the lock.
                if self._should_ask(again):
                    await self._fetch()
        if self._keys is None:
            raise UnavailableError("the issuer's keys could not be fetched")
        return self._keys

    def _should_ask(self, again: bool) -> bool:
        now = time.monotonic()
        if self._keys is None:
            return now - self._asked > FIRST_FETCH_SECONDS
        return (again or now - self._fetched > self._cache) and now - self._asked > self._refetch

    async def _fetch(self) -> None:
        self._asked = time.monotonic()
        try:
            keys = _keys_in(await ask("GET", self._url, timeout=FETCH_SECONDS))
        except (UnavailableError, ValueError) as error:
            # Known keys go on serving while the issuer is away.
            log.warning("key_set_not_fetched", error=str(error))
            return
        self._keys = keys
        # A key that is not published any more verifies no token.
        self._verified.clear()
        self._fetched = time.monotonic()


def key_set(found: Any) -> KeySet:
    """A JSON Web Key Set (RFC 7517), parsed already. Raises ValueError where it is none."""
    try:
        return KeySet.import_key_set(found)
    except (JoseError, TypeError, KeyError) as error:
        raise ValueError(f"this is no key set: {type(error).__name__}") from error


def _keys_in(answer: httpx2.Response) -> KeySet:
    if answer.status_code != HTTPStatus.OK:
        raise ValueError(f"status {answer.status_code}")
    return key_set(answer.json())


def _principal(claims: dict[str, Any]) -> Principal:
    try:
        return Principal(
            user_id=claims["sub"],
            organization_id=claims["org"],
            organization_name=claims["org_name"],
            organization_kind=claims["org_kind"],
            country=claims["country"],
            name=claims["name"],
            email=claims["email"],
            culture=claims["culture"],
            permissions=frozenset(claims["scope"].split()),
            session_id=claims.get("sid", ""),
            withheld=frozenset(claims.get("withheld", "").split()),
        )
    except KeyError as error:
        raise UnauthenticatedError(f"the token lacks the claim {error}") from error
