"""HTTP: proves addresses by their mailed links, for programs and as a page. Needs no access token."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, StringConstraints

from chassis import Form, ProblemError, RefusedError, Unkeyed, new_router
from identity.credentials.password_hashing import BUSY, Password
from identity.domain.user.state import User
from identity.pages.base import form_body, form_fields, page_language
from identity.pages.sign_in_journey import SignInJourney, leads_on
from identity.pages.verify_address import VerifyPages
from identity.people.lookup import profile_of
from identity.sign_in.sign_ups import PAGE, SignUps

SHOWN: dict[str, Any] = {"description": "A page that says what is wrong.", "content": {"text/html": {}}}
BACK: dict[str, Any] = {"description": "Signed in: redirect to the client of the sign-in page."}
OVER: dict[int | str, dict[str, Any]] = {
    409: {"description": "Another user has proved the address, or another organization has proved its domain."},
    410: {"description": "The link was used, was replaced or has expired."},
}

Language = Annotated[str, Query(alias="lang", description="`en` or `de`. Default: the browser's language.")]
Accepted = Annotated[str, Header(alias="accept-language")]


class AddressProof(Form):
    """``token``: from the mailed link. ``password``: that of the sign-up, or the temporary one."""

    token: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    password: Password


class ProvedAddress(BaseModel):
    user_id: str
    organization_id: str
    email: str


def router(sign_ups: SignUps, journey: SignInJourney, now: Callable[[], datetime]) -> APIRouter:
    routes = new_router(tags=["sign-in"])
    pages = VerifyPages()

    @routes.post("/v1/address-proofs", responses={**BUSY, **OVER})
    async def prove_address(body: AddressProof, attempt: Unkeyed) -> ProvedAddress:
        """Prove an address by its mailed link and the password. This completes a sign-up; an added user can then sign in."""
        user = await sign_ups.prove(body.token, body.password, attempt.cause(None))
        return _proved(user)

    @routes.get(PAGE, response_class=HTMLResponse, responses={410: SHOWN})
    async def show(
        request: Request, attempt: Unkeyed, token: str = "", lang: Language = "", accepted: Accepted = ""
    ) -> HTMLResponse:
        """The page with the data of the sign-up and a field for the password. Opening it changes nothing."""
        language = page_language(lang, accepted)
        who = await sign_ups.look(token, now())
        leads_to = leads_on(journey.resumed(request, attempt.cause(None)))
        return pages.render("ask" if who else "over", language, who, token=token, leads_to=leads_to)

    @routes.post(
        PAGE,
        response_class=HTMLResponse,
        responses={303: BACK, 400: SHOWN, 409: SHOWN, 410: SHOWN, 429: SHOWN},
        openapi_extra=form_body("password"),
    )
    async def submit(request: Request, attempt: Unkeyed, lang: Language = "", accepted: Accepted = "") -> Response:
        """Prove the address with the password from the form, and continue the sign-in that waits for it."""
        language, at = page_language(lang, accepted), journey.resumed(request, attempt.cause(None))
        token, password = form_fields(await request.body(), "password")
        who = await sign_ups.look(token, now())
        try:
            user = await sign_ups.prove(token, password, attempt.cause(None))
        except RefusedError:
            return pages.render("over", language)
        except ProblemError as error:
            if error.status == 409:  # noqa: PLR2004
                return pages.render("taken", language)
            if error.field is None:
                raise
            if who is None:
                return pages.render("over", language)
            return pages.render("ask", language, who, token=token, wrong=True, leads_to=leads_on(at))
        return await journey.after_password(user, at) if at else pages.render("done", language)

    return routes


def _proved(user: User) -> ProvedAddress:
    return ProvedAddress(user_id=user.user_id, organization_id=profile_of(user).organization_id, email=user.email)
