"""One caught mail, read the way a person and a test want to see it."""

import re
from dataclasses import asdict, dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from typing import Any

RECIPIENTS = "X-Original-To"
"""The header that keeps the envelope's recipients in the file: the mail's own `To` need not name them."""

_URL = re.compile(r"https?://[^\s<>\"']+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """`number` counts from 1; `to` is whom the sender named in the SMTP dialogue; `links` are in order, each once."""

    number: int
    to: tuple[str, ...]
    subject: str
    text: str
    html: str
    links: tuple[str, ...]
    message_id: str
    received_at: datetime
    raw: bytes = field(repr=False)

    def as_json(self) -> dict[str, Any]:
        """All of it but the raw bytes, ready for a JSON encoder."""
        document = asdict(self)
        del document["raw"]
        return document | {"received_at": self.received_at.isoformat()}


def read_mail(number: int, raw: bytes, received_at: datetime) -> Mail:
    """Total: what is no proper mail still becomes one, with whatever could be read."""
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    text, html = _body(message, "plain"), _body(message, "html")
    return Mail(
        number=number,
        to=tuple(address.strip() for address in str(message.get(RECIPIENTS, "")).split(",") if address.strip()),
        subject=str(message.get("Subject", "")),
        text=text,
        html=html,
        links=tuple(dict.fromkeys([*_links_of_text(text), *_links_of_html(html)])),
        message_id=str(message.get("Message-ID", "")).strip(),
        received_at=received_at,
        raw=raw,
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    if part is None:
        return ""
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    try:
        return payload.decode(part.get_content_charset("utf-8"), errors="replace").replace("\r\n", "\n")
    except LookupError:  # a charset nobody knows
        return payload.decode(errors="replace")


def _links_of_text(text: str) -> list[str]:
    return [url.rstrip(".,;:!?)") for url in _URL.findall(text)]


def _links_of_html(html: str) -> list[str]:
    anchors = _Anchors()
    anchors.feed(html)
    return anchors.links


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        target = dict(attrs).get("href")
        if tag == "a" and target and _URL.match(target):
            self.links.append(target)
