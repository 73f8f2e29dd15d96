"""Accepting and declining an invitation over HTTP. `pages.acceptance` is the page behind its link."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import AfterValidator, Field, StringConstraints

from chassis import (
    Caller,
    Cause,
    Form,
    Handler,
    Language,
    MongoStore,
    Once,
    Principal,
    RefusedError,
    client_network,
    language_of,
    new_router,
)
from kontor_contracts.names import plain_text
from kontor_contracts.relationships import InvitationKind
from kontor_contracts.values import Id, Text
from relationships import lookups
from relationships.api.callers import require_by_kind
from relationships.api.views import InvitationView, invitation_view, progress
from relationships.customer_matches import Proposal, company_of, proposals, proposed
from relationships.documents import INVITATION
from relationships.domain.invitation.acceptance import AcceptInvitation, Consented
from relationships.domain.invitation.commands import DeclineInvitation
from relationships.domain.invitation.state import Invitation, State
from relationships.domain.refusals import refused
from relationships.links import Links
from relationships.wording import BOX, consent_points, consent_to

ACCEPT: dict[InvitationKind, tuple[str, str]] = {
    "partnership": ("reseller", "partnerships:authorize"),
    "customer": ("customer", "invitations:accept-as-customer"),
    "customer-joint": ("customer", "invitations:accept-as-customer"),
}
"""By kind of invitation: the kind of organization that accepts, and the permission its user needs."""

Accepter = Annotated[Principal, require_by_kind(dict(ACCEPT.values()), others=None)]
"""A caller who may accept invitations to its kind of organization. Other kinds are refused by the domain, with a clear reason."""

ACCEPTING = tuple(sorted({permission for _, permission in ACCEPT.values()}))
"""The permissions that the page behind the link asks identity for."""

OVER = {"description": "The invitation has expired, or was revoked or declined."}

MOST_REASON = 1000
"""Characters of the reason of somebody who declines."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What the addressee sends: the link's token, whether they consent, and the language in which they read the text.

    ``same_as``: the imported customer that they say their company is.
    """

    invitation_id: str
    token: str
    consent: bool
    language: Language
    same_as: str | None = None


@dataclass(frozen=True, slots=True)
class Declination:
    """What the addressee sends who declines: the link's token, and why, if they say so."""

    invitation_id: str
    token: str
    reason: str | None


class DeclineBody(Form):
    token: Annotated[str, StringConstraints(max_length=500)]
    reason: Annotated[Text, StringConstraints(max_length=MOST_REASON), AfterValidator(plain_text)] | None = None


class AcceptanceBody(Form):
    token: Annotated[str, StringConstraints(max_length=500)]
    consent: bool
    language: Language | None = Field(
        default=None, description="in which the text was shown; without it, that of the caller"
    )
    same_as: Id | None = Field(
        default=None,
        description="an imported customer of the inviter that the caller's organization is, as the page proposes it",
    )


