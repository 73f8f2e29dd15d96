"""Secrets of high entropy: made here, sealed for the mail, and known afterwards by their SHA-256 alone.

A slow hash protects what people choose; 256 random bits, or a registry's access code, need none.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from chassis import Sealer

TOKEN_BYTES = 32


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link that exists nowhere in the clear but in the mail."""

    token_hash: str
    sealed: str
    expires_at: datetime


class LinkMaker:
    """Makes the personal links to the page on which a primary contact confirms."""

    def __init__(self, sealer: Sealer, *, public_url: str, days: int) -> None:
        self._sealer = sealer
        self._base = public_url.rstrip("/")
        self._life = timedelta(days=days)

    def make(self, enrollment_id: str, culture: str, now: datetime) -> NewLink:
        token = secrets.token_urlsafe(TOKEN_BYTES)
        query = urlencode({"token": token, "lang": culture})
        link = f"{self._base}/verify-contact/{enrollment_id}?{query}"
        return NewLink(digest(token), self._sealer.seal(link), now + self._life)
