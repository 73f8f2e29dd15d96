"""The tokens identity gives out: signed access tokens (RFC 9068), ID tokens, opaque refresh tokens and device tokens."""

import base64
import hashlib
import hmac
import secrets
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import KeySet

from identity.credentials.signing_keys import ALGORITHM, OLD_ALGORITHM, KeyRing
from identity.domain.user.state import User

CLIENT = "kontor"
"""``client_id`` of tokens that were not made for a service's pages: Kontor knows users, not the programs they use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a token says besides who the user is. ``version``: the number of the user's last event."""

    scope: Iterable[str]
    withheld: Iterable[str] = ()
    version: int
    session_id: str = ""
    methods: tuple[str, ...] = ("pwd",)
    signed_in_at: datetime
    at: datetime
    client_id: str = CLIENT
    lifetime: int | None = None
    """In seconds, where it is another than usual."""


class Signer:
    """Signs access tokens; the public keys are what every service checks them with."""

    def __init__(self, keys: KeyRing, *, issuer: str, audience: str, lifetime: int) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self.lifetime = lifetime

    def key_set(self, at: datetime) -> dict[str, Any]:
        return self._keys.key_set(at)

    def access_token(self, user: User, grant: Grant) -> str:
        """A token for ``lifetime`` seconds, unless the grant says another. The user is one of an organization."""
        issued = int(grant.at.timestamp())
        key = self._keys.signing(grant.at)
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "iat": issued,
            "exp": issued + (self.lifetime if grant.lifetime is None else grant.lifetime),
            "jti": secrets.token_hex(16),
            "client_id": grant.client_id,
            **_about(user),
            "scope": " ".join(grant.scope),
            "ver": grant.version,
            **how_signed_in(grant.methods, grant.signed_in_at),
            **({"sid": grant.session_id} if grant.session_id else {}),
            **({"withheld": withheld} if (withheld := " ".join(grant.withheld)) else {}),
        }
        header = {"alg": ALGORITHM, "typ": "at+jwt", "kid": key.kid}
        return jwt.encode(header, claims, key, algorithms=[ALGORITHM])

    def id_token(self, client_id: str, claims: Mapping[str, Any], at: datetime) -> str:
        """An ID token (OpenID Connect Core, 2) for one client, good for as long as an access token."""
        issued = int(at.timestamp())
        key = self._keys.signing(at)
        said = {"iss": self._issuer, "aud": client_id, "iat": issued, "exp": issued + self.lifetime, **claims}
        header = {"alg": OLD_ALGORITHM, "typ": "JWT", "kid": key.kid}
        with _old_algorithm() as algorithms:
            return jwt.encode(header, said, key, algorithms=algorithms)

    def read_id_token(self, token: str, at: datetime) -> dict[str, Any] | None:
        """The claims of an ID token that we signed, whether it has expired or not. None for anything else."""
        try:
            keys = KeySet.import_key_set(self.key_set(at))  # type: ignore[arg-type]
            with _old_algorithm() as algorithms:
                read = jwt.decode(token, keys, algorithms=algorithms)
        except (JoseError, ValueError):
            return None
        ours = read.header.get("typ") == "JWT" and read.claims.get("iss") == self._issuer
        return read.claims if ours else None


@contextmanager
def _old_algorithm() -> Iterator[list[str]]:
    """Its name, without the library's warning that it has a newer one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        yield [OLD_ALGORITHM]


def how_signed_in(methods: Iterable[str], at: datetime) -> dict[str, Any]:
    """Time, methods (RFC 8176) and class of an authentication."""
    amr = list(methods)
    return {"auth_time": int(at.timestamp()), "amr": amr, "acr": "mfa" if "mfa" in amr else "pwd"}


def _about(user: User) -> dict[str, Any]:
    organization = user.organization
    assert organization is not None
    return {
        "sub": user.user_id,
        "org": organization.organization_id,
        "org_name": organization.name,
        "org_kind": organization.kind,
        "country": organization.country,
        "name": user.full_name,
        "email": user.email,
        "culture": user.culture,
    }


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """``<key>.<secret>``, opaque to its holder. Both parts are random; only their hashes are stored.

    The key stays the same in all tokens of a session, the secret is of one token.
    """

    key: str
    secret: str

    @classmethod
    def new(cls) -> Self:
        """The first token of a new session."""
        return cls(secrets.token_hex(16), secrets.token_urlsafe(32))

    def successor(self, salt: str) -> Self:
        """The next token of the session; with the same ``salt`` always the same one.

        The salt alone, which is stored, gives nothing away, and neither does the old token, which may have been copied.
        """
        secret = hmac.digest(self.secret.encode(), salt.encode(), "sha256")
        return type(self)(self.key, base64.urlsafe_b64encode(secret).decode().rstrip("="))

    @classmethod
    def parse(cls, text: str) -> Self | None:
        key, _, secret = text.partition(".")
        return cls(key, secret) if key and secret else None

    @property
    def text(self) -> str:
        return f"{self.key}.{self.secret}"

    @property
    def session_id(self) -> str:
        """Public: it reveals no token of the session, and cannot make one look used."""
        return digest(self.key)[:32]

    @property
    def secret_hash(self) -> str:
        return digest(self.secret)


def opaque() -> str:
    """A secret of 256 bits that fits into a link."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """The stored hash of a random secret. A fast hash is enough, because it cannot be guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()
