"""The evidence of an acceptance, from the page of its invitation."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from chassis import new_router
from chassis.http.pages import Visitor, page_language
from relationships.pages.acceptance import PAGES, Accepted, OpenInvitations, SignIn, page_address, page_path
from relationships.wording import evidence_text

TEXT = {"content": {"text/plain": {}}, "description": "The evidence as a text."}
AWAY = {"description": "Redirects to identity's sign-in page."}


def router(invitations: OpenInvitations, sign_in: SignIn) -> APIRouter:
    routes = new_router(tags=["pages"], default_response_class=HTMLResponse)

    @routes.get("/invitations/{invitation_id}/evidence", responses={200: TEXT, 303: AWAY, **PAGES})
    async def download_evidence_on_page(
        invitation_id: str, request: Request, token: str = "", lang: str | None = None, accepts: Accepted = None
    ) -> Response:
        """For the company that accepted, signed in on the invitation's page."""
        language = page_language(lang, accepts)
        visitor: Visitor | None = await sign_in.visitor(request, page_path(invitation_id))
        found = await invitations.open(invitation_id, token, language, again_by=visitor)
        if visitor is None and isinstance(found, Response) and found.status_code == HTTPStatus.GONE:
            # The link was right. Whether the visitor's company has accepted is known after the sign-in.
            return sign_in.client.leave(request, page_address(invitation_id, token, language), language)
        if isinstance(found, Response):
            return found
        if found.evidence is None:
            return invitations.closed("not-accepted", language)
        text = evidence_text(found, found.evidence, language)
        headers = {"content-disposition": f'attachment; filename="acceptance-{invitation_id}.txt"'}
        return Response(text, media_type="text/plain; charset=utf-8", headers={**headers, "cache-control": "no-store"})

    return routes
