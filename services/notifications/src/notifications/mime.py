"""Headers (RFC 5322), byte for byte as the standard library writes them, and a body in several forms (RFC 2045, 2046).

The library parses every value and folds it anew, which for headers of one short line and for those of the parts, which are
always the same, takes most of the time that a mail takes to be written. What is not that plain is left to it.
"""

import re
from binascii import b2a_qp
from email.headerregistry import Address
from email.policy import SMTP, SMTPUTF8

CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""Line ends and other control characters."""
LONGEST_LINE = 78
"""Without its end; a longer one should be folded (RFC 5322, 2.1.1)."""
BOUNDARY = "=_kontor"
"""Stands in no part: quoted-printable writes no "=_" (RFC 2045, 6.7)."""
ALTERNATIVES = f'multipart/alternative; boundary="{BOUNDARY}"'
"""The Content-Type to go with `alternatives`."""


class UnwritableError(ValueError):
    """It cannot be put into a mail without changing its meaning."""


def header(name: str, value: str | Address, *, utf8: bool = False) -> bytes:
    """The header with its line end; ``utf8``: an address in it need not be ASCII.

    Raises UnwritableError where a line end or a control character is in it, or hides there.
    """
    line = f"{name}: {value}"
    if len(line) <= LONGEST_LINE and line.isascii() and line.isprintable() and "=?" not in line:
        return f"{line}\r\n".encode()
    policy = SMTPUTF8 if utf8 else SMTP
    try:
        _, parsed = policy.header_store_parse(name, value)
    except ValueError as error:
        raise UnwritableError(f"{name}: {error}") from error
    # As the library reads it: some versions write a line end that it decoded, others encode it again for the reader.
    if CONTROLS.search(str(parsed)):
        raise UnwritableError(f"{name} holds a control character")
    return policy.fold_binary(name, parsed)


def alternatives(**forms: str) -> bytes:
    """A body that says the same in several subtypes of text, the best last (RFC 2046, 5.1.4)."""
    parts = [
        f"--{BOUNDARY}\r\n"
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n".encode()
        + quoted_printable(text)
        for subtype, text in forms.items()
    ]
    return b"".join([*parts, f"--{BOUNDARY}--\r\n".encode()])


def quoted_printable(text: str) -> bytes:
    """The text and a line end, in lines of at most 76 characters (RFC 2045, 6.7)."""
    return b2a_qp("".join(f"{line}\r\n" for line in text.split("\n")).encode(), istext=True)
