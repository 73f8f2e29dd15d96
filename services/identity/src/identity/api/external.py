"""HTTP: signing in with the directory of one's own company. For browsers: two redirects, and a cookie in between.

Who came from the sign-in page goes on from there, in a session of the browser; a program that opened a browser by itself
gets tokens.
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
    Cookies,
    Handler,
    MongoStore,
    ProblemError,
    RefusedError,
    Sealer,
    TakenError,
    Unkeyed,
    UnsealableError,
    derived_id,
    new_router,
    not_found,
)
from identity.api.sign_in import TokenAnswer, answer_of, printable
from identity.credentials.tokens import Signer, digest
from identity.documents import LINK
from identity.domain.external_account import Link, LinkUser
from identity.domain.user.state import ProveAddress, User
from identity.pages.sign_in_journey import SignInJourney
from identity.people.global_admins import change_user
from identity.people.lookup import colleague_by_email, owns_domain, profile_of, user_by_email, user_by_id
from identity.settings import Settings
from identity.sign_in.oidc_client import Errand, ExternalIssuer, NotVouchedForError, Vouched
from identity.sign_in.second_factors import SecondFactors
from identity.sign_in.service import SignIn

log = structlog.get_logger("identity.external")

COOKIE = "kontor_external"
PATH = "/v1/external"
ERRAND_SECONDS = 600

Client = Annotated[str, Header(alias="user-agent", include_in_schema=False)]
Short = Annotated[str, Query(max_length=4096)]


@dataclass(frozen=True, slots=True)
class Trip:
    """What the browser keeps while it is away. ``request``: of the sign-in page that it left, sealed; empty: of none."""

    errand: Errand
    request: str


class IssuerView(BaseModel):
    """``start``: where to send the browser of who wants to sign in so."""

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
    # Sealed and not signed: the verifier of PKCE is nobody's business.
    sealer = Sealer(settings.factor_key_file)
    cookies = Cookies(settings.public_url)

    @routes.get("")
    async def list_issuers() -> IssuerList:
        """The companies' directories that may be signed in with."""
        items = [
            IssuerView(name=name, title=issuer.config.title, start=f"{PATH}/{name}") for name, issuer in known.items()
        ]
        return IssuerList(items=items)

    @routes.get("/{name}", status_code=status.HTTP_303_SEE_OTHER, response_class=RedirectResponse)
    async def start_external_sign_in(name: str, request: Short = "") -> Response:
        """To the issuer's page."""
        issuer, errand = _named(known, name), Errand.new()
        try:
            answer = RedirectResponse(await issuer.address(errand), status.HTTP_303_SEE_OTHER)
        except NotVouchedForError as error:
            raise _failed(name, error) from error
        until = settings.now().timestamp() + ERRAND_SECONDS
        kept = {"errand": asdict(errand), "name": name, "until": until, "request": request}
        answer.headers["cache-control"] = "no-store"
        cookies.set(answer, _cookie(errand.state), sealer.seal(json.dumps(kept)), seconds=ERRAND_SECONDS)
        return answer

    # An issuer may add parameters of its own (RFC 6749, 4.1.2).
    back = new_router(PATH, tags=["external sign-in"], strict=False)

    @back.get(
        "/{name}/callback",
        responses={400: {"description": "another browser's, or too late"}},
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
        """Back from the issuer: tokens, as from ``POST /v1/token``, or back to where the sign-in page was opened from."""
        issuer, cause = _named(known, name), attempt.cause(None)
        trip = _trip(sealer, cookies.get(request, _cookie(state)), name, cause)
        if trip is None or not secrets.compare_digest(state.encode(), trip.errand.state.encode()):
            raise ProblemError(400, "external-state", "this sign-in was begun elsewhere or too long ago; begin again")
        at = journey.found(request, trip.request, cause) if trip.request else None
        try:
            user, methods = await _vouched_for(
                store, handler, issuer, dict(request.query_params), trip.errand, cause=cause
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


async def _vouched_for(
    store: MongoStore, handler: Handler, issuer: ExternalIssuer, query: dict[str, str], errand: Errand, *, cause: Cause
) -> tuple[User, tuple[str, ...]]:
    """Who came back, and how they proved who they are."""
    try:
        vouched = await issuer.vouched(query, errand)
    except NotVouchedForError as error:
        raise _failed(issuer.config.name, error) from error
    user = await _user_of(store, handler, issuer, vouched, cause)
    return user, ("fed", "mfa") if vouched.second_factor else ("fed",)


async def _user_of(store: MongoStore, handler: Handler, issuer: ExternalIssuer, vouched: Vouched, cause: Cause) -> User:
    """By the link; the first time by the address, among the users of the organization that the issuer is for."""
    id, organization_id = LINK.id(derived_id(issuer.config.issuer, vouched.subject)), issuer.config.organization_id
    link: Link = await store.get(LINK, id) or Link()
    if not link.user_id:
        user = await _by_address(store, handler, vouched.email, organization_id, cause) if vouched.email else None
    else:
        found = await user_by_id(store, link.user_id)
        user = found[0] if found else None
    if user is None or user.status != "active" or profile_of(user).organization_id != organization_id:
        detail = "your company has no user for you here; ask an administrator to add you, or follow the link of the mail you got"
        raise ProblemError(403, "not-a-user", detail)
    if not link.user_id:
        try:
            await handler.handle(LINK, id, LinkUser(user.user_id, organization_id, cause.time), cause)
        except RefusedError as error:
            raise ProblemError(403, "not-a-user", "sign in again") from error
    return user


async def _by_address(
    store: MongoStore, handler: Handler, email: str, organization_id: str, cause: Cause
) -> User | None:
    """The user with this address. One who has not proved it yet has done so if the organization proved the domain."""
    user = await user_by_email(store, email)
    if user is not None:
        return user
    user = await colleague_by_email(store, organization_id, email)
    if user is None or user.status != "active" or not await owns_domain(store, email, organization_id):
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
    """One for each trip, so that two tabs may be away at a time."""
    return f"{COOKIE}_{digest(state)[:8]}"


def _trip(sealer: Sealer, held: str, name: str, cause: Cause) -> Trip | None:
    """What this browser was sent away with, to this issuer, not too long ago."""
    try:
        kept: dict[str, Any] = json.loads(sealer.open(held))
    except (UnsealableError, ValueError):
        return None
    if kept.get("name") != name or kept.get("until", 0) < cause.time.timestamp():
        return None
    return Trip(Errand(**kept["errand"]), kept["request"])


def _failed(name: str, error: NotVouchedForError) -> ProblemError:
    log.warning("external sign-in failed", issuer=name, reason=str(error))
    return ProblemError(401, "external-sign-in-failed", "your company's directory did not sign you in; try again")
