"""The addressee's side of an invitation: the acceptance. The page behind the link is `api_acceptance_page`."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import StringConstraints

from chassis import Caller, Cause, Chassis, Form, Once, Principal, RefusedError, new_router
from kontor_contracts.relationships import InvitationKind
from relationships import lookups
from relationships.api.views import InvitationView, fate, invitation_view
from relationships.documents import INVITATION
from relationships.domain.invitation.acceptance import AcceptInvitation
from relationships.domain.invitation.state import Invitation, State
from relationships.domain.refusals import refused
from relationships.links import Links
from relationships.wording import consent_to

ACCEPT: dict[InvitationKind, tuple[str, str]] = {
    "partnership": ("reseller", "partnerships:authorize"),
    "customer": ("customer", "invitations:accept-as-customer"),
    "customer-joint": ("customer", "invitations:accept-as-customer"),
}
"""Which kind of organization accepts, and the permission its user needs."""

ACCEPTING = tuple(sorted({permission for _, permission in ACCEPT.values()}))
"""All that the page behind the link asks identity for."""

OVER = {"description": "the invitation is over"}


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What somebody sends to accept: the link's token, and whether they consent."""

    invitation_id: str
    token: str
    consent: bool


class AcceptanceBody(Form):
    token: Annotated[str, StringConstraints(max_length=500)]
    consent: bool


def router(chassis: Chassis, links: Links) -> APIRouter:
    routes = new_router()

    @routes.post("/v1/invitations/{invitation_id}/accept", tags=["invitations"], responses={410: OVER})
    async def accept_invitation(invitation_id: str, body: AcceptanceBody, once: Once, caller: Caller) -> InvitationView:
        """Accept for the caller's organization. Accepted again by the same one, the answer is the same."""
        acceptance = Acceptance(invitation_id, body.token, consent=body.consent)
        invitation, become = await accepted(chassis, links, acceptance, caller, once.cause(caller))
        return InvitationView.model_validate(invitation_view(invitation).model_dump() | become)

    return routes


async def accepted(
    chassis: Chassis, links: Links, acceptance: Acceptance, caller: Principal, cause: Cause
) -> tuple[Invitation, dict[str, Any]]:
    """The invitation before, and what has become of it. RefusedError, ForbiddenError where it must not be."""
    invitation = await lookups.invitation_of(chassis.store, acceptance.invitation_id)
    generation = links.generation(invitation, acceptance.token)
    if invitation is None:
        # The same answer as for a wrong link.
        raise RefusedError(refused("link-invalid"))
    if generation is not None:
        _need_permission(invitation, caller)
    facts = await lookups.accepting(chassis.store, invitation, caller.organization_id)
    current = await lookups.as_of_now(chassis.store, invitation)
    command = AcceptInvitation(
        generation=generation,
        acceptor=lookups.acceptor(caller, facts.acceptor),
        inviter_active=facts.inviter is not None,
        same_region=facts.same_region(caller.country),
        connected=facts.connected,
        room=facts.room,
        consent=consent_to(invitation).version if acceptance.consent else None,
        at=cause.time,
        partners={one.organization_id: one for one in current.partners},
    )
    id = INVITATION.id(acceptance.invitation_id)
    outcome = await chassis.handler.handle(INVITATION, id, command, cause, answer=_fate)
    return invitation, outcome.answer


def _need_permission(invitation: Invitation, caller: Principal) -> None:
    """A caller of the wrong kind is told so by the domain, which says more than a missing permission would."""
    kind, permission = ACCEPT[invitation.kind]
    if caller.organization_kind == kind:
        caller.need(permission)


def _fate(state: State) -> dict[str, Any]:
    return fate(state.invitation) if state.invitation else {}
