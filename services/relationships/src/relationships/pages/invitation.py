"""Renders the page behind an invitation's link."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

from fastapi.responses import HTMLResponse

from chassis import Language
from chassis.http.pages import PageTemplate, fill
from relationships.customer_matches import Proposal
from relationships.domain.invitation.state import Invitation
from relationships.wording import BOX, consent_points, consent_to

STATUS = {"link-invalid": 403, "own-organization": 403, "not-accepted": 409, "not-sent": 409}
BAD_REQUEST = 400
GONE = 410
"""For invitations that were accepted, declined or revoked, or have expired."""


Standing = Literal["accept", "enroll", "ask", "open", "confirmed", "refused"]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The signed-in visitor. ``form_token`` prevents cross-site form posts.

    ``proposals``: the imported customer that the visitor's company may be; at most one is asked about here.
    ``may``: accept, enroll first, ask to be let in, or what became of the request of the visitor's company.
    """

    name: str
    email: str
    organization: str
    form_token: str
    may: Standing
    proposals: tuple[Proposal, ...] = ()


class InvitationPage:
    """Renders the page in German and English. Texts and templates are read once."""

    def __init__(self, identity_url: str) -> None:
        address = urlsplit(identity_url)
        self._identity_origin = f"{address.scheme}://{address.netloc}"
        self._page = PageTemplate("relationships", "invitation")

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
        texts = self._page.texts[language]
        names = _names(invitation)
        address = urlencode({"token": token})
        return self._answer(
            language,
            BAD_REQUEST if wrong else 200,
            title=fill(texts["headings"][invitation.kind], **names),
            here=f"?{address}",
            error=texts["messages"].get(wrong, texts["messages"]["other"]) if wrong else "",
            name="open",
            invitation=invitation,
            points=consent_points(invitation, language),
            box=BOX[language],
            version=consent_to(invitation).version,
            until=_day(invitation.expires_at, language),
            token=token,
            signed_in=signed_in,
            enroll=_enroll_address(invitation.invitation_id, address, language),
            # Relative, so that it works behind any public address.
            sign_in=f"{invitation.invitation_id}/sign-in?{address}&lang={language}",
            ask=f"{invitation.invitation_id}/ask?lang={language}",
            addressee=masked(invitation.recipient.email),
            decline=f"{invitation.invitation_id}/decline?{address}&lang={language}",
        )

    def accepted(self, invitation: Invitation, token: str, language: Language) -> HTMLResponse:
        """What comes next, and the evidence to keep."""
        texts = self._page.texts[language]
        names = _names(invitation)
        query = urlencode({"token": token})
        return self._answer(
            language,
            200,
            title=texts["done"],
            here=f"?{query}",
            name="accepted",
            message=texts["accepted"],
            next=[fill(text, **names) for text in texts["next"][invitation.kind]],
            evidence=f"{invitation.invitation_id}/evidence?{query}&lang={language}",
        )

    def closed(self, reason: str, language: Language) -> HTMLResponse:
        """Why this link is not valid, and nothing else about the invitation."""
        message = self._page.texts[language]["messages"][reason]
        return self._answer(language, STATUS.get(reason, GONE), name="closed", message=message)

    def sign_in_failed(self, language: Language, back: str | None) -> HTMLResponse:
        """The visitor came back without a sign-in. ``back``: the page to try again from."""
        message = self._page.texts[language]["messages"]["sign-in-failed"]
        return self._answer(language, BAD_REQUEST, name="failed", message=message, back=back)

    def _answer(self, language: Language, status: int, **values: Any) -> HTMLResponse:
        values = {"title": self._page.texts[language]["title"], **values}
        # When the sign-in has expired, posting the form redirects to the sign-in page.
        return self._page.answer(language, status, form_origins=[self._identity_origin], **values)


def _names(invitation: Invitation) -> dict[str, str]:
    return {"inviter": invitation.inviter.name, "provider": invitation.provider.name if invitation.provider else ""}


def _enroll_address(invitation_id: str, query: str, language: Language) -> str:
    """Of the company's enrollment in the portal, which leads back to the invitation."""
    back = f"/invitations/{invitation_id}?{query}&lang={language}"
    return f"/enrollment?{urlencode({'invitation': back, 'lang': language})}"


def masked(address: str) -> str:
    """``m***@example.com``: enough for its owner to recognize it, too little for others to write to."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}"


def _day(at: datetime | None, language: Language) -> str:
    return f"{at:%d.%m.%Y}" if at and language == "de" else f"{at:%-d %B %Y}" if at else ""
