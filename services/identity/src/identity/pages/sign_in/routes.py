"""HTTP: the sign-in page. Forms work without scripts, and only in the browser to which they were shown."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from chassis import Language, Unkeyed, UnsafeRequest, new_router
from chassis.http.pages import PageLanguage, form_body, form_values
from identity.pages.sign_in.journey import At, SignInJourney
from identity.pages.sign_in.rendering import PageName
from identity.pages.sign_in.steps import Fields, SignInSteps

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
Take = Callable[[At, Fields], Awaitable[Response]]


def router(journey: SignInJourney, steps: SignInSteps) -> APIRouter:
    routes = new_router(tags=["sign-in page"], default_response_class=HTMLResponse)

    async def step(http: Request, attempt: UnsafeRequest, language: Language, take: Take) -> Response:
        fields = form_values(await http.body())
        at = journey.found(http, fields.get("request", ""), attempt.cause(None))
        return await take(at, fields) if at else journey.lost("over", language)

    def shown(name: PageName, at: At | None, language: Language, email: str = "") -> Response:
        return journey.page(name, at, email=email) if at else journey.lost("over", language)

    @routes.get("/sign-in", responses=STEP)
    async def show_sign_in_page(
        http: Request, attempt: Unkeyed, language: PageLanguage, sealed: Sealed = ""
    ) -> Response:
        """The sign-in page. Without a request it signs in to no client."""
        at = journey.begun(http, sealed, language, attempt.cause(None))
        held = None if sealed else await journey.sessions.current(http)
        return shown("signed-in", at, language, held[0].email) if held else shown("sign-in", at, language)

    @routes.post("/sign-in", responses=STEP, openapi_extra=form_body(optional=["request", "email", "password"]))
    async def submit_password(http: Request, attempt: Unkeyed, language: PageLanguage) -> Response:
        """Submit address and password. Every fault gets the same answer."""
        return await step(http, attempt, language, steps.password)

    @routes.post("/sign-in-code", responses=STEP, openapi_extra=form_body(optional=["request", "proof", "code"]))
    async def submit_code(http: Request, attempt: Unkeyed, language: PageLanguage) -> Response:
        """Submit a code of the second factor, or a recovery code."""
        return await step(http, attempt, language, steps.code)

    @routes.post(
        "/sign-in-password", responses=STEP, openapi_extra=form_body(optional=["request", "proof", "new_password"])
    )
    async def choose_new_password(http: Request, attempt: Unkeyed, language: PageLanguage) -> Response:
        """Replace a temporary password."""
        return await step(http, attempt, language, steps.new_password)

    @routes.get("/forgotten-password", responses=STEP)
    async def ask_for_link(http: Request, attempt: Unkeyed, language: PageLanguage, sealed: Sealed = "") -> Response:
        """The form that asks for a link for a new password."""
        return shown("forgotten", journey.begun(http, sealed, language, attempt.cause(None)), language)

    @routes.post("/forgotten-password", responses=STEP, openapi_extra=form_body(optional=["request", "email"]))
    async def mail_link(http: Request, attempt: Unkeyed, language: PageLanguage) -> Response:
        """Have a link for a new password mailed. Every address gets the same answer."""
        return await step(http, attempt, language, steps.mail_link)

    @routes.post("/sign-out", responses=STEP, openapi_extra=form_body(optional=["request"]))
    async def sign_out(http: Request, attempt: Unkeyed, language: PageLanguage) -> Response:
        """End the session of this browser."""
        return await step(http, attempt, language, lambda at, _: journey.sign_out(http, at))

    return routes
