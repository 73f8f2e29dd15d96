"""HTTP: sign-in with a company's directory (OpenID Connect), by two redirects and a cookie between them.

A person from the sign-in page continues there, with a session in the browser. A program that opened a browser gets tokens.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Header, Query, Request, Response, status
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel

from chassis import (
    Cause,
    Handler,
    MongoStore,
    ProblemError,
    RefusedError,
    TakenError,
    Unkeyed,
    derived_id,
    new_router,
    not_found,
)
from chassis.crypto import Sealer, UnsealableError
from chassis.http.pages import Cookies
from identity.api.sign_in.tokens import TokenAnswer, answer_of, printable
from identity.credentials.tokens import Signer, digest
from identity.documents import LINK
from identity.domain.external_account import Link, LinkUser
from identity.domain.user.commands import ProveAddress
from identity.domain.user.state import User
from identity.pages.sign_in.journey import SignInJourney
from identity.people.global_admins import change_user
from identity.people.lookup import colleague_by_email, owns_domain, profile_of, user_by_email, user_by_id
from identity.settings import Settings
from identity.sign_in.oidc_client import (
    PATH,
    AuthorizationRequest,
    ExternalIdentity,
    ExternalIssuer,
    NotAuthenticatedError,
)
from identity.sign_in.second_factors import SecondFactors
from identity.sign_in.service import SignIn

log = structlog.get_logger("identity.external")

COOKIE = "kontor_external"
PENDING_SECONDS = 600

Client = Annotated[str, Header(alias="user-agent", include_in_schema=False)]
Short = Annotated[str, Query(max_length=4096)]


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """The cookie's content during the redirects. ``request``: the sealed request of the sign-in page; empty: none."""

    authorization: AuthorizationRequest
    request: str


class IssuerView(BaseModel):
    """``start``: where to send the browser to sign in with this directory."""

    name: str
    title: str
    start: str


class IssuerList(BaseModel):
    items: list[IssuerView]


def router(
    store: MongoStore,
    handler: Handler,
    *,
    settings: Settings,
    issuers: Sequence[ExternalIssuer],
    sign_in: SignIn,
    factors: SecondFactors,
    signer: Signer,
    journey: SignInJourney,
) -> APIRouter:
    routes = new_router(PATH, tags=["external sign-in"])
    known = {issuer.config.name: issuer for issuer in issuers}
    # Sealed, not just signed: the PKCE verifier is secret.
    sealer = Sealer(settings.factor_key_file)
    cookies = Cookies(settings.public_url)

    @routes.get("")
    async def list_issuers() -> IssuerList:
        """The companies' directories with which users can sign in."""
        items = [
            IssuerView(name=name, title=issuer.config.title, start=f"{PATH}/{name}") for name, issuer in known.items()
        ]
        return IssuerList(items=items)

    @routes.get("/{name}", status_code=status.HTTP_303_SEE_OTHER, response_class=RedirectResponse)
    async def start_external_sign_in(name: str, request: Short = "") -> Response:
        """Redirect to the issuer's sign-in page."""
        issuer, authorization = _named(known, name), AuthorizationRequest.new()
        try:
            answer = RedirectResponse(await issuer.address(authorization), status.HTTP_303_SEE_OTHER)
        except NotAuthenticatedError as error:
            raise _failed(name, error) from error
        until = settings.now().timestamp() + PENDING_SECONDS
        kept = {"errand": asdict(authorization), "name": name, "until": until, "request": request}
        answer.headers["cache-control"] = "no-store"
        cookies.set(answer, _cookie(authorization.state), sealer.seal(json.dumps(kept)), seconds=PENDING_SECONDS)
        return answer

    # An issuer may add parameters of its own (RFC 6749, 4.1.2).
    back = new_router(PATH, tags=["external sign-in"], strict=False)

    @back.get(
        "/{name}/callback",
        responses={400: {"description": "The sign-in began in another browser, or too long ago."}},
        response_model=TokenAnswer,
    )
    async def finish_external_sign_in(
        *,
        name: str,
        request: Request,
        attempt: Unkeyed,
        state: Short = "",
        client: Client = "",
    ) -> Any:
        """Return from the issuer. Answers like `POST /v1/token`, or redirects to the client of the sign-in page."""
        issuer, cause = _named(known, name), attempt.cause(None)
        pending = _pending(sealer, cookies.get(request, _cookie(state)), name, cause)
        if pending is None or not secrets.compare_digest(state.encode(), pending.authorization.state.encode()):
            raise ProblemError(
                400, "external-state", "this sign-in began in another browser or too long ago; begin again"
            )
        at = journey.found(request, pending.request, cause) if pending.request else None
        try:
            user, methods = await _authenticated(
                store, handler, issuer, dict(request.query_params), pending.authorization, cause=cause
            )
        except ProblemError as error:
            if at is None:
                raise
            return journey.page("sign-in", at, wrong=error.code)
        if at is not None:
            answer = await journey.signed_in(user, methods, at)
        else:
            factor = await factors.of(user.user_id)
            signed_in = await sign_in.start(user, factor, methods, printable(client), cause)
            found = answer_of(signed_in, signer).model_dump()
            answer = JSONResponse(found, headers={"cache-control": "no-store"})
        cookies.delete(answer, _cookie(state))
        return answer

    routes.routes.extend(back.routes)
    return routes


