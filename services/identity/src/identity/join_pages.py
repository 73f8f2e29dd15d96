"""The HTML behind the link of an invitation: no script, nothing from elsewhere, German or English."""

import base64
import hashlib
import json
from importlib.resources import files
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from identity.domain_user_state import User

LANGUAGES = ("en", "de")
STATUS = {"expired": 410, "unknown": 404}
"""Everything else is 200: who comes back to a used link made no mistake."""
BAD_PASSWORD = 400


class JoinPages:
    """Renders the pages about one invitation. Texts and style are read once."""

    def __init__(self) -> None:
        package = files("identity")
        environment = Environment(loader=PackageLoader("identity"), autoescape=True, undefined=StrictUndefined)
        self._template = environment.get_template("join.html")
        self._style = (package / "templates" / "join.css").read_text(encoding="utf-8")
        self._texts: dict[str, dict[str, Any]] = json.loads(
            (package / "data" / "join.json").read_text(encoding="utf-8")
        )
        self._headers = _headers(self._style)

    def render(self, name: str, language: str, user: User, *, token: str = "", fault: str = "") -> HTMLResponse:
        """The page ``name``: valid (which has the form), joined, used, expired, unknown. Who holds no link learns nothing."""
        words = self._texts[language]
        company = user.organization.name if user.organization and name != "unknown" else ""
        html = self._template.render(
            language=language,
            words=words,
            text=words[name],
            company=company,
            address=user.email if name == "valid" else "",
            style=self._style,
            token=token if name == "valid" else "",
            fault=words["faults"].get(fault, words["faults"]["password-guessable"]) if fault else "",
        )
        status = BAD_PASSWORD if fault else STATUS.get(name, 200)
        return HTMLResponse(html, status_code=status, headers=self._headers)


def page_language(lang: str, accepted: str) -> str:
    """The language asked for in the link, else the first one of the browser's that there is, else English."""
    wanted = [lang, *(part.partition(";")[0] for part in accepted.split(","))]
    codes = [code.strip().lower()[:2] for code in wanted]
    return next((code for code in codes if code in LANGUAGES), LANGUAGES[0])


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
