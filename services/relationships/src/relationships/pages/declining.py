"""The page on which the addressee declines an invitation: by the link alone, or signed in. It needs no script."""

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from chassis import Language, RefusedError, Unkeyed, new_router
from chassis.http.pages import PageTemplate, Visitor, fill, form_body, form_values, page_language
from kontor_contracts.names import is_hidden, is_plain_text
from relationships.api.acceptance import MOST_REASON, Acceptances, Declination
from relationships.domain.invitation.state import Invitation
from relationships.pages.acceptance import PAGES, Accepted, OpenInvitations, SignIn, page_path

FORM = form_body("token", optional=["form_token", "reason"])
KEPT = {"\n", "\t"}
"""Control characters that a text area sends on purpose."""


class DeclinePage:
    """Renders the page in German and English."""

    def __init__(self) -> None:
        self._page = PageTemplate("relationships", "decline")

    def ask(
        self,
        invitation: Invitation,
        token: str,
        language: Language,
        *,
        visitor: Visitor | None,
        reason: str = "",
        wrong: str = "",
    ) -> HTMLResponse:
        """The form. ``wrong``: the name of the text that says why the last try failed."""
        texts, inviter = self._page.texts[language], invitation.inviter.name
        query = urlencode({"token": token})
        told: dict[str, Any] = {"error": texts[wrong]} if wrong == "too_old" else {}
        if wrong in {"too_long", "with_link"}:
            told = {"errors": {"reason": texts[wrong]}}
        return self._page.answer(
            language,
            400 if wrong else 200,
            title=fill(texts["title"], inviter=inviter),
            here=f"?{query}",
            declined=False,
            inviter=inviter,
            token=token,
            form_token=visitor.form_token if visitor else "",
            reason=reason,
            back=f"../{invitation.invitation_id}?{query}&lang={language}",
            **told,
        )

    def declined(self, invitation: Invitation, language: Language) -> HTMLResponse:
        title = fill(self._page.texts[language]["title"], inviter=invitation.inviter.name)
        return self._page.answer(language, title=title, declined=True)


def router(invitations: OpenInvitations, acceptances: Acceptances, sign_in: SignIn) -> APIRouter:
    routes = new_router(tags=["pages"], default_response_class=HTMLResponse)
    page = DeclinePage()

    @routes.get("/invitations/{invitation_id}/decline", responses=PAGES)
    async def show_decline_page(
        invitation_id: str, request: Request, token: str = "", lang: str | None = None, accepts: Accepted = None
    ) -> Response:
        """Asks whether to decline, and why. Opening it changes nothing: mail scanners open links."""
        language = page_language(lang, accepts)
        found = await invitations.open(invitation_id, token, language)
        if isinstance(found, Response):
            return found
        return page.ask(found, token, language, visitor=await sign_in.visitor(request, page_path(invitation_id)))

    @routes.post("/invitations/{invitation_id}/decline", responses=PAGES, openapi_extra=FORM)
    async def decline_on_page(
        invitation_id: str, request: Request, attempt: Unkeyed, lang: str | None = None, accepts: Accepted = None
    ) -> Response:
        """Decline as the holder of the link, or as the user who is signed in on the invitation's page."""
        language, fields = page_language(lang, accepts), form_values(await request.body())
        token, reason = fields.get("token", ""), _plain(fields.get("reason", ""))
        found = await invitations.open(invitation_id, token, language)
        if isinstance(found, Response):
            return found
        visitor = await sign_in.visitor(request, page_path(invitation_id))
        if visitor is not None and not visitor.sent(fields.get("form_token", "")):
            return page.ask(found, token, language, visitor=visitor, reason=reason, wrong="too_old")
        if len(reason) > MOST_REASON:
            return page.ask(found, token, language, visitor=visitor, reason=reason, wrong="too_long")
        if not is_plain_text(reason):
            return page.ask(found, token, language, visitor=visitor, reason=reason, wrong="with_link")
        caller = visitor.principal if visitor else None
        declination = Declination(invitation_id, token, reason or None)
        try:
            await acceptances.decline(declination, caller, attempt.cause(caller))
        except RefusedError as error:
            return invitations.closed(error.refusal.reason, language)
        return page.declined(found, language)

    return routes


def _plain(text: str) -> str:
    """Without invisible characters: control, text direction, zero width."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(each for each in text if each in KEPT or not is_hidden(each)).strip()
