"""Keyed hashes: HMAC-SHA-256 with a secret that is kept outside the database.

For values that are too short for a plain hash, and looked up by equality or too often for a slow one: recovery codes,
access codes, marks of wrong passwords.
"""

import base64
import hashlib
import hmac
from pathlib import Path

from chassis.crypto.watched_file import WatchedFile

SHORTEST_SECRET = 32
SEPARATOR = "\x1f"
"""ASCII's unit separator: no part of a message holds it."""


def secrets_of(file: Path) -> tuple[bytes, ...]:
    """The secrets in a file, one a line: the first is used, the others still count. Raises OSError, ValueError."""
    found = tuple(line.strip().encode() for line in file.read_text().splitlines() if line.strip())
    if not found or min(map(len, found)) < SHORTEST_SECRET:
        raise ValueError(f"{file}: a secret needs {SHORTEST_SECRET} characters or more, one secret a line")
    return found


class KeyedHash:
    """The secret is a line of at least 32 characters.

    The first line makes hashes, and each line finds its own. `kontor keys secret` replaces one; a changed file is read again.
    """

    def __init__(self, file: Path) -> None:
        self._secrets = WatchedFile(file, secrets_of)

    def of(self, purpose: str, *parts: str) -> str:
        """256 bits as 43 characters. ``purpose`` keeps hashes of different things apart."""
        return _hash(self._secrets.current()[0], purpose, *parts)

    def every(self, purpose: str, *parts: str) -> tuple[str, ...]:
        """What may be stored of it: the hash by each secret, the newest first."""
        return tuple(_hash(secret, purpose, *parts) for secret in self._secrets.current())


def _hash(secret: bytes, *parts: str) -> str:
    message = SEPARATOR.join(part.replace(SEPARATOR, "") for part in parts)
    digest = hmac.digest(secret, message.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
