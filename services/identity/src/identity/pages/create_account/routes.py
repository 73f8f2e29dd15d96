"""HTTP: the page that creates a work account. Nothing is created before the mailed link is followed."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from chassis import ProblemError, Unkeyed, new_router
from chassis.http.pages import PageLanguage, form_body, form_values
from identity.pages.create_account.rendering import FIELDS, CreateAccountPage, Faults, Fields, PageName, sign_up_of
from identity.pages.sign_in.journey import At, SignInJourney
from identity.sign_in.sign_up.form import SignUpRequest, applicant_of
from identity.sign_in.sign_up.sign_ups import SignUps
from kontor_contracts.addresses import address_key

PAGE: dict[str, Any] = {"content": {"text/html": {}}}
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The form, or the page that a mail was sent.", **PAGE},
    400: {"description": "The page says what is wrong, or that it has expired.", **PAGE},
    429: {
        "description": "The address got enough such mails today, or too many people sign up at this moment. The page says so.",
        **PAGE,
    },
}

FORM = form_body(optional=["request", *FIELDS])

Sealed = Annotated[
    str, Query(alias="request", max_length=8192, description="The sealed sign-in request, from the page.")
]


def router(journey: SignInJourney, sign_ups: SignUps) -> APIRouter:
    routes = new_router(tags=["sign-in page"], default_response_class=HTMLResponse)
    shown = CreateAccountPage()

    def page(name: PageName, at: At, typed: Fields | None = None, faults: Faults | None = None) -> Response:
        sealed = journey.sealed(at)
        answer = shown.render(name, at.request.language, request=sealed, typed=typed, faults=faults)
        journey.sessions.keep_browser(answer, at.browser)
        if name == "mailed":
            journey.sessions.keep_going_on(answer, sealed)
        return answer

    @routes.get("/create-account", responses=ANSWERS)
    async def show_create_account_page(
        http: Request, attempt: Unkeyed, language: PageLanguage, sealed: Sealed = ""
    ) -> Response:
        """The form for a new work account. Without a request it leads to no client."""
        at = journey.begun(http, sealed, language, attempt.cause(None))
        return page("ask", at) if at else journey.lost("over", language)

    @routes.post("/create-account", responses=ANSWERS, openapi_extra=FORM)
    async def submit_create_account_page(http: Request, attempt: Unkeyed, language: PageLanguage) -> Response:
        """Sign up. Every address gets the same answer; the mail says whether it has a user already."""
        typed = form_values(await http.body())
        at = journey.found(http, typed.get("request", ""), attempt.cause(None))
        if at is None:
            return journey.lost("over", language)
        body = sign_up_of(typed)
        if not isinstance(body, SignUpRequest):
            return page("ask", at, typed, body)
        about = address_key(body.email)
        try:
            await sign_ups.apply(
                applicant_of(body, attempt.scope(None, about)), body.password, attempt.cause(None, about)
            )
        except ProblemError as error:
            return page("ask", at, typed, shown.fault(error.code, error.field))
        return page("mailed", at, typed)

    return routes
