"""The addressee's side of an invitation: the page behind the link, and the acceptance."""

from typing import Annotated, Any

from fastapi import APIRouter, Header
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from chassis import Caller, Chassis, Once, Principal, RefusedError
from kontor_contracts.relationships import InvitationKind
from relationships import lookups
from relationships.api.views import InvitationView, fate, invitation_view
from relationships.documents import INVITATION
from relationships.domain.acceptance import AcceptInvitation
from relationships.domain.invitation.state import Invitation, State, closed
from relationships.domain.refusals import refused
from relationships.links import Links
from relationships.pages.invitation import InvitationPage, page_language
from relationships.wording import consent_to

ACCEPT: dict[InvitationKind, tuple[str, str]] = {
    "partnership": ("reseller", "partnerships:authorize"),
    "customer": ("customer", "invitations:accept-as-customer"),
    "customer-joint": ("customer", "invitations:accept-as-customer"),
}
"""Which kind of organization accepts, and the permission its user needs."""

OVER = {"description": "the invitation is over"}
CLOSED = {"description": "a page that says why the link leads nowhere", "content": {"text/html": {}}}


class AcceptanceBody(BaseModel):
    token: str
    consent: bool


def router(chassis: Chassis, links: Links, page: InvitationPage) -> APIRouter:
    routes = APIRouter()
    store, handler = chassis.store, chassis.handler

    @routes.post("/v1/invitations/{invitation_id}/accept", tags=["invitations"], responses={410: OVER})
    async def accept(invitation_id: str, body: AcceptanceBody, once: Once, caller: Caller) -> InvitationView:
        """Accept for the caller's organization. Accepted again by the same one, the answer is the same."""
        cause = once.cause(caller)
        invitation = await lookups.invitation_of(store, invitation_id)
        generation = links.generation(invitation, body.token)
        if invitation is None:
            # The same answer as for a wrong link.
            raise RefusedError(refused("link-invalid"))
        if generation is not None:
            _need_permission(invitation, caller)
        facts = await lookups.accepting(store, invitation, caller.organization_id)
        command = AcceptInvitation(
            generation=generation,
            acceptor=lookups.acceptor(caller, facts.acceptor),
            inviter_active=facts.inviter is not None,
            same_region=facts.same_region(caller.country),
            connected=facts.connected,
            consent=consent_to(invitation).version if body.consent else None,
            at=cause.time,
        )
        outcome = await handler.handle(INVITATION, INVITATION.id(invitation_id), command, cause, answer=_fate)
        return InvitationView.model_validate(invitation_view(invitation).model_dump() | outcome.answer)

    @routes.get(
        "/invitations/{invitation_id}",
        response_class=HTMLResponse,
        tags=["pages"],
        responses={403: CLOSED, 409: CLOSED, 410: CLOSED},
    )
    async def invitation(
        invitation_id: str,
        token: str = "",
        lang: str | None = None,
        accept_language: Annotated[str | None, Header()] = None,
    ) -> HTMLResponse:
        """Who invites, and what accepting means. Changes nothing, whoever opens it and however often."""
        language = page_language(lang, accept_language)
        found = await lookups.invitation_of(store, invitation_id)
        # A wrong link looks the same whether or not there is such an invitation.
        if found is None or links.generation(found, token) is None:
            return page.closed("link-invalid", language)
        if reason := closed(found, chassis.settings.now()):
            return page.closed(reason, language)
        return page.open(found, token, language)

    return routes


def _need_permission(invitation: Invitation, caller: Principal) -> None:
    """A caller of the wrong kind is told so by the domain, which says more than a missing permission would."""
    kind, permission = ACCEPT[invitation.kind]
    if caller.organization_kind == kind:
        caller.need(permission)


def _fate(state: State) -> dict[str, Any]:
    return fate(state.invitation) if state.invitation else {}
