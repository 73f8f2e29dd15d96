"""HTTP: the authorization code flow with PKCE, for the pages of services and for other tools.

RFC 6749, 4.1; RFC 7636; RFC 9207; OpenID Connect Core, 3.1. Only for registered clients and return addresses. `code_tokens`
redeems the codes.
"""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field, StringConstraints

from chassis import Language, Unkeyed, new_router
from chassis.http.pages import page_language
from identity.configuration.sign_in_clients import SignInClients
from identity.credentials.tokens import Signer
from identity.pages.sign_in.journey import Demands, SignInJourney
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
        "",
        description="Permissions to ask for, separated by spaces, and `openid`, `profile`, `email`, `organization`, `groups` "
        "for claims about the user. Empty: every permission of the user's roles.",
        examples=["openid profile"],
    )
    state: Annotated[str, StringConstraints(max_length=4096)] = Field("", description="Comes back unchanged.")
    code_challenge: Short = Field("", description="SHA-256 of the verifier, base64url (RFC 7636).")
    code_challenge_method: Short = Field("", description="`S256`")
    prompt: Short = Field(
        "",
        description="`login` or `select_account`: ask also if a user is signed in. `none`: never show a page.",
        examples=["login"],
    )
    nonce: Short = Field("", description="Comes back in the ID token.", examples=["n-0S6_WzA2Mj"])
    max_age: Annotated[str, StringConstraints(max_length=12)] = Field(
        "", description="Seconds since the sign-in, at most; otherwise the user is asked again.", examples=["3600"]
    )
    acr_values: Short = Field(
        "",
        description="`mfa`: ask for the second factor, of a user who has one and has not given it.",
        examples=["mfa"],
    )
    login_hint: Short = Field("", description="An e-mail address for the form.", examples=["eva@mueller.example"])
    id_token_hint: Annotated[str, StringConstraints(max_length=4096)] = Field(
        "",
        description="An ID token of ours: sign in this user and no other.",
        examples=["eyJhbGciOiJFZERTQSJ9.e30.c2ln"],
    )
    response_mode: Short = Field("", description="`query`, which is the only mode.", examples=["query"])
    ui_locales: Short = Field("", description="The language of the page: `en` or `de`.")


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
            return journey.error(fault, at)
        hinted = signer.read_id_token(query.id_token_hint, at.cause.time) if query.id_token_hint else {}
        if hinted is None:
            return journey.error("invalid_request", at)
        return await journey.begin(http, at, _demands(query, hinted))

    return routes


def _wanted(query: AuthorizeQuery, language: Language) -> Wanted:
    return Wanted(
        client_id=query.client_id,
        redirect_uri=query.redirect_uri,
        state=query.state,
        scope=tuple(query.scope.split()),
        challenge=query.code_challenge,
        nonce=query.nonce,
        language=language,
    )


def _fault(query: AuthorizeQuery) -> str:
    if query.response_type != "code":
        return "unsupported_response_type"
    prompts = set(query.prompt.split())
    good = (
        query.code_challenge_method == "S256"
        and len(query.code_challenge) == CHALLENGE_LENGTH
        and query.response_mode in {"", "query"}
        and (not query.max_age or query.max_age.isdecimal())
        # There is nothing to consent to: clients are ours or our operators'.
        and prompts <= {"login", "select_account", "consent", "none"}
        and ("none" not in prompts or prompts == {"none"})
    )
    return "" if good else "invalid_request"


def _demands(query: AuthorizeQuery, hinted: dict[str, Any]) -> Demands:
    prompts = query.prompt.split()
    return Demands(
        again="login" in prompts or "select_account" in prompts,
        silent="none" in prompts,
        oldest=timedelta(seconds=int(query.max_age)) if query.max_age else None,
        factor="mfa" in query.acr_values.split(),
        user_id=str(hinted.get("sub", "")),
        email=query.login_hint,
    )
