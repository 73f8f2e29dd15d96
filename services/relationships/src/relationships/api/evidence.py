"""The evidence of an acceptance over HTTP, for both sides."""

from typing import Any

from fastapi import APIRouter, Response

from chassis import Caller, MongoStore, Principal, language_of, new_router, not_found
from relationships import lookups
from relationships.api.acceptance import ACCEPT
from relationships.api.invitations import READ
from relationships.api.views import EvidenceView, evidence_view
from relationships.domain.invitation.state import Evidence, Invitation
from relationships.wording import evidence_text

TEXT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {}}, "description": "The evidence as a text, in the caller's language."}
}


def router(store: MongoStore) -> APIRouter:
    routes = new_router("/v1/invitations", tags=["invitations"])

    async def found(invitation_id: str, caller: Principal) -> tuple[Invitation, Evidence]:
        invitation = await lookups.invitation_of(store, invitation_id)
        if invitation is None or invitation.evidence is None or not _is_party(invitation, caller):
            raise not_found("evidence")
        _, accepting = ACCEPT[invitation.kind]
        if accepting not in caller.permissions:
            caller.need(READ[invitation.kind])
        return invitation, invitation.evidence

    @routes.get("/{invitation_id}/evidence")
    async def show_evidence(invitation_id: str, caller: Caller) -> EvidenceView:
        """What was agreed to, the person and the time. For the inviter, its provider, and the company that accepted."""
        return evidence_view(*await found(invitation_id, caller))

    @routes.get("/{invitation_id}/evidence.txt", responses=TEXT, response_class=Response)
    async def download_evidence(invitation_id: str, caller: Caller) -> Response:
        invitation, evidence = await found(invitation_id, caller)
        text = evidence_text(invitation, evidence, language_of(caller.culture))
        headers = {"content-disposition": f'attachment; filename="acceptance-{invitation_id}.txt"'}
        return Response(text, media_type="text/plain; charset=utf-8", headers={**headers, "cache-control": "no-store"})

    return routes


def _is_party(invitation: Invitation, caller: Principal) -> bool:
    parties = {one.organization_id for one in invitation.partners} | {invitation.accepted_by}
    return caller.organization_id in parties
