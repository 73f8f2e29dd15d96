"""HTTP: the sign-in page. Forms work without scripts, and only in the browser to which they were shown."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import HTMLResponse

from chassis import Unkeyed, UnsafeRequest, new_router
from identity.pages.base import form_of, form_values, page_language
from identity.pages.sign_in import PageName
from identity.pages.sign_in_journey import At, SignInJourney
from identity.pages.sign_in_steps import Fields, SignInSteps
from identity.sign_in.requests import Request as Wanted

PAGE: dict[str, Any] = {"content": {"text/html": {}}}
STEP: dict[int | str, dict[str, Any]] = {
    200: {"description": "The next page.", **PAGE},
    303: {"description": "Signed in: redirect to the client."},
    400: {"description": "The page says what is wrong, or that it has expired.", **PAGE},
    429: {"description": "Too many passwords to check at once; the page says so.", **PAGE},
}

Sealed = Annotated[
    str, Query(alias="request", max_length=8192, description="The sealed sign-in request, from the page.")
]
Language = Annotated[str, Query(alias="lang", description="`en` or `de`. Default: the browser's language.")]
Accepted = Annotated[str, Header(alias="accept-language")]
Take = Callable[[At, Fields], Awaitable[Response]]


def router(journey: SignInJourney, steps: SignInSteps) -> APIRouter:
    routes = new_router(tags=["sign-in page"], default_response_class=HTMLResponse)

    async def step(http: Request, attempt: UnsafeRequest, take: Take) -> Response:
        fields = form_values(await http.body())
        at = journey.found(http, fields.get("request", ""), attempt.cause(None))
        if at is None:
            return journey.lost("over", page_language("", http.headers.get("accept-language", "")))
        return await take(at, fields)

    @routes.get("/sign-in", responses=STEP)
    async def show_sign_in_page(
        http: Request, attempt: Unkeyed, sealed: Sealed = "", lang: Language = "", accepted: Accepted = ""
    ) -> Response:
        """The sign-in page. Without a request it signs in to no client."""
        held = None if sealed else await journey.sessions.current(http)
        name: PageName = "signed-in" if held else "sign-in"
        return _shown(
            journey, name, _begun(journey, http, sealed, attempt, lang), lang or accepted, held and held[0].email
        )

    @routes.post("/sign-in", responses=STEP, openapi_extra=form_of("request", "email", "password"))
    async def submit_password(http: Request, attempt: Unkeyed) -> Response:
        """Submit address and password. Every fault gets the same answer."""
        return await step(http, attempt, steps.password)

    @routes.post("/sign-in-code", responses=STEP, openapi_extra=form_of("request", "proof", "code"))
    async def submit_code(http: Request, attempt: Unkeyed) -> Response:
        """Submit a code of the second factor, or a recovery code."""
        return await step(http, attempt, steps.code)

    @routes.post("/sign-in-password", responses=STEP, openapi_extra=form_of("request", "proof", "new_password"))
    async def choose_new_password(http: Request, attempt: Unkeyed) -> Response:
        """Replace a temporary password."""
        return await step(http, attempt, steps.new_password)

    @routes.get("/forgotten-password", responses=STEP)
    async def ask_for_link(
        http: Request, attempt: Unkeyed, sealed: Sealed = "", lang: Language = "", accepted: Accepted = ""
    ) -> Response:
        """The form that asks for a link for a new password."""
        return _shown(journey, "forgotten", _begun(journey, http, sealed, attempt, lang), lang or accepted)

    @routes.post("/forgotten-password", responses=STEP, openapi_extra=form_of("request", "email"))
    async def mail_link(http: Request, attempt: Unkeyed) -> Response:
        """Have a link for a new password mailed. Every address gets the same answer."""
        return await step(http, attempt, steps.mail_link)

    @routes.post("/sign-out", responses=STEP, openapi_extra=form_of("request"))
    async def sign_out(http: Request, attempt: Unkeyed) -> Response:
        """End the session of this browser."""
        return await step(http, attempt, lambda at, _: journey.sign_out(http, at))

    return routes


def _begun(journey: SignInJourney, http: Request, sealed: str, attempt: UnsafeRequest, lang: str) -> At | None:
    """The context of a link on the page. None if it has expired or belongs to another browser."""
    cause = attempt.cause(None)
    accepted = http.headers.get("accept-language", "")
    if not sealed:
        return journey.at(http, Wanted(language=page_language(lang, accepted)), cause)
    at = journey.found(http, sealed, cause)
    if at is None or not lang:
        return at
    return replace(at, request=replace(at.request, language=page_language(lang, accepted)))


def _shown(journey: SignInJourney, name: PageName, at: At | None, language: str, email: str | None = None) -> Response:
    return journey.page(name, at, email=email or "") if at else journey.lost("over", page_language("", language))
