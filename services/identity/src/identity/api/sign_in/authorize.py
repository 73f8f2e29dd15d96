"""HTTP: the authorization code flow with PKCE, for the pages of other services.

RFC 6749, 4.1; RFC 7636; RFC 9207. Only for registered clients and return addresses.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from pydantic import BaseModel, Field, StringConstraints

from chassis import Language, RefusedError, Unkeyed, new_router
from chassis.http.pages import form_body, form_values, page_language
from identity.configuration.sign_in_clients import SignInClients
from identity.credentials.tokens import Signer
from identity.pages.sign_in.journey import SEE_OTHER, At, SignInJourney
from identity.sign_in.browser.authorizations import Redemption
from identity.sign_in.browser.requests import Request as Wanted

PAGE: dict[str, Any] = {"content": {"text/html": {}}}
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The sign-in page.", **PAGE},
    303: {"description": "Back to the client, with a code or an error."},
    400: {"description": "The client or its return address is not registered.", **PAGE},
}
CHALLENGE_LENGTH = 43
"""Length of an S256 challenge: 32 bytes in base64url."""

Short = Annotated[str, StringConstraints(max_length=2048)]
Accepted = Annotated[str, Header(alias="accept-language")]


class AuthorizeQuery(BaseModel):
    response_type: Short = Field("", description="`code`", examples=["code"])
    client_id: Short = Field("", description="A registered client.", examples=["relationships"])
    redirect_uri: Short = Field("", description="A registered return address of this client.")
    scope: Short = Field(
        "", description="Permissions to ask for, separated by spaces. Empty: every permission of the user's roles."
    )
    state: Annotated[str, StringConstraints(max_length=4096)] = Field("", description="Comes back unchanged.")
    code_challenge: Short = Field("", description="SHA-256 of the verifier, base64url (RFC 7636).")
    code_challenge_method: Short = Field("", description="`S256`")
    prompt: Short = Field("", description="`login`: ask also if a user is signed in. `none`: never show a page.")
    ui_locales: Short = Field("", description="The language of the page: `en` or `de`.")


class TokenForm(BaseModel):
    """The form of a token request. A missing field is an empty text."""

    grant_type: str = ""
    code: str = ""
    redirect_uri: str = ""
    client_id: str = ""
    code_verifier: str = ""


class PageToken(BaseModel):
    """An access token for ``expires_in`` seconds. There is no refresh token: the browser's session continues."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105  a word of OAuth
    expires_in: int


REFUSED: dict[str, Any] = {
    "description": "An error of RFC 6749, 5.2: `invalid_grant` for every fault of the code.",
    "content": {"application/json": {"schema": {"type": "object", "properties": {"error": {"type": "string"}}}}},
}


def router(journey: SignInJourney, clients: SignInClients, signer: Signer) -> APIRouter:
    routes = new_router(tags=["sign-in page"])

    @routes.get("/authorize", responses=ANSWERS, response_class=HTMLResponse)
    async def authorize(
        query: Annotated[AuthorizeQuery, Query()], http: Request, attempt: Unkeyed, accepted: Accepted = ""
    ) -> Response:
        """Sign in, and redirect back with a code. Never redirects to an address that is not registered."""
        language = page_language(next(iter(query.ui_locales.split()), ""), accepted)
        if not clients.knows(query.client_id, query.redirect_uri):
            return journey.lost("wrong-address", language)
        at = journey.at(http, _wanted(query, language), attempt.cause(None))
        if fault := _fault(query):
            return _refused(journey, at, fault)
        held = await journey.sessions.current(http) if query.prompt != "login" else None
        if held is not None:
            return await journey.go_on(*held, at)
        return _refused(journey, at, "login_required") if query.prompt == "none" else journey.page("sign-in", at)

    @routes.post(
        "/token",
        response_model=PageToken,
        responses={400: REFUSED},
        openapi_extra=form_body(optional=list(TokenForm.model_fields)),
    )
    async def redeem_code(http: Request, attempt: Unkeyed) -> Response:
        """An access token for a code. A code is valid once, for a minute, with its verifier."""
        form = TokenForm.model_validate(form_values(await http.body()))
        if form.grant_type != "authorization_code":
            return _error("unsupported_grant_type")
        if not clients.knows(form.client_id, form.redirect_uri):
            return _error("invalid_client")
        redemption = Redemption(
            code=form.code, client_id=form.client_id, redirect_uri=form.redirect_uri, verifier=form.code_verifier
        )
        try:
            access_token = await journey.authorizations.token(redemption, attempt.cause(None))
        except RefusedError:
            return _error("invalid_grant")
        found = PageToken(access_token=access_token, expires_in=signer.lifetime)
        return JSONResponse(found.model_dump(), headers={"cache-control": "no-store"})

    return routes


def _wanted(query: AuthorizeQuery, language: Language) -> Wanted:
    return Wanted(
        client_id=query.client_id,
        redirect_uri=query.redirect_uri,
        state=query.state,
        scope=tuple(query.scope.split()),
        challenge=query.code_challenge,
        language=language,
    )


def _fault(query: AuthorizeQuery) -> str:
    if query.response_type != "code":
        return "unsupported_response_type"
    pkce = query.code_challenge_method == "S256" and len(query.code_challenge) == CHALLENGE_LENGTH
    return "" if pkce and query.prompt in {"", "login", "none"} else "invalid_request"


def _refused(journey: SignInJourney, at: At, error: str) -> Response:
    address = journey.authorizations.answer(at.request, error=error)
    return RedirectResponse(address, SEE_OTHER, headers={"cache-control": "no-store"})


def _error(error: str) -> Response:
    return JSONResponse({"error": error}, status_code=400, headers={"cache-control": "no-store"})
