"""The HTML behind the link in a mail: no script, nothing from elsewhere, German or English."""

import base64
import hashlib
import json
from importlib.resources import files
from typing import Any, Literal

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from enrollment.domain.admission import LinkState
from enrollment.domain.state import Enrollment

LANGUAGES = ("en", "de")

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
"""Everything else is 200: who comes back to a used link made no mistake."""


class Pages:
    """Renders the pages about one link. Texts and style are read once."""

    def __init__(self) -> None:
        package = files("enrollment")
        environment = Environment(loader=PackageLoader("enrollment"), autoescape=True, undefined=StrictUndefined)
        self._template = environment.get_template("verify_contact.html")
        self._style = (package / "templates" / "page.css").read_text(encoding="utf-8")
        self._texts: dict[str, dict[str, Any]] = json.loads(
            (package / "data" / "pages.json").read_text(encoding="utf-8")
        )
        self._headers = _headers(self._style)

    def render(
        self,
        name: PageName,
        language: str,
        state: Enrollment | None = None,
        *,
        token: str = "",
        status: int | None = None,
    ) -> HTMLResponse:
        """The page ``name``; with a ``token`` it has the two buttons. Who holds no link learns nothing of the state."""
        company = (state.company_name if state else None) or ""
        text = self._texts[language][name]
        title = text["title"].replace("{company}", company)
        html = self._template.render(
            language=language,
            text=text | {"title": title},
            company=company,
            style=self._style,
            token=token,
            facts=_facts(text, state) if token and state else [],
        )
        return HTMLResponse(html, status_code=status or STATUS.get(name, 200), headers=self._headers)


def page_language(lang: str, accepted: str) -> str:
    """The language asked for in the link, else the first one of the browser's that there is, else English."""
    wanted = [lang, *(part.partition(";")[0] for part in accepted.split(","))]
    codes = [code.strip().lower()[:2] for code in wanted]
    return next((code for code in codes if code in LANGUAGES), LANGUAGES[0])


def _facts(text: dict[str, str], state: Enrollment) -> list[tuple[str, str]]:
    contact = state.primary_contact
    who = f"{contact.name}, {contact.email}" if contact else ""
    return [
        (text["company"], state.company_name or ""),
        (text["program"], text[state.program]),
        (text["contact"], who),
    ]


def _headers(style: str) -> dict[str, str]:
    style_hash = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{style_hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    return {
        # The address holds the token: it must not travel on, be kept or be framed.
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "x-robots-tag": "noindex, nofollow",
    }
