"""Renders the pages about a primary contact's link, in German and English."""

from typing import Literal
from urllib.parse import urlencode

from fastapi.responses import HTMLResponse

from chassis import Language
from chassis.http.pages import PageTemplate, fill
from enrollment.domain.enrollment.admission import LinkState
from enrollment.domain.enrollment.state import Enrollment

PageName = Literal[
    "ask",
    "ask-again",
    "ask-again-mailbox",
    "confirmed",
    "already-confirmed",
    "denied",
    "already-denied",
    "expired",
    "superseded",
    "over",
    "unknown",
]

PAGE_OF: dict[LinkState, PageName] = {
    "valid": "ask",
    "confirmed": "already-confirmed",
    "denied": "already-denied",
    "expired": "expired",
    "superseded": "superseded",
    "over": "over",
    "unknown": "unknown",
}

DENIALS: dict[PageName, tuple[tuple[str, str], ...]] = {
    "ask": (("deny", "deny"), ("deny-mailbox", "deny_mailbox")),
    "ask-again": (("deny-surely", "deny"),),
    "ask-again-mailbox": (("deny-mailbox-surely", "deny"),),
}
"""The answers that cancel the enrollment, and the texts of their buttons. Each is confirmed on a page of its own."""

STATUS: dict[PageName, int] = {"expired": 410, "superseded": 410, "over": 410, "unknown": 404}
"""All others are 200: opening a used link again is no error."""


class Pages:
    """Renders the pages about one link."""

    def __init__(self) -> None:
        self._page = PageTemplate("enrollment", "verify_contact")

    def render(
        self,
        name: PageName,
        language: Language,
        state: Enrollment | None = None,
        *,
        token: str = "",
        status: int | None = None,
    ) -> HTMLResponse:
        """The page ``name``; with a ``token`` it has two buttons. Without a valid link it shows nothing of the state."""
        company = (state.company_name if state else None) or ""
        text = self._page.texts[language][name]
        return self._page.answer(
            language,
            status or STATUS.get(name, 200),
            title=fill(text["title"], company=company),
            here=f"?{urlencode({'token': token})}" if token else "",
            text=text,
            company=company,
            token=token,
            denials=[(answer, text[label]) for answer, label in DENIALS.get(name, ())],
            facts=_facts(text, state) if token and state else [],
        )


def _facts(text: dict[str, str], state: Enrollment) -> list[tuple[str, str]]:
    contact = state.primary_contact
    who = f"{contact.name}, {contact.email}" if contact else ""
    return [
        (text["company"], state.company_name or ""),
        (text["program"], text[state.program]),
        (text["contact"], who),
    ]
