"""The page behind an invitation's link. Opening it changes nothing: mail scanners open links, too (reliability.md 5.1)."""

import json
import secrets
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from relationships.domain.invitation.state import Invitation
from relationships.domain.refusals import Reason
from relationships.wording import Language, consent_points, language_of

STATUS = {"link-invalid": 403, "not-sent": 409}
GONE = 410
"""For invitations that are over: accepted, taken back or expired."""


class InvitationPage:
    """Renders the page in German and English. Texts and templates are read once."""

    def __init__(self, identity_url: str) -> None:
        self._token_url = f"{identity_url.rstrip('/')}/v1/token"
        address = urlsplit(identity_url)
        self._identity_origin = f"{address.scheme}://{address.netloc}"
        environment = Environment(
            loader=PackageLoader("relationships", "pages"), autoescape=True, undefined=StrictUndefined
        )
        self._template = environment.get_template("invitation.html")
        folder = files("relationships").joinpath("pages")
        self._words: dict[str, Any] = {
            language: json.loads(folder.joinpath(f"words.{language}.json").read_text("utf-8"))
            for language in ("de", "en")
        }

    def open(self, invitation: Invitation, token: str, language: Language) -> HTMLResponse:
        """Who invites, what accepting means, and the form to accept with."""
        return self._page(
            language,
            200,
            reason=None,
            invitation=invitation,
            points=consent_points(invitation, language),
            token=token,
            token_url=self._token_url,
            # Relative, so that it works behind any public address.
            accept_url=f"../v1/invitations/{invitation.invitation_id}/accept",
        )

    def closed(self, reason: Reason, language: Language) -> HTMLResponse:
        """Why this link leads nowhere, or no more. It says nothing else about the invitation."""
        return self._page(language, STATUS.get(reason, GONE), reason=reason)

    def _page(self, language: Language, status: int, **context: Any) -> HTMLResponse:
        nonce = secrets.token_urlsafe(16)
        html = self._template.render(words=self._words[language], language=language, nonce=nonce, **context)
        return HTMLResponse(html, status, headers=self._headers(nonce) | {"content-language": language})

    def _headers(self, nonce: str) -> dict[str, str]:
        policy = (
            "default-src 'none'",
            f"script-src 'nonce-{nonce}'",
            f"style-src 'nonce-{nonce}'",
            f"connect-src 'self' {self._identity_origin}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
        return {
            "content-security-policy": "; ".join(policy),
            "referrer-policy": "no-referrer",
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
        }


def page_language(wanted: str | None, accepts: str | None) -> Language:
    """What the link says, else the first language of the browser that we have, else English."""
    for culture in (wanted or "", *(accepts or "").split(",")):
        tag = culture.partition(";")[0].strip()
        if tag.partition("-")[0].lower() in {"de", "en"}:
            return language_of(tag)
    return "en"
