"""Renders the pages about a primary contact's link, in German and English."""

from typing import Literal

from fastapi.responses import HTMLResponse

from chassis import Language, PageTemplate
from enrollment.domain.enrollment.admission import LinkState
from enrollment.domain.enrollment.state import Enrollment

PageName = Literal[
    "ask", "confirmed", "already-confirmed", "denied", "already-denied", "expired", "superseded", "unknown"
]

PAGE_OF: dict[LinkState, PageName] = {
    "valid": "ask",
    "confirmed": "already-confirmed",
    "denied": "already-denied",
    "expired": "expired",
    "superseded": "superseded",
    "unknown": "unknown",
}

STATUS: dict[PageName, int] = {"expired": 410, "superseded": 410, "unknown": 404}
"""All others are 200: opening a used link again is no error."""


class Pages:
    """Renders the pages about one link. Texts and style are read once."""

    def __init__(self) -> None:
        self._page = PageTemplate("enrollment", "verify_contact.html", "pages.json")

    def render(
        self,
        name: PageName,
        language: Language,
        state: Enrollment | None = None,
        *,
        token: str = "",
        status: int | None = None,
    ) -> HTMLResponse:
        """The page ``name``; with a ``token`` it has the two buttons. Without a valid link it shows nothing of the state."""
        company = (state.company_name if state else None) or ""
        text = self._page.texts[language][name]
        title = text["title"].replace("{company}", company)
        html = self._page.template.render(
            language=language,
            text=text | {"title": title},
            company=company,
            style=self._page.style,
            token=token,
            facts=_facts(text, state) if token and state else [],
        )
        return HTMLResponse(html, status_code=status or STATUS.get(name, 200), headers=self._page.headers_in(language))


def _facts(text: dict[str, str], state: Enrollment) -> list[tuple[str, str]]:
    contact = state.primary_contact
    who = f"{contact.name}, {contact.email}" if contact else ""
    return [
        (text["company"], state.company_name or ""),
        (text["program"], text[state.program]),
        (text["contact"], who),
    ]
