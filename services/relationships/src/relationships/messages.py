"""The mail of an invitation for the inviter's own mail program: as text, as a mailto link, as a file."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from urllib.parse import quote

from kontor_contracts.addresses import domain_key
from relationships.domain.invitation.state import LINK, Invitation

LONGEST_MAILTO = 2000
"""Characters that every mail program and browser takes."""


def message_text(invitation: Invitation, link: str) -> str:
    return invitation.mail.body.replace(LINK, link)


def mailto(invitation: Invitation, link: str) -> str | None:
    """RFC 6068. None where the text is too long for it: then the file or the clipboard is the way."""
    body = message_text(invitation, link).replace("\n", "\r\n")
    address = quote(invitation.recipient.email, safe="@")
    found = f"mailto:{address}?subject={quote(invitation.mail.subject, safe='')}&body={quote(body, safe='')}"
    return found if len(found) <= LONGEST_MAILTO else None


def eml(invitation: Invitation, link: str) -> bytes:
    """A mail that is not sent yet (``X-Unsent``): mail programs open it as a draft. Sender and date are theirs to fill in."""
    local, _, domain = invitation.recipient.email.rpartition("@")
    to = Address(_quotable(invitation.recipient.name), local, domain_key(domain))
    message = EmailMessage(SMTP if local.isascii() else SMTPUTF8)
    message["To"] = to
    message["Subject"] = invitation.mail.subject
    message["X-Unsent"] = "1"
    message["Content-Language"] = invitation.recipient.culture
    message.set_content(message_text(invitation, link), cte="quoted-printable")
    return message.as_bytes()


def _quotable(name: str) -> str:
    """Python folds long names and loses the quotes that these characters need."""
    return " ".join("".join(" " if each in '"(),:;<>@[\\]' else each for each in name).split())
