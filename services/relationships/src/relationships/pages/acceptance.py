"""The page behind an invitation's link: read, sign in at identity, come back, accept. It needs no script."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import HTMLResponse

from chassis import (
    Authenticator,
    ForbiddenError,
    Handler,
    Language,
    MongoStore,
    RefusedError,
    StepUpError,
    Unkeyed,
    UnsafeRequest,
    new_router,
)
from chassis.http.pages import (
    NotSignedInError,
    SignInAnswer,
    SignInClient,
    Visitor,
    form_body,
    form_values,
    page_language,
)
from relationships import lookups
from relationships.api.acceptance import Acceptance, Acceptances
from relationships.api.access import AccessRequests
from relationships.documents import INVITATION
from relationships.domain.invitation.commands import NoteView
from relationships.domain.invitation.state import Invitation, closed
from relationships.links import Links
from relationships.pages.invitation import InvitationPage, SignedIn, Standing

PAGE: dict[str, Any] = {"content": {"text/html": {}}}
CLOSED = {"description": "A page that says why the link is not valid.", **PAGE}
PAGES: dict[int | str, dict[str, Any]] = {403: CLOSED, 409: CLOSED, 410: CLOSED}
AWAY: dict[int | str, dict[str, Any]] = {303: {"description": "Redirects to identity's sign-in page."}, **PAGES}
BACK: dict[int | str, dict[str, Any]] = {
    303: {"description": "Redirects to the page that asked for the sign-in."},
    400: {"description": "A page that says that the sign-in failed.", **PAGE},
}
FORM = form_body("token", "form_token", optional=["consent", "same_as"])

Accepted = Annotated[str | None, Header(alias="accept-language")]


@dataclass(frozen=True, slots=True)
class SignIn:
    """Sends visitors to identity's sign-in page and recognizes them when they come back."""

    client: SignInClient
    authenticator: Authenticator

    async def visitor(self, request: Request, path: str) -> Visitor | None:
        return await self.client.visitor(request, path, self.authenticator)


def router(
    invitations: "OpenInvitations",
    acceptances: Acceptances,
    page: InvitationPage,
    sign_in: SignIn,
) -> APIRouter:
    routes = _reading(invitations, page, sign_in)
    routes.routes.extend(_signing_in(invitations, page, sign_in).routes)
    routes.routes.extend(_accepting(invitations, acceptances, page, sign_in).routes)
    return routes


def _reading(invitations: "OpenInvitations", page: InvitationPage, sign_in: SignIn) -> APIRouter:
    routes = new_router(tags=["pages"], default_response_class=HTMLResponse)

    @routes.get("/invitations/{invitation_id}", responses=PAGES)
    async def show_invitation_page(
        *,
        invitation_id: str,
        request: Request,
        attempt: Unkeyed,
        token: str = "",
        lang: str | None = None,
        accepts: Accepted = None,
    ) -> Response:
        """Shows who invites and what accepting means. Opening it answers nothing: mail scanners open links.

        That somebody who is signed in has opened it is noted, once.
        """
        language = page_language(lang, accepts)
        visitor = await sign_in.visitor(request, page_path(invitation_id))
        found = await invitations.open(invitation_id, token, language, again_by=visitor)
        if isinstance(found, Response):
            return found
        if found.status == "accepted":
            return page.accepted(found, token, language)
        if visitor is not None:
            await invitations.note_view(found, visitor, attempt)
        return await invitations.show(found, token, language, visitor)

    return routes


def _signing_in(invitations: "OpenInvitations", page: InvitationPage, sign_in: SignIn) -> APIRouter:
    routes = new_router(tags=["pages"], default_response_class=HTMLResponse)

    @routes.get("/invitations/{invitation_id}/sign-in", responses=AWAY)
    async def sign_in_to_accept(
        *,
        invitation_id: str,
        request: Request,
        token: str = "",
        lang: str | None = None,
        again: bool = False,
        accepts: Accepted = None,
    ) -> Response:
        """Redirects to identity's sign-in page. ``again``: sign in with another account."""
        language = page_language(lang, accepts)
        found = await invitations.open(invitation_id, token, language)
        if isinstance(found, Response):
            return found
        return sign_in.client.leave(request, page_address(invitation_id, token, language), language, again=again)

    @routes.get("/signed-in", responses=BACK)
    async def return_from_sign_in(
        request: Request, answer: Annotated[SignInAnswer, Query()], accepts: Accepted = None
    ) -> Response:
        """Where identity's sign-in page redirects to."""
        try:
            return await sign_in.client.come_back(request, answer, sign_in.authenticator)
        except NotSignedInError as error:
            return page.sign_in_failed(page_language(None, accepts), error.back)

    return routes


