"""HTTP: tokens for an authorization code (RFC 6749, 4.1.3; OpenID Connect Core, 3.1.3)."""

import base64
import binascii
from typing import Any
from urllib.parse import unquote_plus

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from chassis import RefusedError, Unkeyed, new_router
from chassis.http.pages import form_body, form_values
from identity.configuration.sign_in_clients import SignInClients
from identity.credentials.tokens import Signer, how_signed_in
from identity.sign_in.browser.authorizations import Authorizations, Redeemed, Redemption
from identity.sign_in.claims import OPENID, claims_of

BAD_REQUEST, UNAUTHORIZED = 400, 401


class TokenForm(BaseModel):
    """The form of a token request. A missing field is an empty text."""

    grant_type: str = ""
    code: str = ""
    redirect_uri: str = ""
    client_id: str = ""
    code_verifier: str = ""
    client_secret: str = ""


class PageToken(BaseModel):
    """An access token for ``expires_in`` seconds. There is no refresh token: the browser's session continues.

    ``scope`` says what was granted of the scope in the request. ``id_token``: where that has `openid`.
    """

    access_token: str
    token_type: str = "Bearer"  # noqa: S105  a word of OAuth
    expires_in: int
    scope: str | None = None
    id_token: str | None = Field(
        None, description="Who signed in, for the client alone.", examples=["eyJhbGciOiJFZERTQSJ9.e30.c2ln"]
    )


REFUSED: dict[str, Any] = {
    "description": "An error of RFC 6749, 5.2: `invalid_grant` for every fault of the code.",
    "content": {"application/json": {"schema": {"type": "object", "properties": {"error": {"type": "string"}}}}},
}
UNKNOWN_CLIENT: dict[str, Any] = {
    **REFUSED,
    "description": "`invalid_client`: the client's secret is missing or wrong.",
}


def router(authorizations: Authorizations, clients: SignInClients, signer: Signer) -> APIRouter:
    routes = new_router(tags=["sign-in page"])

    @routes.post(
        "/token",
        response_model=PageToken,
        response_model_exclude_none=True,
        responses={400: REFUSED, 401: UNKNOWN_CLIENT},
        openapi_extra=form_body(optional=list(TokenForm.model_fields)),
    )
    async def redeem_code(http: Request, attempt: Unkeyed) -> Response:
        """An access token for a code. A code is valid once, for a minute, with its verifier.

        A client with a secret sends it as HTTP Basic or in the form.
        """
        form = _form(await http.body(), http.headers.get("authorization", ""))
        if form.grant_type != "authorization_code":
            return _error("unsupported_grant_type")
        if not clients.knows(form.client_id, form.redirect_uri):
            return _error("invalid_client")
        if not clients.authenticates(form.client_id, form.client_secret):
            return _error("invalid_client", status=UNAUTHORIZED)
        redemption = Redemption(
            code=form.code, client_id=form.client_id, redirect_uri=form.redirect_uri, verifier=form.code_verifier
        )
        cause = attempt.cause(None)
        try:
            redeemed = await authorizations.redeem(redemption, cause)
        except RefusedError:
            return _error("invalid_grant")
        scope, asked = redeemed.token.scope, redeemed.scope
        found = PageToken(
            access_token=redeemed.token.text,
            expires_in=signer.lifetime,
            scope=" ".join(scope) if asked else None,
            id_token=signer.id_token(form.client_id, _claims(redeemed), cause.time) if OPENID in asked else None,
        )
        return JSONResponse(found.model_dump(exclude_none=True), headers={"cache-control": "no-store"})

    return routes


def _form(body: bytes, authorization: str) -> TokenForm:
    form = TokenForm.model_validate(form_values(body))
    basic = _basic(authorization)
    if basic is None:
        return form
    client_id, secret = basic
    return form.model_copy(update={"client_id": client_id, "client_secret": secret})


def _claims(redeemed: Redeemed) -> dict[str, Any]:
    session = redeemed.session
    assert session.started_at is not None, "it is a live one"
    return {
        **claims_of(redeemed.user, redeemed.scope),
        **how_signed_in(session.methods, session.started_at),
        "sid": session.session_id,
        **({"nonce": redeemed.nonce} if redeemed.nonce else {}),
    }


def _basic(header: str) -> tuple[str, str] | None:
    """Client id and secret of HTTP Basic, each form-encoded (RFC 6749, 2.3.1). None: the header is not of that kind."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote_plus(client_id), unquote_plus(secret)


def _error(error: str, status: int = BAD_REQUEST) -> Response:
    headers = {"cache-control": "no-store", **({"www-authenticate": "Basic"} if status == UNAUTHORIZED else {})}
    return JSONResponse({"error": error}, status_code=status, headers=headers)
