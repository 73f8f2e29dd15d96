"""The HTML behind the mailed link for a new password: no script, nothing from elsewhere, German or English."""

import base64
import hashlib
import json
from importlib.resources import files
from typing import Any, Literal

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

LANGUAGES = ("en", "de")
PageName = Literal["ask", "done", "over"]
GONE, BAD_REQUEST, OK = 410, 400, 200


class ResetPages:
    """Texts and style are read once."""

    def __init__(self) -> None:
        package = files("identity")
        environment = Environment(loader=PackageLoader("identity"), autoescape=True, undefined=StrictUndefined)
        self._template = environment.get_template("reset_password.html")
        self._style = (package / "templates" / "page.css").read_text(encoding="utf-8")
        self._texts: dict[str, Any] = json.loads((package / "data" / "reset_pages.json").read_text(encoding="utf-8"))
        self._headers = _headers(self._style)

    def render(self, name: PageName, language: str, *, token: str = "", wrong: str | None = None) -> HTMLResponse:
        """With a ``token`` it has the form; ``wrong`` is the code of what was wrong with the password."""
        texts = self._texts[language]
        html = self._template.render(
            language=language,
            text=texts[name],
            style=self._style,
            token=token,
            wrong=texts["faults"][wrong] if wrong else None,
        )
        status = GONE if name == "over" else BAD_REQUEST if wrong else OK
        return HTMLResponse(html, status, headers=self._headers)


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
