"""Personal links: the address of a page with a token that proves its reader got the mail.

A token is in nothing but the link. The link travels sealed to the service that mails it; the document keeps the
token's hash alone. No slow hash: 256 random bits cannot be guessed.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

from chassis.crypto.sealing import Sealer
from chassis.http.language import language_of

TOKEN_BYTES = 32
KEY_SEPARATOR = "."


@dataclass(frozen=True, slots=True)
class PersonalLink:
    """``token_hash`` is what the document keeps, ``sealed`` what the mail's event carries."""

    token_hash: str
    sealed: str
    expires_at: datetime


class PersonalLinks:
    """Makes personal links to the pages of one service."""

    def __init__(self, sealer: Sealer, public_url: str) -> None:
        self._sealer = sealer
        self._public_url = public_url

    def new(self, path: str, *, expires_at: datetime, culture: str | None = None, key: str = "") -> PersonalLink:
        """A link to the page at ``path``, in the language of ``culture``.

        ``key`` finds the document where the path does not name it: the token is then ``<key>.<secret>``.
        """
        secret = new_token()
        token = f"{key}{KEY_SEPARATOR}{secret}" if key else secret
        url = personal_url(self._public_url, path, token=token, culture=culture)
        return PersonalLink(token_hash(secret), self._sealer.seal(url), expires_at)


def personal_url(public_url: str, path: str, *, token: str, culture: str | None = None) -> str:
    query = {"token": token} | ({"lang": language_of(culture)} if culture else {})
    return f"{public_url.rstrip('/')}{quote(path)}?{urlencode(query)}"


def new_token() -> str:
    """A secret of 256 bits that fits into a link."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """What is stored of a token: its SHA-256, in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()


def split_token(token: str) -> tuple[str, str]:
    """Key and secret of a token made with a key; the key is empty where it has none."""
    key, _, secret = token.rpartition(KEY_SEPARATOR)
    return key, secret
