"""HTTP: requests to be let in, by a holder of the link who is not the addressee, and the inviter's decision."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import StringConstraints

from chassis import (
    Caller,
    Cause,
    Change,
    Form,
    Handler,
    MongoStore,
    Once,
    Principal,
    RefusedError,
    derived_id,
    new_router,
)
from chassis.crypto import Sealer
from chassis.limits import SPENT, MailBudgets
from relationships import lookups
from relationships.api.acceptance import OVER, Accepter, need_permission
from relationships.api.invitations import INVITE, own, shown
from relationships.api.views import AccessRequestView, InvitationView, access_request_view
from relationships.documents import INVITATION
from relationships.domain.invitation.acceptance import wrong_company
from relationships.domain.invitation.commands import AskAccess, ChangeAccess, DecideAccess
from relationships.domain.invitation.entitlement import entitled, request_of
from relationships.domain.invitation.state import AccessRequest, Invitation
from relationships.domain.refusals import refused
from relationships.links import Links


class InvitationAccessBody(Form):
    anyone_with_link: bool


class AskBody(Form):
    token: Annotated[str, StringConstraints(max_length=500)]


@dataclass(frozen=True, slots=True)
class Standing:
    """``entitled``: may accept. ``request``: of the visitor's company to be let in.

    ``unenrolled``: the company is a reseller whose enrollment is not active, which the invitation needs.
    """

    entitled: bool
    unenrolled: bool
    request: AccessRequest | None


class AccessRequests:
    """Asks to be let in for the API and for the page behind the link."""

    def __init__(self, store: MongoStore, handler: Handler, links: Links, budgets: MailBudgets) -> None:
        self._store = store
        self._handler = handler
        self._links = links
        self._budgets = budgets

    async def standing(self, invitation: Invitation, caller: Principal) -> Standing:
        facts = await lookups.accepting(self._store, invitation, caller.organization_id)
        may = entitled(invitation, lookups.person(caller), domain_proved=facts.domain_proved)
        wrong = wrong_company(lookups.acceptor(caller, facts.acceptor), invitation)
        unenrolled = wrong == "not-a-reseller" and caller.organization_kind == "reseller"
        return Standing(may, unenrolled, request_of(invitation, caller.organization_id))

    async def ask(self, invitation_id: str, token: str, caller: Principal, cause: Cause) -> AccessRequest:
        """Raises RefusedError, ForbiddenError, StepUpError, and ProblemError where the caller has caused too many mails."""
        invitation = await lookups.invitation_of(self._store, invitation_id)
        generation = self._links.generation(invitation, token)
        if invitation is None or generation is None:
            raise RefusedError(refused("link-invalid"))
        need_permission(invitation, caller)
        facts = await lookups.accepting(self._store, invitation, caller.organization_id)
        command = AskAccess(
            request_id=derived_id("access", invitation_id, caller.organization_id),
            generation=generation,
            person=lookups.person(caller),
            domain_proved=facts.domain_proved,
            misfit=wrong_company(lookups.acceptor(caller, facts.acceptor), invitation),
            at=cause.time,
        )
        id = INVITATION.id(invitation_id)
        if await self._handler.would_change(INVITATION, id, command, cause):
            # Nothing is known of the company, so the small budget applies.
            await self.charge(caller, cause, proved=False)
        outcome = await self._handler.handle(INVITATION, id, command, cause)
        asked = request_of(outcome.state.invitation or invitation, caller.organization_id)
        if asked is None:
            # The inviter's account was erased since.
            raise RefusedError(refused("link-invalid"))
        return asked

    async def charge(self, caller: Principal, cause: Cause, *, proved: bool) -> Mapping[str, str]:
        """For one mail. The headers of the answer. Raises ProblemError where the caller's company has caused too many."""
        return await self._budgets.by_organization(
            cause, organization_id=caller.organization_id, person=caller.user_id, proved=proved
        )


def router(store: MongoStore, handler: Handler, *, requests: AccessRequests, links: Links, sealer: Sealer) -> APIRouter:
    routes = new_router("/v1/invitations", tags=["invitations"])

    async def decide(
        invitation_id: str, request_id: str, caller: Principal, cause: Cause, response: Response, *, confirmed: bool
    ) -> InvitationView:
        invitation = own(await lookups.invitation_of(store, invitation_id), caller, INVITE)
        command = DecideAccess(
            request_id=request_id,
            confirmed=confirmed,
            generation=invitation.generation,
            sealed_link=sealer.seal(links.url(invitation)),
            by=lookups.person(caller),
            at=cause.time,
        )
        id = INVITATION.id(invitation_id)
        if await handler.would_change(INVITATION, id, command, cause):
            response.headers.update(await requests.charge(caller, cause, proved=True))
        outcome = await handler.handle(INVITATION, id, command, cause)
        return shown(outcome, links)

    # A dependency, so that it is refused before the body is looked at.
    async def own_one(invitation_id: str, caller: Caller) -> None:
        own(await lookups.invitation_of(store, invitation_id), caller, INVITE)

    @routes.put("/{invitation_id}/access", responses={410: OVER}, dependencies=[Depends(own_one)])
    async def change_invitation_access(
        invitation_id: str, body: InvitationAccessBody, change: Change, caller: Caller
    ) -> InvitationView:
        """Let all who hold the link accept, or the addressee alone. The first is for links that are given on by hand."""
        cause = change.cause(caller)
        command = ChangeAccess(body.anyone_with_link, lookups.person(caller), cause.time)
        outcome = await handler.handle(INVITATION, INVITATION.id(invitation_id), command, cause)
        return shown(outcome, links)

    @routes.post("/{invitation_id}/access-requests", status_code=201, responses={**SPENT, 410: OVER})
    async def ask_for_access(invitation_id: str, body: AskBody, once: Once, caller: Accepter) -> AccessRequestView:
        """Ask the inviter to let the caller's company accept, which is not the addressee. The inviter gets a mail."""
        return access_request_view(await requests.ask(invitation_id, body.token, caller, once.cause(caller)))

    @routes.post("/{invitation_id}/access-requests/{request_id}/confirm", responses={**SPENT, 410: OVER})
    async def confirm_access(
        invitation_id: str, request_id: str, once: Once, caller: Caller, response: Response
    ) -> InvitationView:
        """Let the company in. The requester gets a mail with the link; nothing is established before an acceptance."""
        return await decide(invitation_id, request_id, caller, once.cause(caller), response, confirmed=True)

    @routes.post("/{invitation_id}/access-requests/{request_id}/refuse", responses={**SPENT, 410: OVER})
    async def refuse_access(
        invitation_id: str, request_id: str, once: Once, caller: Caller, response: Response
    ) -> InvitationView:
        """Do not let the company in. The requester gets a mail."""
        return await decide(invitation_id, request_id, caller, once.cause(caller), response, confirmed=False)

    return routes
