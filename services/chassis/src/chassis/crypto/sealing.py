"""Secrets that only one service may read: compact JWE (RFC 7516), ECDH-ES on X25519 with A256GCM.

A link in a mail must travel from the service that made it to the one that mails it, through a topic that others read. It
travels sealed with that service's public key; the private key is in no other service.

The file holds one X25519 JWK, or a JWK set in which ``kontor keys sealing rotate`` plans the change: the key with the latest
``seals_from`` (seconds since 1970) that has come seals, and each private key opens what was sealed for it.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from chassis.crypto.watched_file import WatchedFile
from chassis.errors import PermanentError

ALGORITHMS = ["ECDH-ES", "A256GCM"]
HEADER = {"alg": "ECDH-ES", "enc": "A256GCM"}
OUR_MEMBERS = ("seals_from", "gone_at")


class UnsealableError(PermanentError):
    """The text was not sealed for one of these keys, or was tampered with."""


class UnknownKeyError(UnsealableError):
    """The text names a key that is not in the file. Once it is, the text can be opened."""

    def __init__(self, kid: str) -> None:
        super().__init__(f"it was sealed for the key {kid}, which is not in the file of the sealing key")


@dataclass(frozen=True, slots=True)
class SealingKey:
    key: OKPKey
    kid: str
    seals_from: float


class Sealer:
    """Seals with a public key, opens where the file holds the private one. A changed file is read again within a second."""

    def __init__(self, key_file: Path, *, private: bool = False, now: Callable[[], float] = time.time) -> None:
        """Raises OSError, ValueError, JoseError. ``private``: the file must hold private keys. ``now``: seconds since 1970."""
        self._now = now
        self._keys = WatchedFile(key_file, lambda file: _read(file, private=private))

    def seal(self, text: str) -> str:
        now, keys = self._now(), self._keys.current()
        ready = [each for each in keys if each.seals_from <= now]
        chosen = max(ready or keys, key=lambda each: each.seals_from)
        return jwe.encrypt_compact({**HEADER, "kid": chosen.kid}, text.encode(), chosen.key, algorithms=ALGORITHMS)

    def open(self, sealed: str) -> str:
        """Raises UnsealableError, and UnknownKeyError where the key may only not have arrived yet."""
        kid = _kid(sealed)
        for each in self._candidates(kid):
            try:
                return (jwe.decrypt_compact(sealed, each.key, algorithms=ALGORITHMS).plaintext or b"").decode()
            except (JoseError, ValueError):
                continue
        raise UnsealableError("the secret was not sealed for this key")

    def mark(self, purpose: str, *parts: str) -> str:
        """A text of 43 characters that only a holder of the private key can make for these parts: a MAC (HMAC-SHA-256).

        For links that open nothing but must not be guessed. It holds as long as the key is in the file.
        """
        now, keys = self._now(), self._keys.current()
        ready = [each for each in keys if each.seals_from <= now]
        return _mark(max(ready or keys, key=lambda each: each.seals_from), purpose, parts)

    def marked(self, mark: str, purpose: str, *parts: str) -> bool:
        """Whether one of the keys in the file made the mark for these parts."""
        keys = self._keys.current()
        # ASCII: compare_digest takes no other text.
        return mark.isascii() and any(hmac.compare_digest(mark, _mark(each, purpose, parts)) for each in keys)

    def _candidates(self, kid: str | None) -> list[SealingKey]:
        """Texts from before there were several keys name none."""
        if kid is None:
            return list(self._keys.current())
        for keys in (self._keys.current, self._keys.look):
            if found := [each for each in keys() if each.kid == kid]:
                return found
        raise UnknownKeyError(kid)


def _mark(key: SealingKey, purpose: str, parts: tuple[str, ...]) -> str:
    secret = key.key.as_dict(private=True).get("d")
    if not secret:
        raise ValueError("only a private key makes marks")
    # A key of its own for each purpose, as in HKDF: what is made with it says nothing of the private key.
    derived = hmac.digest(str(secret).encode(), f"kontor mark {purpose}".encode(), hashlib.sha256)
    digest = hmac.digest(derived, "\x1f".join(parts).encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _kid(sealed: str) -> str | None:
    head = sealed.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except ValueError as error:
        raise UnsealableError("the text is no JWE") from error
    kid = header.get("kid") if isinstance(header, dict) else None
    return kid if isinstance(kid, str) else None


def _read(file: Path, *, private: bool) -> tuple[SealingKey, ...]:
    # Parsed first: a text would be read as PEM.
    document = json.loads(file.read_text())
    members = document.get("keys", [document]) if isinstance(document, dict) else []
    keys = []
    for member in members:
        key = OKPKey.import_key({name: value for name, value in member.items() if name not in OUR_MEMBERS})
        if key.curve_name != "X25519":
            raise ValueError("a sealing key is an X25519 key")
        if private and not key.is_private:
            raise ValueError("this is a public key")
        key.ensure_kid()
        keys.append(SealingKey(key, str(key.kid), float(member.get("seals_from", 0))))
    if not keys:
        raise ValueError("there is no key in the file")
    return tuple(keys)
