"""The secret files that the services of one stack need. Made once: a file that is there is kept."""

import json
import os
import secrets
from pathlib import Path
from typing import Any

from joserfc.jwk import OKPKey

SIGNING = "signing.jwk"
FACTOR = "factor.jwk"
SEALING_PRIVATE = "sealing.private.jwk"
SEALING_PUBLIC = "sealing.public.jwk"
HASH_SECRET = "hash.secret"  # noqa: S105 - a file's name
LINK_SECRET = "link.secret"  # noqa: S105 - a file's name


def write_keys(directory: Path) -> None:
    """Write the files, readable by their owner alone.

    Identity's signing key (Ed25519) and the one that seals second factors (X25519), the pair with which secrets are sealed
    for notifications (X25519), the secret from which relationships derives its links and the one of keyed hashes (32 random
    bytes each, URL-safe).
    """
    directory.mkdir(parents=True, exist_ok=True)
    if not (directory / SIGNING).exists():
        key = OKPKey.generate_key("Ed25519", {"use": "sig", "alg": "EdDSA"}, auto_kid=True)
        _write(directory / SIGNING, _text(key.as_dict(private=True)))
    if not (directory / FACTOR).exists():
        factor = OKPKey.generate_key("X25519", {"use": "enc"}, auto_kid=True)
        _write(directory / FACTOR, _text(factor.as_dict(private=True)))
    if not (directory / SEALING_PRIVATE).exists():
        key = OKPKey.generate_key("X25519", {"use": "enc"}, auto_kid=True)
        _write(directory / SEALING_PUBLIC, _text(key.as_dict(private=False)))
        # Last, because its presence says that the pair is complete.
        _write(directory / SEALING_PRIVATE, _text(key.as_dict(private=True)))
    for name in (LINK_SECRET, HASH_SECRET):
        if not (directory / name).exists():
            _write(directory / name, secrets.token_urlsafe(32))


def _text(jwk: Any) -> str:
    return json.dumps(jwk, indent=2) + "\n"


def _write(file: Path, text: str) -> None:
    # Complete or not there: a half-written key would be kept for ever.
    draft = file.with_name(f".{file.name}.draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as secret:
        secret.write(text)
    draft.rename(file)
