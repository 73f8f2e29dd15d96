"""Entering the portal, renewing that, and leaving it."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from chassis import Language, Unkeyed, new_router
from chassis.http.pages import Cookies, PageLanguage, own_path, page_language, sent_from_elsewhere
from identity.pages.sign_in.journey import SignInJourney
from identity.sign_in.browser.requests import Request as Wanted
from kontor_contracts.portal import HOME_PATH, LANGUAGE_COOKIE, LEAVE_PATH, OPEN_PATH

PAGE: dict[str, Any] = {"content": {"text/html": {}}}
OPENED: dict[int | str, dict[str, Any]] = {
    200: {"description": "The sign-in page, which leads to the path.", **PAGE},
    303: {"description": "Signed in: redirect to the path."},
}
Path = Annotated[
    str, Query(max_length=4096, description="A path of this host; the home page instead of any other address.")
]
Again = Annotated[bool, Query(description="Ask who it is even if a user is signed in.")]


def router(journey: SignInJourney, public_url: str) -> APIRouter:
    routes = new_router(tags=["sign-in page"], default_response_class=HTMLResponse)
    cookies = Cookies(public_url)

    def chosen(http: Request, language: Language) -> Language:
        """As on the pages of the portal: what was chosen there comes before the browser's language."""
        kept = "" if http.query_params.get("lang") else cookies.get(http, LANGUAGE_COOKIE)
        return page_language(kept, None) if kept else language

    @routes.get(OPEN_PATH, responses=OPENED, include_in_schema=False)
    async def open_portal(
        http: Request, attempt: Unkeyed, language: PageLanguage, to: Path = HOME_PATH, again: Again = False
    ) -> Response:
        """Sign in to the portal, or renew that from the browser's session, and go on to a path of this host."""
        at = journey.at(http, Wanted(language=chosen(http, language), portal=own_path(to)), attempt.cause(None))
        held = None if again else await journey.sessions.current(http)
        return await journey.go_on(*held, at) if held else journey.page("sign-in", at)

    @routes.post(LEAVE_PATH, responses={200: {"description": "Signed out.", **PAGE}}, include_in_schema=False)
    async def leave_portal(http: Request, attempt: Unkeyed, language: PageLanguage) -> Response:
        """End the session of this browser, in the portal and everywhere else. Also if the portal's cookie has expired."""
        at = journey.at(http, Wanted(language=chosen(http, language), portal=HOME_PATH), attempt.cause(None))
        if sent_from_elsewhere(http, public_url):
            return journey.lost("over", language)
        return await journey.sign_out(http, at)

    return routes
