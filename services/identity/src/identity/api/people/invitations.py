"""HTTP: invites users by mail. `pages/mailed/join.py` is the page of the mailed link."""

from typing import Annotated, Any

from fastapi import APIRouter, Response, status
from pydantic import BaseModel

from chassis import Handler, MongoStore, Once, Principal, TakenError, derived_id, new_router, require
from chassis.limits import SPENT, MailBudgets
from identity.api.people.users import NewUser
from identity.api.views import UserStatus
from identity.documents import USER
from identity.domain.user.state import User
from identity.people.global_admins import change_user
from identity.people.invitations import Invitee, Link, Links
from identity.people.lookup import (
    calling_user,
    colleague,
    known_elsewhere,
)
from identity.people.restoring import taken
from identity.people.senders import charge_one, inviter_of
from identity.sign_in.sign_up.sign_ups import ProofLinks

Writer = Annotated[Principal, require("users:write")]


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


def _invited(user: User) -> dict[str, Any]:
    return {"user_id": user.user_id}


def _renewed(user: User) -> dict[str, Any]:
    return {"user_id": user.user_id, "status": user.status, "restorable_until": None}
