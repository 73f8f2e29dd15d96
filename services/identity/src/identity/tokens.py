"""The tokens identity gives out: signed access tokens (RFC 9068) and opaque refresh tokens."""

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from joserfc import jwt
from joserfc.jwk import OKPKey

from identity.domain_user_state import User

ALGORITHM = "Ed25519"
"""The name of RFC 9864; the older "EdDSA" left the curve open and is deprecated."""


class Signer:
    """Signs access tokens. The key is read once; its public half is what every service checks tokens with."""

    def __init__(self, key_file: Path, *, issuer: str, audience: str, lifetime: int) -> None:
        # Without "alg": a key file may still say EdDSA, which is the same key and the same signature.
        jwk = {name: value for name, value in json.loads(key_file.read_text()).items() if name != "alg"}
        self._key = OKPKey.import_key(jwk)
        self._key.ensure_kid()
        self._issuer = issuer
        self._audience = audience
        self.lifetime = lifetime

    def key_set(self) -> dict[str, Any]:
        """A JWK set (RFC 7517) without the private half."""
        return {"keys": [{**self._key.as_dict(private=False), "use": "sig", "alg": ALGORITHM}]}

    def access_token(self, user: User, scope: Iterable[str], at: datetime) -> str:
        """A token for ``lifetime`` seconds. The user is one of an organization."""
        organization = user.organization
        assert organization is not None
        issued = int(at.timestamp())
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "iat": issued,
            "exp": issued + self.lifetime,
            "jti": secrets.token_hex(16),
            "sub": user.user_id,
            "org": organization.organization_id,
            "org_name": organization.name,
            "org_kind": organization.kind,
            "country": organization.country,
            "name": user.full_name,
            "email": user.email,
            "culture": user.culture,
            "scope": " ".join(scope),
        }
        header = {"alg": ALGORITHM, "typ": "at+jwt", "kid": self._key.kid}
        return jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """``<session id>.<secret>``, opaque to its holder. Both parts are random; only the secret's hash is stored."""

    session_id: str
    secret: str

    @classmethod
    def new(cls, session_id: str | None = None) -> Self:
        """The first token of a new session, or the next one of this session."""
        return cls(session_id or secrets.token_hex(16), secrets.token_urlsafe(32))

    @classmethod
    def parse(cls, text: str) -> Self | None:
        session_id, _, secret = text.partition(".")
        return cls(session_id, secret) if session_id and secret else None

    @property
    def text(self) -> str:
        return f"{self.session_id}.{self.secret}"

    @property
    def secret_hash(self) -> str:
        return hashlib.sha256(self.secret.encode()).hexdigest()
