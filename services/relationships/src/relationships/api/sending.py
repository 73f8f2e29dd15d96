"""Sending, resending and revoking invitations over HTTP."""

from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Response

from chassis import Caller, Cause, Handler, MongoStore, Once, Principal, ProblemError, RefusedError, new_router
from chassis.crypto import Sealer
from chassis.limits import SPENT, MailBudgets
from relationships import lookups
from relationships.api.invitations import INVITE, changeable, known, own, shown
from relationships.api.views import InvitationView, progress
from relationships.documents import INVITATION
from relationships.domain.invitation.commands import RevokeInvitation, SendInvitation
from relationships.domain.invitation.sending import next_generation
from relationships.domain.invitation.state import Invitation, State
from relationships.domain.refusals import refused
from relationships.links import Links

NOT_AGAIN = {"description": "The invitation is a draft, was answered or revoked, or was sent again just now."}


class Sendings:
    """Sends invitations, within the budgets of mails."""

    def __init__(
        self, store: MongoStore, handler: Handler, *, links: Links, sealer: Sealer, budgets: MailBudgets
    ) -> None:
        self._store = store
        self._handler = handler
        self._links = links
        self._sealer = sealer
        self._budgets = budgets

    async def send(
        self, invitation: Invitation, caller: Principal, cause: Cause, response: Response, *, again: bool = False
    ) -> InvitationView:
        """``again``: with a new link, which voids the earlier one."""
        generation = next_generation(invitation) if again else invitation.generation
        current = await lookups.with_present_names(self._store, invitation)
        command = SendInvitation(
            sealed_link=self._sealer.seal(self._links.url(replace(invitation, generation=generation))),
            generation=generation,
            request=cause.id,
            by=caller.user_id,
            at=cause.time,
            again=again,
            partners={one.organization_id: one for one in current.partners},
        )
        id = INVITATION.id(invitation.invitation_id)
        if await self._handler.would_change(INVITATION, id, command, cause):
            await self._check_partners(invitation)
            # Active partners are verified, so the large budget applies.
            headers = await self._budgets.by_organization(
                cause, organization_id=caller.organization_id, person=caller.user_id, proved=True
            )
            await self._budgets.by_addressee(
                cause,
                email=invitation.recipient.email,
                purpose="invitation",
                organization_id=caller.organization_id,
            )
            response.headers.update(headers)
        outcome = await self._handler.handle(INVITATION, id, command, cause, answer=_progress)
        return shown(outcome, self._links)

    async def _check_partners(self, invitation: Invitation) -> None:
        """They may have changed since the draft: a mail in the name of a company goes out only while it could be accepted."""
        provider = invitation.provider
        facts = await lookups.inviting(
            self._store, invitation.inviter.organization_id, provider.organization_id if provider else None
        )
        if facts.inviter is None:
            raise ProblemError(
                409, "partner-not-active", "your company is not an active partner now; ask the program's staff"
            )
        if provider is not None and facts.provider is None:
            raise RefusedError(refused("partnership-missing"))


def router(store: MongoStore, handler: Handler, sendings: Sendings, links: Links) -> APIRouter:
    routes = new_router("/v1/invitations", tags=["invitations"])

    @routes.post("/{invitation_id}/send", responses=SPENT)
    async def send_invitation(invitation_id: str, once: Once, caller: Caller, response: Response) -> InvitationView:
        """Have Kontor mail a draft. 409 `already-sent` if it was sent before."""
        invitation = await changeable(store, handler, invitation_id, caller)
        return await sendings.send(invitation, caller, once.cause(caller), response)

    @routes.post("/{invitation_id}/resend", responses={**SPENT, 409: NOT_AGAIN})
    async def resend_invitation(invitation_id: str, once: Once, caller: Caller, response: Response) -> InvitationView:
        """Mail a sent or expired invitation again. It has a new link, and the time to answer begins again."""
        # From the database: the link belongs to the present generation.
        invitation = own(await lookups.invitation_of(store, invitation_id), caller, INVITE)
        return await sendings.send(invitation, caller, once.cause(caller), response, again=True)

    @routes.post("/{invitation_id}/revoke")
    async def revoke_invitation(invitation_id: str, once: Once, caller: Caller) -> InvitationView:
        """Take a draft or an open invitation back. A mail that is not sent yet is withdrawn."""
        await changeable(store, handler, invitation_id, caller)
        id, cause = INVITATION.id(invitation_id), once.cause(caller)
        command = RevokeInvitation(lookups.person(caller), cause.time)
        outcome = await handler.handle(INVITATION, id, command, cause, answer=_progress)
        return shown(outcome, links)

    return routes


def _progress(state: State) -> dict[str, Any]:
    return progress(known(state))
