"""Signs mails by DKIM (RFC 6376), if the settings name a key.

A relay may sign as well; two signatures do no harm. Every header that says something is signed, those of RFC 8058 among them: it
asks for that. The library signs with RSA, which every receiver can verify. It brings a resolver of the DNS along, so it is loaded
only where there is a key.
"""

from collections.abc import Callable
from pathlib import Path

SIGNED = (
    b"from",
    b"to",
    b"reply-to",
    b"subject",
    b"date",
    b"message-id",
    b"mime-version",
    b"content-type",
    b"content-language",
    b"auto-submitted",
    b"list-unsubscribe",
    b"list-unsubscribe-post",
    b"feedback-id",
)
SHORTEST_KEY = 256
"""Bytes: receivers refuse keys of fewer than 1,024 bits, and RFC 8301 asks signers for 2,048."""

Sign = Callable[[bytes], bytes]


def unsigned(content: bytes) -> bytes:
    return content


def read_key(file: Path) -> bytes:
    """An RSA key of 2,048 bits or more, as PEM. Raises OSError, ValueError."""
    from dkim.crypto import UnparsableKeyError, parse_pem_private_key  # noqa: PLC0415  see above

    pem = file.read_bytes()
    try:
        key = parse_pem_private_key(pem)
    except (UnparsableKeyError, ValueError, KeyError) as error:
        raise ValueError(f"{file}: {error}") from error
    if int(key["modulus"]).bit_length() < SHORTEST_KEY * 8:
        raise ValueError(f"{file}: a DKIM key needs {SHORTEST_KEY * 8} bits or more")
    return pem


def signer(key_file: Path | None, selector: str | None, domain: str) -> Sign:
    """``domain``: the sender's, so that receivers see the two as aligned (DMARC)."""
    if key_file is None or selector is None:
        return unsigned
    import dkim  # noqa: PLC0415  see above

    key = read_key(key_file)

    def sign(content: bytes) -> bytes:
        header: bytes = dkim.sign(
            content,
            selector.encode(),
            domain.encode(),
            key,
            canonicalize=(b"relaxed", b"relaxed"),
            # Twice: a second header of the same name, put in on the way, then breaks the signature.
            include_headers=[*SIGNED, *SIGNED],
        )
        return header + content

    return sign
