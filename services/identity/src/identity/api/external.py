"""HTTP: signing in with the directory of one's own company. For browsers: two redirects, and a cookie in between."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Cookie, Header, Query, Request, Response, status
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from chassis import (
    Cause,
    Change,
    Chassis,
    ProblemError,
    RefusedError,
    Sealer,
    TakenError,
    UnsealableError,
    derived_id,
    not_found,
)
from identity.api.sign_in import TokenAnswer, answer_of, printable
from identity.credentials.tokens import Signer
from identity.documents import LINK
from identity.domain.external_account import Link, LinkUser
from identity.domain.user.state import ProveAddress, User
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

Held = Annotated[str, Cookie(alias=COOKIE, include_in_schema=False)]
Client = Annotated[str, Header(alias="user-agent", include_in_schema=False)]
Short = Annotated[str, Query(max_length=4096)]


class IssuerView(BaseModel):
    """``start``: where to send the browser of who wants to sign in so."""

    name: str
    title: str
    start: str


class IssuerList(BaseModel):
    items: list[IssuerView]


def router(
    chassis: Chassis,
    *,
    settings: Settings,
    issuers: Sequence[ExternalIssuer],
    sign_in: SignIn,
    factors: SecondFactors,
    signer: Signer,
) -> APIRouter:
    routes = APIRouter(prefix=PATH, tags=["external sign-in"])
    known = {issuer.config.name: issuer for issuer in issuers}
    # Sealed and not signed: the verifier of PKCE is nobody's business.
    sealer = Sealer(settings.factor_key_file)

    @routes.get("")
    async def list_issuers() -> IssuerList:
        """The companies' directories that may be signed in with."""
        items = [
            IssuerView(name=name, title=issuer.config.title, start=f"{PATH}/{name}") for name, issuer in known.items()
        ]
        return IssuerList(items=items)

    @routes.get("/{name}", status_code=status.HTTP_303_SEE_OTHER, response_class=RedirectResponse)
    async def start(name: str) -> Response:
        """To the issuer's page."""
        issuer, errand = _named(known, name), Errand.new()
        try:
            answer = RedirectResponse(await issuer.address(errand), status.HTTP_303_SEE_OTHER)
        except NotVouchedForError as error:
            raise _failed(name, error) from error
        kept = {**asdict(errand), "name": name, "until": settings.now().timestamp() + ERRAND_SECONDS}
        _keep(answer, settings, sealer.seal(json.dumps(kept)))
        return answer

    @routes.get("/{name}/callback", responses={400: {"description": "another browser's, or too late"}})
    async def callback(
        *,
        name: str,
        request: Request,
        change: Change,
        response: Response,
        state: Short = "",
        held: Held = "",
        client: Client = "",
    ) -> TokenAnswer:
        """Back from the issuer: tokens, as from ``POST /v1/token``."""
        issuer, cause = _named(known, name), change.cause(None)
        errand = _errand(sealer, held, name, cause)
        if errand is None or not secrets.compare_digest(state.encode(), errand.state.encode()):
            raise ProblemError(400, "external-state", "this sign-in was begun elsewhere or too long ago; begin again")
        try:
            vouched = await issuer.vouched(dict(request.query_params), errand)
        except NotVouchedForError as error:
            raise _failed(name, error) from error
        user = await _user_of(chassis, issuer, vouched, cause)
        methods = ("fed", "mfa") if vouched.second_factor else ("fed",)
        factor = await factors.of(user.user_id)
        signed_in = await sign_in.start(user, factor, methods, printable(client), cause)
        response.headers["cache-control"] = "no-store"
        response.delete_cookie(COOKIE, path=PATH)
        return answer_of(signed_in, signer)

    return routes


async def _user_of(chassis: Chassis, issuer: ExternalIssuer, vouched: Vouched, cause: Cause) -> User:
    """By the link; the first time by the address, among the users of the organization that the issuer is for."""
    id, organization_id = LINK.id(derived_id(issuer.config.issuer, vouched.subject)), issuer.config.organization_id
    link: Link = await chassis.store.get(LINK, id) or Link()
    if not link.user_id:
        user = await _by_address(chassis, vouched.email, organization_id, cause) if vouched.email else None
    else:
        found = await user_by_id(chassis.store, link.user_id)
        user = found[0] if found else None
    if user is None or user.status != "active" or profile_of(user).organization_id != organization_id:
        detail = "your company has no user for you here; ask an administrator to add you, or follow the link of the mail you got"
        raise ProblemError(403, "not-a-user", detail)
    if not link.user_id:
        try:
            await chassis.handler.handle(LINK, id, LinkUser(user.user_id, organization_id, cause.time), cause)
        except RefusedError as error:
            raise ProblemError(403, "not-a-user", "sign in again") from error
    return user


async def _by_address(chassis: Chassis, email: str, organization_id: str, cause: Cause) -> User | None:
    """The user with this address. One who has not proved it yet has done so if the organization proved the domain."""
    user = await user_by_email(chassis.store, email)
    if user is not None:
        return user
    user = await colleague_by_email(chassis.store, organization_id, email)
    if user is None or user.status != "active" or not await owns_domain(chassis, email, organization_id):
        return None
    own = replace(cause, key=None, actor=f"user:{user.user_id}", tenant=organization_id)
    try:
        return (await change_user(chassis, user, ProveAddress(token_hash=None, at=cause.time), own)).state
    except TakenError:
        return None


def _named(known: dict[str, ExternalIssuer], name: str) -> ExternalIssuer:
    issuer = known.get(name)
    if issuer is None:
        raise not_found("issuer")
    return issuer


def _keep(answer: Response, settings: Settings, sealed: str) -> None:
    answer.headers["cache-control"] = "no-store"
    answer.set_cookie(
        COOKIE,
        sealed,
        max_age=ERRAND_SECONDS,
        path=PATH,
        secure=settings.public_url.startswith("https:"),
        httponly=True,
        samesite="lax",
    )


def _errand(sealer: Sealer, held: str, name: str, cause: Cause) -> Errand | None:
    """What this browser was sent away with, to this issuer, not too long ago."""
    try:
        kept: dict[str, Any] = json.loads(sealer.open(held))
    except (UnsealableError, ValueError):
        return None
    if kept.pop("name", None) != name or kept.pop("until", 0) < cause.time.timestamp():
        return None
    return Errand(**kept)


def _failed(name: str, error: NotVouchedForError) -> ProblemError:
    log.warning("external sign-in failed", issuer=name, reason=str(error))
    return ProblemError(401, "external-sign-in-failed", "your company's directory did not sign you in; try again")
