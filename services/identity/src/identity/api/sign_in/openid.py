"""HTTP: what OpenID Connect clients look up: who we are, who is signed in, and how a session ends.

OpenID Connect Discovery 1.0, RFC 8414; Core, 5.3; RP-Initiated Logout 1.0. Tokens come from `authorize`.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field, StringConstraints

from chassis import Caller, Language, MongoStore, Unkeyed, UnsafeRequest, new_router
from chassis.http.pages import PageLanguage, form_body, form_values, page_language
from identity.configuration.sign_in_clients import SignInClients
from identity.credentials.signing_keys import OLD_ALGORITHM
from identity.credentials.tokens import Signer
from identity.domain.user.state import User
from identity.pages.sign_in.journey import SignInJourney
from identity.people.lookup import user_by_id
from identity.settings import Settings
from identity.sign_in.browser.requests import Request as Wanted
from identity.sign_in.claims import OPENID, SCOPES, claims_of

KEPT_FOR_SECONDS = 300
PAGE: dict[str, Any] = {"content": {"text/html": {}}}
ENDS: dict[int | str, dict[str, Any]] = {
    200: {"description": "Signed out, or the page that asks whether to sign out.", **PAGE},
    303: {"description": "Signed out: to the registered address of the client."},
    400: {"description": "The address is not registered for the client.", **PAGE},
}

LONGEST = 4096

Text = Annotated[str, StringConstraints(max_length=LONGEST)]


class EndSessionQuery(BaseModel):
    """A sign-out that a client asks for. A field that is missing is an empty text."""

    id_token_hint: Text = Field(
        "",
        description="The ID token of the sign-in, which may have expired. Without it the user is asked.",
        examples=["eyJhbGciOiJFZERTQSJ9.e30.c2ln"],
    )
    client_id: Text = Field("", description="The client, where there is no ID token.", examples=["console"])
    post_logout_redirect_uri: Text = Field(
        "",
        description="A registered address of the client, for after the sign-out.",
        examples=["https://console.example/bye"],
    )
    state: Text = Field("", description="Comes back unchanged.")
    ui_locales: Text = Field("", description="The language of the page: `en` or `de`.", examples=["de"])


class UserInfo(BaseModel):
    """Claims about the user of the token, as its scope asks for them."""

    sub: str = Field(description="The user's id.", examples=["6f1c1f9e-9d0c-4f5e-8f57-0d8f3c1a2b3c"])
    name: str | None = Field(None, description="With `profile`.", examples=["Eva Müller"])
    locale: str | None = Field(None, description="With `profile`: language and country.", examples=["de-DE"])
    email: str | None = Field(None, description="With `email`.", examples=["eva@mueller.example"])
    email_verified: bool | None = Field(
        None, description="With `email`: whether the address is proved.", examples=[True]
    )
    org: str | None = Field(
        None, description="With `organization`: its id.", examples=["0b7a9c1e-3b57-4c9e-a9a5-2f6f0f4c9d11"]
    )
    org_name: str | None = Field(None, description="With `organization`: its name.", examples=["Müller & Söhne GmbH"])
    org_kind: str | None = Field(None, description="With `organization`: its kind.", examples=["reseller"])
    country: str | None = Field(None, description="With `organization`: its country.", examples=["DE"])
    groups: list[str] | None = Field(None, description="With `groups`: the user's roles.", examples=[["global-admin"]])


def router(
    store: MongoStore, settings: Settings, *, journey: SignInJourney, clients: SignInClients, signer: Signer
) -> APIRouter:
    routes = new_router(tags=["OpenID Connect"])
    metadata = _metadata(settings)

    @routes.get("/.well-known/openid-configuration")
    async def show_configuration(response: Response) -> dict[str, Any]:
        """Addresses and abilities of the sign-in, for OpenID Connect clients."""
        response.headers["cache-control"] = f"public, max-age={KEPT_FOR_SECONDS}"
        return metadata

    @routes.get("/.well-known/oauth-authorization-server")
    async def show_server(response: Response) -> dict[str, Any]:
        """The same for OAuth clients (RFC 8414)."""
        return await show_configuration(response)

    @routes.get("/userinfo", response_model=UserInfo, response_model_exclude_none=True)
    async def show_claims(caller: Caller, response: Response) -> Any:
        """Claims about the user of the token, which has the scope `openid`. They are those of this moment."""
        caller.need(OPENID)
        response.headers["cache-control"] = "no-store"
        user, _ = _known(await user_by_id(store, caller.user_id))
        return claims_of(user, caller.permissions)

    async def end(query: EndSessionQuery, http: Request, attempt: UnsafeRequest, language: Language) -> Response:
        cause = attempt.cause(None)
        hinted = signer.read_id_token(query.id_token_hint, cause.time) if query.id_token_hint else None
        client_id = str(hinted["aud"]) if hinted else query.client_id
        address = query.post_logout_redirect_uri
        if address and not clients.may_sign_out_to(client_id, address):
            return journey.lost("wrong-address", language)
        wanted = Wanted(client_id=client_id, redirect_uri=address, state=query.state, ends=True, language=language)
        return await journey.end(http, journey.at(http, wanted, cause), sure_of=str(hinted["sub"]) if hinted else "")

    @routes.get("/end-session", responses=ENDS, response_class=HTMLResponse)
    async def end_browser_session(
        query: Annotated[EndSessionQuery, Query()], http: Request, attempt: Unkeyed, language: PageLanguage
    ) -> Response:
        """Sign out in this browser, and return to the client.

        With the ID token of the user who is signed in at once; otherwise a page asks, so that no foreign page signs
        anybody out. Never redirects to an address that is not registered.
        """
        return await end(query, http, attempt, _spoken(query, http, language))

    @routes.post(
        "/end-session",
        responses=ENDS,
        response_class=HTMLResponse,
        openapi_extra=form_body(optional=list(EndSessionQuery.model_fields)),
    )
    async def submit_end_of_session(http: Request, attempt: Unkeyed, language: PageLanguage) -> Response:
        """The same for clients that send a form."""
        given = form_values(await http.body())
        query = EndSessionQuery.model_validate({name: value[:LONGEST] for name, value in given.items()})
        return await end(query, http, attempt, _spoken(query, http, language))

    return routes


def _spoken(query: EndSessionQuery, http: Request, language: Language) -> Language:
    wanted = next(iter(query.ui_locales.split()), "")
    return page_language(wanted, http.headers.get("accept-language", "")) if wanted else language


def _known(found: tuple[User, int] | None) -> tuple[User, int]:
    assert found is not None, "tokens of purged users are void"
    return found


def _metadata(settings: Settings) -> dict[str, Any]:
    base = settings.public_url.rstrip("/")
    return {
        "issuer": settings.issuer,
        "authorization_endpoint": f"{base}/authorize",
        "token_endpoint": f"{base}/token",
        "userinfo_endpoint": f"{base}/userinfo",
        "end_session_endpoint": f"{base}/end-session",
        "jwks_uri": f"{base}/.well-known/jwks.json",
        "scopes_supported": sorted(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [OLD_ALGORITHM],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "acr_values_supported": ["pwd", "mfa"],
        "prompt_values_supported": ["none", "login", "select_account", "consent"],
        "claims_supported": [
            "sub",
            "iss",
            "aud",
            "exp",
            "iat",
            "auth_time",
            "nonce",
            "acr",
            "amr",
            "sid",
            "name",
            "locale",
            "email",
            "email_verified",
            "org",
            "org_name",
            "org_kind",
            "country",
            "groups",
        ],
        "ui_locales_supported": ["en", "de"],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
    }
