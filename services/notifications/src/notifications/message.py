"""A rendered mail as the bytes that SMTP carries (RFC 5322), with nothing in its headers that could start another one."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime

import idna

from kontor_contracts.values import Recipient
from notifications.templates import Rendered

# Quoted local parts and comments are left out on purpose: mail libraries disagree about whose mailbox they name.
_ATOM = r"[^\s\x00-\x1f\x7f\"(),.:;<>@\[\\\]]+"
LOCAL_PART = re.compile(rf"{_ATOM}(\.{_ATOM})*")
LINE_ENDS_AND_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
HEADER = re.compile(rb"^([!-9;-~]+):", re.MULTILINE)
# Python folds long names and loses the quotes these need, so a name could turn into a second address.
NOT_IN_NAMES = '"(),:;<>@[\\]'


class UnwritableError(ValueError):
    """It cannot be put into a mail without changing its meaning."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What goes over the wire. ``utf8``: the server must know SMTPUTF8, as an address is not ASCII."""

    sender: str
    recipient: str
    content: bytes
    utf8: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What stands in the headers beside the subject. The Message-ID is the same in every attempt, and so is the date."""

    sender: Address
    recipient: Recipient
    message_id: str
    date: datetime
    template: str
    correlation_id: str


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
        "X-Kontor-Template": heading.template,
        "X-Correlation-Id": heading.correlation_id,
    }
    message = EmailMessage(policy=SMTPUTF8 if utf8 else SMTP)
    # The body first: making it multipart would take Content-Language along into the first part.
    message.set_content(rendered.text, cte="quoted-printable")
    message.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
    for name, value in headers.items():
        message[name] = _one_line(name, value) if isinstance(value, str) else value
    return Outgoing(heading.sender.addr_spec, to.addr_spec, _as_bytes(message), utf8)


def address_of(recipient: Recipient) -> Address:
    """Raises UnwritableError."""
    local, _, domain = recipient.email.rpartition("@")
    if not LOCAL_PART.fullmatch(local):
        raise UnwritableError("the part before the @ is not one that mail servers agree on")
    try:
        ascii_domain = idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        raise UnwritableError("the part behind the @ is no domain name") from None
    name = "".join(" " if c in NOT_IN_NAMES else c for c in recipient.name)
    name = _one_line("To", " ".join(name.split()))
    return Address(display_name=name, username=local, domain=ascii_domain)


def _one_line(name: str, text: str) -> str:
    if LINE_ENDS_AND_CONTROLS.search(text):
        raise UnwritableError(f"{name} holds a control character")
    # Python reads encoded words (RFC 2047) in what it is given as plain text, and there a line end may hide in one.
    return text.replace("=?", "= ?")


def _as_bytes(message: EmailMessage) -> bytes:
    """The last look, whatever the library made of the values: just the headers that were meant, each on one line."""
    for name, value in message.items():
        # As the library reads it: some versions write a line end that it decoded, others encode it again for the reader.
        if LINE_ENDS_AND_CONTROLS.search(str(value)):
            raise UnwritableError(f"{name} holds a control character")
    content = message.as_bytes()
    head = content.partition(b"\r\n\r\n")[0]
    if [name.decode() for name in HEADER.findall(head)] != list(message.keys()):
        raise UnwritableError("the headers are not those that were meant")
    return content
