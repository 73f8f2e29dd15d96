"""Keyed hashes: HMAC-SHA-256 with a secret that is kept outside the database.

For values that are too short for a plain hash, and looked up by equality or too often for a slow one: recovery codes,
access codes, marks of wrong passwords.
"""

import base64
import hashlib
import hmac
from pathlib import Path

SHORTEST_SECRET = 32
SEPARATOR = "\x1f"
"""ASCII's unit separator: no part of a message holds it."""


class KeyedHash:
    """The secret is a line of at least 32 characters.

    To replace it, put the new one in front: the first line makes hashes, and each line finds its own. Read once.
    """

    def __init__(self, file: Path) -> None:
        self._secrets = [line.strip().encode() for line in file.read_text().splitlines() if line.strip()]
        if not self._secrets or min(map(len, self._secrets)) < SHORTEST_SECRET:
            raise ValueError(
                f"{file}: a secret for hashes needs {SHORTEST_SECRET} characters or more, one secret a line"
            )

    def of(self, purpose: str, *parts: str) -> str:
        """256 bits as 43 characters. ``purpose`` keeps hashes of different things apart."""
        return _hash(self._secrets[0], purpose, *parts)

    def every(self, purpose: str, *parts: str) -> tuple[str, ...]:
        """What may be stored of it: the hash by each secret, the newest first."""
        return tuple(_hash(secret, purpose, *parts) for secret in self._secrets)


def _hash(secret: bytes, *parts: str) -> str:
    message = SEPARATOR.join(part.replace(SEPARATOR, "") for part in parts)
    digest = hmac.digest(secret, message.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
