"""Writes a rendered mail as the bytes for SMTP (RFC 5322), safe from header injection."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any

import idna

from kontor_contracts.values import Recipient
from notifications.templates import Rendered

# Quoted local parts and comments are refused: mail libraries disagree about the mailbox they name.
_ATOM = r"[^\s\x00-\x1f\x7f\"(),.:;<>@\[\\\]]+"
LOCAL_PART = re.compile(rf"{_ATOM}(\.{_ATOM})*")
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""Line ends and other control characters."""
BOUNDARY = "=_kontor"
"""Appears in no part: quoted-printable writes no "=_" (RFC 2045, 6.7)."""
HEADER = re.compile(rb"^([!-9;-~]+):", re.MULTILINE)
# Python folds long names and loses the quotes these need, so a name could turn into a second address.
NOT_IN_NAMES = '"(),:;<>@[\\]'


FEEDBACK_SENDER = "kontor"
"""The same in all mails; 5 to 15 characters."""
PLAIN = re.compile(r"[A-Za-z0-9&,:;!'()_/ -]*")
"""Written as it is where no word is long."""
LONG_WORD = re.compile(r"\S{60}")


class UnwritableError(ValueError):
    """A value cannot be written into a mail without changing its meaning."""


class WholeWords(EmailPolicy):
    """Writes texts of people as encoded words (RFC 2047) from end to end, by `email.header`.

    The folding of `email.policy` (`_refold_parse_tree`) decodes what it has encoded before it appends to it. Where an "=" stands
    beside such a word it takes a wrong end, and the header says something else. `Header` never reads what it wrote.
    """

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name == "Subject" and not _is_plain(str(value)):
            return f"{name}: {_encoded(name, str(value))}{self.linesep}".encode()
        if name in {"To", "Reply-To"} and not _is_plain((address := value.addresses[0]).display_name):
            words = _encoded(name, address.display_name)
            return f"{name}: {words}{self.linesep} <{address.addr_spec}>{self.linesep}".encode()
        return super().fold_binary(name, value)


def _is_plain(text: str) -> bool:
    return bool(PLAIN.fullmatch(text)) and not LONG_WORD.search(text)


def _encoded(name: str, text: str) -> str:
    return Header(text, "utf-8", header_name=name).encode(linesep="\r\n")


SMTP = WholeWords(linesep="\r\n")
SMTPUTF8 = SMTP.clone(utf8=True)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail ready for SMTP. ``utf8``: the server must support SMTPUTF8, as an address is not ASCII."""

    sender: str
    recipient: str
    content: bytes
    utf8: bool

    @property
    def domain(self) -> str:
        return self.recipient.rpartition("@")[2].lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """The headers beside the subject. Every attempt has the same Message-ID and the same date.

    ``unsubscribe``: the link with which the reader of an optional mail stops mails of its category (RFC 8058).
    """

    sender: Address
    recipient: Recipient
    message_id: str
    date: datetime
    template: str
    correlation_id: str
    category: str
    reply_to: Address | None = None
    unsubscribe: str | None = None


def compose(heading: Heading, rendered: Rendered) -> Outgoing:
    """Raises UnwritableError."""
    to = address_of(heading.recipient)
    utf8 = not to.username.isascii()
    headers: dict[str, str | Address] = {
        "From": heading.sender,
        "To": to,
        "Subject": rendered.subject,
        "Date": format_datetime(heading.date),
        "Message-ID": heading.message_id,
        "Auto-Submitted": "auto-generated",
        "Content-Language": rendered.language,
        # Campaign, customer, kind of mail, sender: what mailbox providers count complaints by.
        "Feedback-ID": f"{heading.template}:{heading.category}:transactional:{FEEDBACK_SENDER}",
        "X-Kontor-Template": heading.template,
        "X-Correlation-Id": heading.correlation_id,
    }
    if heading.reply_to is not None and (utf8 or heading.reply_to.username.isascii()):
        # Where only the answers' address is not ASCII, a server without SMTPUTF8 would refuse a mail that it can deliver.
        headers["Reply-To"] = heading.reply_to
    if heading.unsubscribe is not None:
        headers["List-Unsubscribe"] = f"<{heading.unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message = EmailMessage(SMTPUTF8 if utf8 else SMTP)
    # Before the headers: the library would move Content-Language into the first part.
    message.set_content(rendered.text, cte="quoted-printable")
    message.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
    message.set_boundary(BOUNDARY)
    for name, value in headers.items():
        _add(message, name, _one_line(name, value) if isinstance(value, str) else value)
    content = _as_meant(message.as_bytes(), [*headers, "MIME-Version", "Content-Type"])
    return Outgoing(heading.sender.addr_spec, to.addr_spec, content, utf8)


def _add(message: EmailMessage, name: str, value: str | Address) -> None:
    try:
        message[name] = value
    except ValueError as error:
        raise UnwritableError(f"{name}: {error}") from error
    # Check the value as the library parsed it: some versions write a line end that they decoded.
    if CONTROLS.search(str(message[name])):
        raise UnwritableError(f"{name} holds a control character")


def address_of(recipient: Recipient) -> Address:
    """Raises UnwritableError."""
    local, _, domain = recipient.email.rpartition("@")
    if not LOCAL_PART.fullmatch(local):
        raise UnwritableError("the part before the @ is not a plain local part")
    try:
        ascii_domain = idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        raise UnwritableError("the part after the @ is not a domain name") from None
    name = "".join(" " if c in NOT_IN_NAMES else c for c in recipient.name)
    name = _one_line("To", " ".join(name.split()))
    return Address(display_name=name, username=local, domain=ascii_domain)


def _one_line(name: str, text: str) -> str:
    if CONTROLS.search(text):
        raise UnwritableError(f"{name} holds a control character")
    # Python decodes encoded words (RFC 2047) in plain text, and such a word may hide a line end.
    return text.replace("=?", "= ?")


def _as_meant(content: bytes, names: Iterable[str]) -> bytes:
    """The final check: the mail has exactly the intended headers, each once."""
    head = content.partition(b"\r\n\r\n")[0]
    if sorted(name.decode() for name in HEADER.findall(head)) != sorted(names) or b"\n\n" in head:
        raise UnwritableError("the headers are not the intended ones")
    return content
