"""Secrets that only one service may read: compact JWE (RFC 7516), ECDH-ES on X25519 with A256GCM.

A link in a mail must travel from the service that made it to the one that mails it, through a topic that others read. It
travels sealed with that service's public key; the private key is in no other service.
"""

import json
from pathlib import Path

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from chassis.errors import PermanentError

ALGORITHMS = ["ECDH-ES", "A256GCM"]
HEADER = {"alg": "ECDH-ES", "enc": "A256GCM"}


class UnsealableError(PermanentError):
    """The text was not sealed for this key, or was tampered with."""


class Sealer:
    """Seals with a public key, opens where the file holds the private one. The key is read once."""

    def __init__(self, key_file: Path, *, private: bool = False) -> None:
        """Raises OSError, ValueError, JoseError. ``private``: the file must hold the private key."""
        # Parsed first: a text would be read as PEM.
        self._key = OKPKey.import_key(json.loads(key_file.read_text()))
        if private and not self._key.is_private:
            raise ValueError("this is a public key")

    def seal(self, text: str) -> str:
        return jwe.encrypt_compact(dict(HEADER), text.encode(), self._key, algorithms=ALGORITHMS)

    def open(self, sealed: str) -> str:
        """Raises UnsealableError."""
        try:
            return (jwe.decrypt_compact(sealed, self._key, algorithms=ALGORITHMS).plaintext or b"").decode()
        except (JoseError, ValueError) as error:
            raise UnsealableError("the secret was not sealed for this key") from error
