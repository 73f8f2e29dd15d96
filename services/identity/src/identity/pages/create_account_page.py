"""HTTP: the page that creates a work account. Nothing is created before the mailed link is followed."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import HTMLResponse

from chassis import ProblemError, Unkeyed, UnsafeRequest, new_router
from identity.pages.base import form_of, form_values, page_language
from identity.pages.create_account import FIELDS, CreateAccountPages, Faults, Fields, PageName, sign_up_of
from identity.pages.sign_in_journey import At, SignInJourney
from identity.sign_in.requests import Request as Wanted
from identity.sign_in.sign_up_form import SignUpRequest, applicant_of
from identity.sign_in.sign_ups import SignUps
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

Sealed = Annotated[
    str, Query(alias="request", max_length=8192, description="The sealed sign-in request, from the page.")
]
Language = Annotated[str, Query(alias="lang", description="`en` or `de`. Default: the browser's language.")]
Accepted = Annotated[str, Header(alias="accept-language")]


def router(journey: SignInJourney, sign_ups: SignUps) -> APIRouter:
    routes = new_router(tags=["sign-in page"], default_response_class=HTMLResponse)
    pages = CreateAccountPages()

    def page(name: PageName, at: At, typed: Fields | None = None, faults: Faults | None = None) -> Response:
        sealed = journey.sealed(at)
        answer = pages.render(name, at.request.language, request=sealed, typed=typed, faults=faults)
        journey.sessions.keep_browser(answer, at.browser)
        if name == "mailed":
            journey.sessions.keep_going_on(answer, sealed)
        return answer

    @routes.get("/create-account", responses=ANSWERS)
    async def show_create_account_page(
        http: Request, attempt: Unkeyed, sealed: Sealed = "", lang: Language = "", accepted: Accepted = ""
    ) -> Response:
        """The form for a new work account. Without a request it leads to no client."""
        at, language = _begun(journey, http, sealed, attempt), page_language(lang, accepted)
        if at is None:
            return journey.lost("over", language)
        speaks = language if lang or not sealed else at.request.language
        return page("ask", replace(at, request=replace(at.request, language=speaks)))

    @routes.post("/create-account", responses=ANSWERS, openapi_extra=form_of("request", *FIELDS))
    async def submit_create_account_page(http: Request, attempt: Unkeyed, accepted: Accepted = "") -> Response:
        """Sign up. Every address gets the same answer; the mail says whether it has a user already."""
        typed = form_values(await http.body())
        at = journey.found(http, typed.get("request", ""), attempt.cause(None))
        if at is None:
            return journey.lost("over", page_language("", accepted))
        body = sign_up_of(typed)
        if not isinstance(body, SignUpRequest):
            return page("ask", at, typed, body)
        about = address_key(body.email)
        try:
            await sign_ups.apply(
                applicant_of(body, attempt.scope(None, about)), body.password, attempt.cause(None, about)
            )
        except ProblemError as error:
            return page("ask", at, typed, pages.fault(error.code, error.field))
        return page("mailed", at, typed)

    return routes


def _begun(journey: SignInJourney, http: Request, sealed: str, attempt: UnsafeRequest) -> At | None:
    """The context of the page. None if it has expired or belongs to another browser."""
    cause = attempt.cause(None)
    return journey.found(http, sealed, cause) if sealed else journey.at(http, Wanted(), cause)
