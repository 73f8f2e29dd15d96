"""The keys that access tokens are signed with, and which of them signs when.

The file holds one private Ed25519 JWK, or a JWK set in which ``kontor keys rotate`` plans the change: ``signs_from`` (the
key with the latest one that has come signs) and ``gone_at`` (from then on the key is not published). It is looked at
again while the service runs, so a change needs no restart.
"""

import json
import os
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

log = structlog.get_logger("identity.credentials.signing_keys")

ALGORITHM = "Ed25519"
"""The name of RFC 9864; the older "EdDSA" left the curve open and is deprecated."""
OLD_ALGORITHM = "EdDSA"
"""The only name that most OpenID Connect clients know."""
LOOK_SECONDS = 1.0
OUR_MEMBERS = ("alg", "signs_from", "gone_at")


@dataclass(frozen=True, slots=True)
class PlannedKey:
    """Seconds since 1970."""

    key: OKPKey
    signs_from: float
    gone_at: float | None

    def published(self, at: float) -> bool:
        return self.gone_at is None or at < self.gone_at


class KeyRing:
    """Raises what is wrong with the file when built; later a file that cannot be read leaves the keys as they are."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._mark = _mark(file)
        self._keys = _read(file)
        self._looked = time.monotonic()

    def signing(self, at: datetime) -> OKPKey:
        now = at.timestamp()
        keys = [key for key in self._current() if key.published(now)]
        ready = [key for key in keys if key.signs_from <= now]
        return max(ready or keys or self._keys, key=lambda each: each.signs_from).key

    def key_set(self, at: datetime) -> dict[str, Any]:
        """A JWK set (RFC 7517) without private halves.

        The keys name no algorithm: there are two names for the one that goes with them, and programs compare names.
        """
        keys = [each.key for each in self._current() if each.published(at.timestamp())]
        return {"keys": [{**key.as_dict(private=False), "use": "sig"} for key in keys]}

    def _current(self) -> tuple[PlannedKey, ...]:
        if time.monotonic() - self._looked >= LOOK_SECONDS:
            self._looked = time.monotonic()
            self._look()
        return self._keys

    def _look(self) -> None:
        try:
            mark = _mark(self._file)
            if mark != self._mark:
                self._keys = _read(self._file)
                self._mark = mark
                log.info("signing_keys_read", kids=[each.key.kid for each in self._keys])
        except (OSError, ValueError, JoseError) as error:
            log.error("signing_keys_unreadable", file=str(self._file), error=type(error).__name__)  # noqa: TRY400


def _mark(file: Path) -> tuple[int, int, int]:
    found = os.stat(file)  # noqa: PTH116  follows the link that a mounted secret is, as Path.stat does
    return found.st_ino, found.st_mtime_ns, found.st_size


def _read(file: Path) -> tuple[PlannedKey, ...]:
    document = json.loads(file.read_text())
    members = document.get("keys", [document])
    keys = tuple(_planned(member) for member in members)
    if not keys:
        raise ValueError("there is no key in the file")
    return keys


def _planned(member: dict[str, Any]) -> PlannedKey:
    # Without "alg": a file may still say EdDSA, which is the same key and the same signature.
    key = OKPKey.import_key({name: value for name, value in member.items() if name not in OUR_MEMBERS})
    if not key.is_private or key.curve_name != "Ed25519":
        raise ValueError("a signing key is a private Ed25519 key")
    key.ensure_kid()
    return PlannedKey(key, float(member.get("signs_from", 0)), member.get("gone_at"))