def _accepting(
    invitations: "OpenInvitations", acceptances: Acceptances, page: InvitationPage, sign_in: SignIn
) -> APIRouter:
    routes = new_router(tags=["pages"], default_response_class=HTMLResponse)

    @routes.post("/invitations/{invitation_id}", responses={**PAGES, **BACK}, openapi_extra=FORM)
    async def accept_on_page(
        invitation_id: str, request: Request, attempt: Unkeyed, lang: str | None = None, accepts: Accepted = None
    ) -> Response:
        """Accept for the company of the user who is signed in on this page."""
        language, fields = page_language(lang, accepts), form_values(await request.body())
        agreed = fields.get("consent") == "true"
        acceptance = Acceptance(invitation_id, fields.get("token", ""), agreed, language, fields.get("same_as") or None)
        visitor = await sign_in.visitor(request, page_path(invitation_id))
        found = await invitations.open(invitation_id, acceptance.token, language, again_by=visitor)
        if isinstance(found, Response):
            return found
        if visitor is None:
            return sign_in.client.leave(request, page_address(invitation_id, acceptance.token, language), language)
        ours = visitor.sent(fields.get("form_token", ""))
        wrong = await _refusal(acceptances, acceptance, visitor, attempt) if ours else "form-too-old"
        if wrong:
            return await invitations.show(found, acceptance.token, language, visitor, wrong=wrong)
        return page.accepted(found, acceptance.token, language)

    return routes


class OpenInvitations:
    """Finds the open invitation of a link, or the page that says why there is none."""

    def __init__(
        self,
        store: MongoStore,
        handler: Handler,
        now: Callable[[], datetime],
        *,
        links: Links,
        requests: AccessRequests,
        acceptances: Acceptances,
        page: InvitationPage,
    ) -> None:
        self._store = store
        self._handler = handler
        self._now = now
        self._links = links
        self._requests = requests
        self._acceptances = acceptances
        self._page = page

    async def open(
        self, invitation_id: str, token: str, language: Language, *, again_by: Visitor | None = None
    ) -> Invitation | Response:
        """``again_by``: the organization that has accepted may accept again."""
        found = await lookups.invitation_of(self._store, invitation_id)
        # A wrong link looks the same whether or not there is such an invitation.
        if found is None or self._links.generation(found, token) is None:
            return self._page.closed("link-invalid", language)
        same = again_by is not None and found.accepted_by == again_by.principal.organization_id
        reason = closed(found, self._now())
        if reason and not same:
            return self._page.closed(reason, language)
        return await lookups.with_present_names(self._store, found)

    async def note_view(self, invitation: Invitation, visitor: Visitor, attempt: UnsafeRequest) -> None:
        """The inviter sees when the invitation was opened first."""
        if invitation.viewed_at is None:
            cause = attempt.cause(visitor.principal)
            command = NoteView(lookups.person(visitor.principal), cause.time)
            await self._handler.handle(INVITATION, INVITATION.id(invitation.invitation_id), command, cause)

    async def show(
        self, invitation: Invitation, token: str, language: Language, visitor: Visitor | None, *, wrong: str = ""
    ) -> Response:
        """The page of an open invitation, with what the visitor may do. ``wrong``: why the last try failed."""
        signed_in = await self._signed_in(invitation, visitor) if visitor else None
        return self._page.open(invitation, token, language, signed_in=signed_in, wrong=wrong)

    async def _signed_in(self, invitation: Invitation, visitor: Visitor) -> SignedIn:
        who = visitor.principal
        standing = await self._requests.standing(invitation, who)
        if standing.unenrolled:
            may: Standing = "enroll"
        elif standing.entitled:
            may = "accept"
        else:
            may = standing.request.status if standing.request else "ask"
        found = await self._acceptances.proposals(invitation, who) if may == "accept" else []
        return SignedIn(who.name, who.email, who.organization_name, visitor.form_token, may, tuple(found[:1]))

    def closed(self, reason: str, language: Language) -> Response:
        """The page that says why nothing was done."""
        return self._page.closed(reason, language)


async def _refusal(acceptances: Acceptances, acceptance: Acceptance, visitor: Visitor, attempt: UnsafeRequest) -> str:
    """Accepts. The reason why not, or "" if it is accepted."""
    try:
        await acceptances.accept(acceptance, visitor.principal, attempt.cause(visitor.principal))
    except RefusedError as error:
        return str(error.refusal.reason)
    except StepUpError:
        return "second-factor-needed"
    except ForbiddenError:
        return "forbidden"
    return ""


def page_path(invitation_id: str) -> str:
    return f"/invitations/{invitation_id}"


def page_address(invitation_id: str, token: str, language: Language) -> str:
    return f"{page_path(invitation_id)}?{urlencode({'token': token, 'lang': language})}"
