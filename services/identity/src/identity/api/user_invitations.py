"""HTTP: invites users by mail, and serves the page of the mailed link.

Opening the page changes nothing, because mail scanners open links; choosing a password accepts the invitation.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response, status
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from chassis import (
    SPENT,
    Handler,
    MailBudgets,
    MongoStore,
    Once,
    Principal,
    ProblemError,
    RefusedError,
    TakenError,
    Unkeyed,
    UnsafeRequest,
    derived_id,
    new_router,
    require,
)
from identity.api.users import NewUser
from identity.api.views import UserStatus
from identity.credentials.password_hashing import BUSY, Passwords
from identity.credentials.password_policy import Owner
from identity.credentials.tokens import digest
from identity.documents import USER
from identity.domain.user.commands import AcceptInvitation
from identity.domain.user.invitation import LinkState, link_state
from identity.domain.user.state import User
from identity.pages.base import form_body, form_fields, page_language
from identity.pages.join import JoinPages
from identity.people.global_admins import change_user
from identity.people.invitations import Invitee, Link, Links
from identity.people.lookup import (
    calling_user,
    colleague,
    known_elsewhere,
    profile_of,
)
from identity.people.restoring import taken
from identity.people.senders import charge_one, inviter_of
from identity.sign_in.sign_ups import ProofLinks

PAGE: dict[str, Any] = {"description": "A page that says what is wrong.", "content": {"text/html": {}}}
CLOSED: dict[int | str, dict[str, Any]] = {404: PAGE, 409: PAGE, 410: PAGE}

Writer = Annotated[Principal, require("users:write")]
Language = Annotated[str, Query(alias="lang", description="`en` or `de`. Default: the browser's language.")]
Accepted = Annotated[str, Header(alias="accept-language")]


class InvitedUser(BaseModel):
    user_id: str


def router(store: MongoStore, handler: Handler, *, links: Links, proofs: ProofLinks, budgets: MailBudgets) -> APIRouter:
    routes = new_router("/v1/users", tags=["users"])

    @routes.post("/invite", status_code=status.HTTP_201_CREATED, response_model=InvitedUser, responses=SPENT)
    async def invite_user(body: NewUser, once: Once, caller: Writer, response: Response) -> Any:
        """Invite a colleague or guest by mail. The mailed link is valid for seven days; its page asks for a password."""
        administrator = await calling_user(store, caller)
        cause = once.cause(caller)
        user_id = derived_id(once.scope(caller), "user")
        known = await known_elsewhere(store, body.email, caller.organization_id)
        invitee = Invitee(body.full_name, body.email, body.culture, tuple(body.roles), body.guest, known)
        inviter = await inviter_of(store, administrator)
        command = links.inviting(invitee, user_id, inviter, cause.time)
        if await handler.would_change(USER, USER.id(user_id), command, cause):
            response.headers.update(await charge_one(budgets, inviter, cause, body.email))
        try:
            outcome = await handler.handle(USER, USER.id(user_id), command, cause, answer=_invited)
        except TakenError as error:
            raise await taken(store, caller, body.email) from error
        return outcome.answer

    @routes.post("/{user_id}/invitation/renew", response_model=UserStatus, responses=SPENT)
    async def renew_invitation(user_id: str, once: Once, caller: Writer, response: Response) -> Any:
        """Send the mail again with a new link. Older links are void.

        For invited users, and for added users who have not proved their address. 409 for others.
        """
        administrator = await calling_user(store, caller)
        user = await colleague(store, caller, user_id)
        cause = once.cause(caller)
        known = await known_elsewhere(store, user.email, caller.organization_id)
        if user.active:
            proof = proofs.of_user(user_id, user.culture, cause.time)
            link = Link(proof.token_hash, proof.sealed_link, proof.expires_at)
        else:
            link = links.new(user_id, user.culture, cause.time)
        inviter = await inviter_of(store, administrator)
        command = link.renewing(inviter, known=known)
        if await handler.would_change(USER, USER.id(user_id), command, cause):
            response.headers.update(await charge_one(budgets, inviter, cause, user.email))
        outcome = await change_user(handler, user, command, cause, answer=_renewed)
        return {**outcome.answer, "warnings": []}

    return routes


def pages(store: MongoStore, handler: Handler, now: Callable[[], datetime], passwords: Passwords) -> APIRouter:
    """The page of the mailed link. The token in the link authorizes; there is no session."""
    routes = new_router(tags=["pages"], default_response_class=HTMLResponse)
    shown = JoinPages()

    @routes.get("/join/{user_id}", responses=CLOSED)
    async def show_join_page(
        user_id: str, token: str = "", lang: Language = "", accepted: Accepted = ""
    ) -> HTMLResponse:
        """The page with the organization's name and a field for a password."""
        user, language = await _invitee(store, user_id), page_language(lang, accepted)
        link = link_state(user, digest(token), now())
        return shown.render(link, language, user, token=token)

    @routes.post("/join/{user_id}", responses={**CLOSED, **BUSY, 400: PAGE}, openapi_extra=form_body("password"))
    async def join(
        user_id: str, request: Request, attempt: Unkeyed, lang: Language = "", accepted: Accepted = ""
    ) -> HTMLResponse:
        """Accept the invitation with the password from the form, if it is good enough."""
        user, language = await _invitee(store, user_id), page_language(lang, accepted)
        token, password = form_fields(await request.body(), "password")
        link = link_state(user, digest(token), now())
        if link != "valid":
            return shown.render(link, language, user)
        owner = Owner(user.email, user.full_name, profile_of(user).name)
        try:
            password_hash = await passwords.choose(password, owner, field="password")
        except ProblemError as problem:
            if problem.status != status.HTTP_422_UNPROCESSABLE_ENTITY:
                raise
            return shown.render("valid", language, user, token=token, fault=problem.code)
        return shown.render(await _joined(store, handler, user, token, password_hash, attempt=attempt), language, user)

    return routes


async def _joined(
    store: MongoStore, handler: Handler, user: User, token: str, password_hash: str, *, attempt: UnsafeRequest
) -> LinkState | str:
    cause = replace(attempt.cause(None), actor=f"user:{user.user_id}")
    command = AcceptInvitation(token_hash=digest(token), password_hash=password_hash, at=cause.time)
    try:
        await change_user(handler, user, command, cause)
    except TakenError:
        return "taken"
    except RefusedError:
        # A concurrent request was first; the document has the link's state.
        return link_state(await _invitee(store, user.user_id), command.token_hash, cause.time)
    return "joined"


async def _invitee(store: MongoStore, user_id: str) -> User:
    return await store.get(USER, USER.id(user_id)) or User()


def _invited(user: User) -> dict[str, Any]:
    return {"user_id": user.user_id}


def _renewed(user: User) -> dict[str, Any]:
    return {"user_id": user.user_id, "status": user.status, "restorable_until": None}
