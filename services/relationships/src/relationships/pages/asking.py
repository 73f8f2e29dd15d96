"""On an invitation's page: a visitor who is not the addressee asks the inviter to be let in."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from chassis import ForbiddenError, ProblemError, RefusedError, StepUpError, Unkeyed, UnsafeRequest, new_router
from chassis.http.pages import Visitor, form_body, form_values, page_language
from relationships.api.access import AccessRequests
from relationships.pages.acceptance import BACK, PAGES, Accepted, OpenInvitations, SignIn, page_address, page_path

FORM = form_body("token", "form_token")


def router(invitations: OpenInvitations, requests: AccessRequests, sign_in: SignIn) -> APIRouter:
    routes = new_router(tags=["pages"], default_response_class=HTMLResponse)

    @routes.post("/invitations/{invitation_id}/ask", responses={**PAGES, **BACK}, openapi_extra=FORM)
    async def ask_on_page(
        invitation_id: str, request: Request, attempt: Unkeyed, lang: str | None = None, accepts: Accepted = None
    ) -> Response:
        """Ask to be let in as the user who is signed in on the invitation's page, which then says what comes next."""
        language, fields = page_language(lang, accepts), form_values(await request.body())
        token = fields.get("token", "")
        found = await invitations.open(invitation_id, token, language)
        if isinstance(found, Response):
            return found
        visitor = await sign_in.visitor(request, page_path(invitation_id))
        address = page_address(invitation_id, token, language)
        if visitor is None:
            return sign_in.client.leave(request, address, language)
        ours = visitor.sent(fields.get("form_token", ""))
        wrong = await _refusal(requests, invitation_id, token, visitor, attempt) if ours else "form-too-old"
        if wrong:
            return await invitations.show(found, token, language, visitor, wrong=wrong)
        return RedirectResponse(address, HTTPStatus.SEE_OTHER)

    return routes


async def _refusal(
    requests: AccessRequests, invitation_id: str, token: str, visitor: Visitor, attempt: UnsafeRequest
) -> str:
    """Ask to be let in. Returns the reason of a refusal, or "" without one."""
    try:
        await requests.ask(invitation_id, token, visitor.principal, attempt.cause(visitor.principal))
    except RefusedError as error:
        return str(error.refusal.reason)
    except StepUpError:
        return "second-factor-needed"
    except ForbiddenError:
        return "forbidden"
    except ProblemError:
        # The company has caused as many mails today as it may.
        return "too-many-mails"
    return ""
