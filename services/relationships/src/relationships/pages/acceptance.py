"""The page behind an invitation's link, for people: read, sign in at identity, come back, accept. It needs no script."""

from typing import Annotated, Any
from urllib.parse import parse_qs, urlencode

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import HTMLResponse

from chassis import (
    Chassis,
    ForbiddenError,
    NotSignedInError,
    RefusedError,
    SignInAnswer,
    SignInClient,
    StepUpError,
    Unkeyed,
    UnsafeRequest,
    Visitor,
    new_router,
)
from relationships import lookups
from relationships.api.acceptance import Acceptance, accepted
from relationships.domain.invitation.state import Invitation, closed
from relationships.links import Links
from relationships.pages.invitation import InvitationPage, SignedIn, page_language
from relationships.wording import Language

PAGE: dict[str, Any] = {"content": {"text/html": {}}}
CLOSED = {"description": "a page that says why the link leads nowhere", **PAGE}
PAGES: dict[int | str, dict[str, Any]] = {403: CLOSED, 409: CLOSED, 410: CLOSED}
AWAY: dict[int | str, dict[str, Any]] = {303: {"description": "to identity's sign-in page"}, **PAGES}
BACK: dict[int | str, dict[str, Any]] = {
    303: {"description": "back to the page that asked for the sign-in"},
    400: {"description": "a page that says that nobody was signed in", **PAGE},
}
FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["token", "form_token"],
                    "properties": {name: {"type": "string"} for name in ("token", "form_token", "consent")},
                }
            }
        },
    }
}
MORE_FIELDS_THAN_THE_FORM_HAS = 10

Accepted = Annotated[str | None, Header(alias="accept-language")]


def router(chassis: Chassis, links: Links, page: InvitationPage, client: SignInClient) -> APIRouter:
    doors = _Doors(chassis, links, page)
    routes = _reading(chassis, doors, page, client)
    routes.routes.extend(_accepting(chassis, doors, page, client).routes)
    return routes


def _reading(chassis: Chassis, doors: "_Doors", page: InvitationPage, client: SignInClient) -> APIRouter:
    routes = new_router(tags=["pages"], default_response_class=HTMLResponse)

    @routes.get("/invitations/{invitation_id}", responses=PAGES)
    async def show_invitation_page(
        invitation_id: str, request: Request, token: str = "", lang: str | None = None, accepts: Accepted = None
    ) -> Response:
        """Who invites, and what accepting means. Changes nothing, whoever opens it and however often."""
        language = page_language(lang, accepts)
        found = await doors.open(invitation_id, token, language)
        if isinstance(found, Response):
            return found
        visitor = await client.visitor(request, _path(invitation_id), chassis.authenticator)
        return page.open(found, token, language, signed_in=_signed_in(visitor))

    return routes


def _accepting(chassis: Chassis, doors: "_Doors", page: InvitationPage, client: SignInClient) -> APIRouter:
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
        """To identity's sign-in page. ``again``: with another account."""
        language = page_language(lang, accepts)
        found = await doors.open(invitation_id, token, language)
        if isinstance(found, Response):
            return found
        return client.leave(request, _address(invitation_id, token, language), language, again=again)

    @routes.get("/signed-in", responses=BACK)
    async def return_from_sign_in(
        request: Request, answer: Annotated[SignInAnswer, Query()], accepts: Accepted = None
    ) -> Response:
        """Back from identity's sign-in page."""
        try:
            return await client.come_back(request, answer, chassis.authenticator)
        except NotSignedInError as error:
            return page.sign_in_failed(page_language(None, accepts), error.back)

    @routes.post("/invitations/{invitation_id}", responses={**PAGES, **BACK}, openapi_extra=FORM)
    async def accept_on_page(
        invitation_id: str, request: Request, attempt: Unkeyed, lang: str | None = None, accepts: Accepted = None
    ) -> Response:
        """Accept for the company of who is signed in on this page."""
        language, fields = page_language(lang, accepts), _fields(await request.body())
        acceptance = Acceptance(invitation_id, fields.get("token", ""), consent=fields.get("consent") == "true")
        visitor = await client.visitor(request, _path(invitation_id), chassis.authenticator)
        found = await doors.open(invitation_id, acceptance.token, language, again_by=visitor)
        if isinstance(found, Response):
            return found
        if visitor is None:
            return client.leave(request, _address(invitation_id, acceptance.token, language), language)
        ours = visitor.sent(fields.get("form_token", ""))
        wrong = await doors.accept(acceptance, visitor, attempt) if ours else "form-too-old"
        if wrong:
            return page.open(found, acceptance.token, language, signed_in=_signed_in(visitor), wrong=wrong)
        return page.accepted(language)

    return routes


class _Doors:
    """Whether a link leads to an invitation that is open, and what becomes of it."""

    def __init__(self, chassis: Chassis, links: Links, page: InvitationPage) -> None:
        self._chassis = chassis
        self._links = links
        self._page = page

    async def open(
        self, invitation_id: str, token: str, language: Language, *, again_by: Visitor | None = None
    ) -> Invitation | Response:
        """The invitation, or the page that says why not. ``again_by``: whoever accepted may say so again."""
        found = await lookups.invitation_of(self._chassis.store, invitation_id)
        # A wrong link looks the same whether or not there is such an invitation.
        if found is None or self._links.generation(found, token) is None:
            return self._page.closed("link-invalid", language)
        same = again_by is not None and found.accepted_by == again_by.principal.organization_id
        reason = closed(found, self._chassis.settings.now())
        if reason and not same:
            return self._page.closed(reason, language)
        return await lookups.as_of_now(self._chassis.store, found)

    async def accept(self, acceptance: Acceptance, visitor: Visitor, attempt: UnsafeRequest) -> str:
        """Why not, or nothing where it is accepted."""
        cause = attempt.cause(visitor.principal)
        try:
            await accepted(self._chassis, self._links, acceptance, visitor.principal, cause)
        except RefusedError as error:
            return str(error.refusal.reason)
        except StepUpError:
            return "second-factor-needed"
        except ForbiddenError:
            return "forbidden"
        return ""


def _path(invitation_id: str) -> str:
    return f"/invitations/{invitation_id}"


def _address(invitation_id: str, token: str, language: Language) -> str:
    return f"{_path(invitation_id)}?{urlencode({'token': token, 'lang': language})}"


def _signed_in(visitor: Visitor | None) -> SignedIn | None:
    if visitor is None:
        return None
    who = visitor.principal
    return SignedIn(who.name, who.email, who.organization_name, visitor.form_token)


def _fields(body: bytes) -> dict[str, str]:
    """What a browser cannot have sent is an empty form: a person always gets a page."""
    try:
        fields = parse_qs(body.decode(), max_num_fields=MORE_FIELDS_THAN_THE_FORM_HAS)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}