class Acceptances:
    """Accepts and declines invitations for the API and for the page behind the link."""

    def __init__(self, store: MongoStore, handler: Handler, links: Links) -> None:
        self._store = store
        self._handler = handler
        self._links = links

    async def accept(
        self, acceptance: Acceptance, caller: Principal, cause: Cause
    ) -> tuple[Invitation, dict[str, Any]]:
        """The invitation as it was, and its progress. Raises RefusedError, ForbiddenError, StepUpError."""
        invitation = await lookups.invitation_of(self._store, acceptance.invitation_id)
        generation = self._links.generation(invitation, acceptance.token)
        if invitation is None:
            # The same answer as for a wrong link.
            raise RefusedError(refused("link-invalid"))
        if generation is not None:
            need_permission(invitation, caller)
        command = await self._command(invitation, generation, acceptance, caller, cause)
        id = INVITATION.id(acceptance.invitation_id)
        outcome = await self._handler.handle(INVITATION, id, command, cause, answer=_progress)
        return invitation, outcome.answer

    async def decline(
        self, declination: Declination, caller: Principal | None, cause: Cause
    ) -> tuple[Invitation, dict[str, Any]]:
        """The invitation as it was, and its progress. ``caller`` None: the link alone. Raises RefusedError."""
        invitation = await lookups.invitation_of(self._store, declination.invitation_id)
        if invitation is None:
            raise RefusedError(refused("link-invalid"))
        command = DeclineInvitation(
            generation=self._links.generation(invitation, declination.token),
            by=lookups.person(caller) if caller else None,
            reason=declination.reason,
            at=cause.time,
        )
        id = INVITATION.id(declination.invitation_id)
        outcome = await self._handler.handle(INVITATION, id, command, cause, answer=_progress)
        return invitation, outcome.answer

    async def _command(
        self, invitation: Invitation, generation: int | None, acceptance: Acceptance, caller: Principal, cause: Cause
    ) -> AcceptInvitation:
        facts = await lookups.accepting(self._store, invitation, caller.organization_id)
        current = await lookups.with_present_names(self._store, invitation)
        return AcceptInvitation(
            generation=generation,
            acceptor=lookups.acceptor(caller, facts.acceptor),
            inviter_active=facts.inviter is not None,
            same_region=facts.same_region(caller.country),
            connected=facts.connected,
            room=facts.room,
            domain_proved=facts.domain_proved,
            consent=_consented(current, acceptance.language) if acceptance.consent else None,
            at=cause.time,
            partners={one.organization_id: one for one in current.partners},
            same_as=acceptance.same_as,
            proposed=await self._is_proposed(acceptance.same_as, invitation, caller),
        )

    async def proposals(self, invitation: Invitation, caller: Principal) -> list[Proposal]:
        """Imported customers of the inviting partners that may be the caller's organization."""
        if invitation.kind == "partnership" or caller.organization_kind != "customer":
            return []
        ids = [one.partner_id for one in invitation.partners]
        return await proposals(self._store, ids, await company_of(self._store, caller))

    async def _is_proposed(self, imported_id: str | None, invitation: Invitation, caller: Principal) -> bool:
        if imported_id is None:
            return False
        ids = [one.partner_id for one in invitation.partners]
        return await proposed(self._store, imported_id, await company_of(self._store, caller), *ids) is not None


def router(acceptances: Acceptances) -> APIRouter:
    routes = new_router()

    @routes.post("/v1/invitations/{invitation_id}/accept", tags=["invitations"], responses={410: OVER})
    async def accept_invitation(
        invitation_id: str, body: AcceptanceBody, once: Once, caller: Accepter
    ) -> InvitationView:
        """Accept for the caller's organization. The same organization gets the same answer again."""
        acceptance = Acceptance(
            invitation_id, body.token, body.consent, body.language or language_of(caller.culture), body.same_as
        )
        invitation, changed = await acceptances.accept(acceptance, caller, once.cause(caller))
        return InvitationView.model_validate(invitation_view(invitation).model_dump() | changed)

    @routes.post("/v1/invitations/{invitation_id}/decline", tags=["invitations"], responses={410: OVER})
    async def decline_invitation(invitation_id: str, body: DeclineBody, once: Once, caller: Caller) -> InvitationView:
        """Decline, with the link's token. The inviter gets a mail with the reason, if there is one."""
        declination = Declination(invitation_id, body.token, body.reason)
        invitation, changed = await acceptances.decline(declination, caller, once.cause(caller))
        return InvitationView.model_validate(invitation_view(invitation).model_dump() | changed)

    return routes


def _consented(invitation: Invitation, language: Language) -> Consented:
    return Consented(
        version=consent_to(invitation).version,
        language=language,
        words=tuple(consent_points(invitation, language)),
        box=BOX[language],
        network=client_network(),
    )


def need_permission(invitation: Invitation, caller: Principal) -> None:
    """Raises ForbiddenError. Callers of the wrong kind are refused by the domain, with a clearer reason."""
    kind, permission = ACCEPT[invitation.kind]
    if caller.organization_kind == kind:
        caller.need(permission)


def _progress(state: State) -> dict[str, Any]:
    return progress(state.invitation) if state.invitation else {}
