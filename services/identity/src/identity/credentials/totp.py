"""One-time codes by time (RFC 6238, HMAC-SHA-1, six digits, thirty seconds: what every authenticator app knows)."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

SECRET_BYTES = 20
DIGITS = 6
STEP_SECONDS = 30
DRIFT = 1
"""Steps that the clocks may be apart, either way."""

RECOVERY_CODES = 10
BARE_LENGTH = 64
"""Hexadecimal digits of SHA-256."""
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def new_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def code(secret: bytes, step: int) -> str:
    """RFC 4226, 5.3."""
    digest = hmac.digest(secret, step.to_bytes(8), hashlib.sha1)
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4]) & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def step_at(at: datetime) -> int:
    return int(at.timestamp()) // STEP_SECONDS


def matching_step(secret: bytes, given: str, at: datetime) -> int | None:
    """The step whose code this is, the latest where there are several; None where it is none of now."""
    now = step_at(at)
    found = [
        step for step in range(now - DRIFT, now + DRIFT + 1) if hmac.compare_digest(code(secret, step), normal(given))
    ]
    return max(found, default=None)


def normal(given: str) -> str:
    """People write codes in groups."""
    return "".join(character for character in given.lower() if character in ALPHABET or character in "01")


def readable(secret: bytes) -> str:
    """As authenticator apps take it by hand."""
    return base64.b32encode(secret).decode().rstrip("=")


def address(secret: bytes, account: str, issuer: str) -> str:
    """``otpauth://``, for a QR code."""
    query = urlencode({"secret": readable(secret), "issuer": issuer, "digits": DIGITS, "period": STEP_SECONDS})
    return f"otpauth://totp/{quote(issuer)}:{quote(account)}?{query}"


def recovery_codes() -> list[str]:
    """Each about 50 bits: enough, as wrong ones close the door."""
    return ["-".join(_group() for _ in range(2)) for _ in range(RECOVERY_CODES)]


def _group() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(5))


def recovery_hash(given: str) -> str:
    """Bare: about 50 bits are tried through in hours, so it is stored inside of a keyed hash alone."""
    return hashlib.sha256(normal(given).encode()).hexdigest()


def is_bare_hash(stored: str) -> bool:
    """Whether it is a recovery code's hash as it was stored before there were keyed ones."""
    return len(stored) == BARE_LENGTH
