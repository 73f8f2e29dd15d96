"""One caught mail, read the way a person and a test want to see it."""

import re
from collections.abc import Iterable
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cached_property
from html.parser import HTMLParser
from typing import Any

RECIPIENTS = "X-Original-To"
"""The header that keeps the envelope's recipients in the file: the mail's own `To` need not name them."""

_URL = re.compile(r"https?://[^\s<>\"']+")


class Mail:
    """`number` counts from 1; `to` are the recipients of the SMTP dialogue; `links` are in order, each once.

    What is in it is read when somebody looks: a mail server does not either before it accepts one. Reading is total: what is
    no proper mail is still one, with whatever can be read.
    """

    def __init__(self, number: int, raw: bytes, received_at: datetime) -> None:
        self.number = number
        self.raw = raw
        self.received_at = received_at

    @cached_property
    def to(self) -> tuple[str, ...]:
        name, _, addresses = self.raw.partition(b"\r\n")[0].decode(errors="replace").partition(":")
        return tuple(filter(None, map(str.strip, addresses.split(",")))) if name == RECIPIENTS else ()

    @cached_property
    def subject(self) -> str:
        return str(self._message.get("Subject", ""))

    @cached_property
    def text(self) -> str:
        return _body(self._message, "plain")

    @cached_property
    def html(self) -> str:
        return _body(self._message, "html")

    @cached_property
    def links(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*_links_of_text(self.text), *_links_of_html(self.html)]))

    @cached_property
    def message_id(self) -> str:
        return str(self._message.get("Message-ID", "")).strip()

    def as_json(self) -> dict[str, Any]:
        """All of it but the raw bytes, ready for a JSON encoder."""
        return {
            "number": self.number,
            "to": self.to,
            "subject": self.subject,
            "text": self.text,
            "html": self.html,
            "links": self.links,
            "message_id": self.message_id,
            "received_at": self.received_at.isoformat(),
        }

    @cached_property
    def _message(self) -> EmailMessage:
        message = message_from_bytes(self.raw, policy=default)
        assert isinstance(message, EmailMessage)
        return message


def with_recipients(addresses: Iterable[str], content: bytes) -> bytes:
    """The mail, and before it the recipients of the SMTP dialogue."""
    return f"{RECIPIENTS}: {', '.join(addresses)}\r\n".encode() + content


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
