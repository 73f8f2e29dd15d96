"""Renders the page behind an invitation's link."""

import json
import secrets
from dataclasses import dataclass
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode, urlsplit

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from relationships.domain.invitation.state import Invitation
from relationships.domain.refusals import Reason
from relationships.wording import Language, consent_points, language_of

STATUS = {"link-invalid": 403, "not-sent": 409}
BAD_REQUEST = 400
GONE = 410
"""For invitations that were accepted or revoked, or have expired."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The signed-in visitor. ``form_token`` prevents cross-site form posts."""

    name: str
    email: str
    organization: str
    form_token: str


class InvitationPage:
    """Renders the page in German and English. Texts and templates are read once."""

    def __init__(self, identity_url: str) -> None:
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

    def open(
        self,
        invitation: Invitation,
        token: str,
        language: Language,
        *,
        signed_in: SignedIn | None = None,
        wrong: str = "",
    ) -> HTMLResponse:
        """Who invites and what accepting means; with ``signed_in`` also the form. ``wrong``: why the last try failed."""
        messages = self._words[language]["messages"]
        return self._page(
            language,
            BAD_REQUEST if wrong else 200,
            name="open",
            message=messages.get(wrong, messages["other"]) if wrong else "",
            invitation=invitation,
            points=consent_points(invitation, language),
            token=token,
            signed_in=signed_in,
            # Relative, so that it works behind any public address.
            sign_in=f"{invitation.invitation_id}/sign-in?{urlencode({'token': token, 'lang': language})}",
        )

    def accepted(self, language: Language) -> HTMLResponse:
        return self._page(language, 200, name="accepted", message=self._words[language]["accepted"])

    def closed(self, reason: Reason, language: Language) -> HTMLResponse:
        """Why this link is not valid, and nothing else about the invitation."""
        message = self._words[language]["messages"][reason]
        return self._page(language, STATUS.get(reason, GONE), name="closed", message=message)

    def sign_in_failed(self, language: Language, back: str | None) -> HTMLResponse:
        """The visitor came back without a sign-in. ``back``: the page to try again from."""
        message = self._words[language]["messages"]["sign-in-failed"]
        return self._page(language, BAD_REQUEST, name="failed", message=message, back=back)

    def _page(self, language: Language, status: int, **context: Any) -> HTMLResponse:
        nonce = secrets.token_urlsafe(16)
        html = self._template.render(words=self._words[language], language=language, nonce=nonce, **context)
        return HTMLResponse(html, status, headers=self._headers(nonce) | {"content-language": language})

    def _headers(self, nonce: str) -> dict[str, str]:
        policy = (
            "default-src 'none'",
            f"style-src 'nonce-{nonce}'",
            "base-uri 'none'",
            # When the sign-in has expired, posting the form redirects to the sign-in page.
            f"form-action 'self' {self._identity_origin}",
            "frame-ancestors 'none'",
        )
        return {
            "content-security-policy": "; ".join(policy),
            "referrer-policy": "no-referrer",
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
        }


def page_language(wanted: str | None, accepts: str | None) -> Language:
    """The link's language, else the browser's first one that we have, else English."""
    for culture in (wanted or "", *(accepts or "").split(",")):
        tag = culture.partition(";")[0].strip()
        if tag.partition("-")[0].lower() in {"de", "en"}:
            return language_of(tag)
    return "en"