async def _authenticated(
    store: MongoStore,
    handler: Handler,
    issuer: ExternalIssuer,
    query: dict[str, str],
    authorization: AuthorizationRequest,
    *,
    cause: Cause,
) -> tuple[User, tuple[str, ...]]:
    """The user who came back, and the authentication methods."""
    try:
        external = await issuer.authenticate(query, authorization)
    except NotAuthenticatedError as error:
        raise _failed(issuer.config.name, error) from error
    user = await _user_of(store, handler, issuer, external, cause)
    return user, ("fed", "mfa") if external.second_factor else ("fed",)


async def _user_of(
    store: MongoStore, handler: Handler, issuer: ExternalIssuer, external: ExternalIdentity, cause: Cause
) -> User:
    """Find the user by the link; the first time by the address, among the users of the issuer's organization."""
    id, organization_id = LINK.id(derived_id(issuer.config.issuer, external.subject)), issuer.config.organization_id
    link: Link = await store.get_or_initial(LINK, id)
    if not link.user_id:
        user = await _by_address(store, handler, external.email, organization_id, cause) if external.email else None
    else:
        found = await user_by_id(store, link.user_id)
        user = found[0] if found else None
    if user is None or not user.active or profile_of(user).organization_id != organization_id:
        detail = "you have no active user in this organization; ask an administrator to add you, or follow the link in your mail"
        raise ProblemError(403, "not-a-user", detail)
    if not link.user_id:
        try:
            await handler.handle(LINK, id, LinkUser(user.user_id, organization_id, cause.time), cause)
        except RefusedError as error:
            raise ProblemError(403, "not-a-user", "another sign-in linked this account; sign in again") from error
    return user


async def _by_address(
    store: MongoStore, handler: Handler, email: str, organization_id: str, cause: Cause
) -> User | None:
    """The user with this address. If the organization proved the domain, this sign-in proves the address."""
    user = await user_by_email(store, email)
    if user is not None:
        return user
    user = await colleague_by_email(store, organization_id, email)
    if user is None or not user.active or not await owns_domain(store, email, organization_id):
        return None
    own = replace(cause, key=None, actor=f"user:{user.user_id}", tenant=organization_id)
    try:
        return (await change_user(handler, user, ProveAddress(token_hash=None, at=cause.time), own)).state
    except TakenError:
        return None


def _named(known: dict[str, ExternalIssuer], name: str) -> ExternalIssuer:
    issuer = known.get(name)
    if issuer is None:
        raise not_found("issuer")
    return issuer


def _cookie(state: str) -> str:
    """One cookie per sign-in, so that two tabs can sign in at the same time."""
    return f"{COOKIE}_{digest(state)[:8]}"


def _pending(sealer: Sealer, held: str, name: str, cause: Cause) -> PendingSignIn | None:
    """The pending sign-in of this browser with this issuer, if it is not too old."""
    try:
        kept: dict[str, Any] = json.loads(sealer.open(held))
    except (UnsealableError, ValueError):
        return None
    if kept.get("name") != name or kept.get("until", 0) < cause.time.timestamp():
        return None
    return PendingSignIn(AuthorizationRequest(**kept["errand"]), kept["request"])


def _failed(name: str, error: NotAuthenticatedError) -> ProblemError:
    log.warning("external_sign_in_failed", issuer=name, reason=str(error))
    return ProblemError(401, "external-sign-in-failed", "your company's directory did not sign you in; try again")
