"""Lets others than the addressee accept: one company on its request, or all who hold the link."""

from dataclasses import replace

from kontor_contracts.relationships import (
    InvitationAccessChanged,
    InvitationAccessConfirmed,
    InvitationAccessRefused,
    InvitationAccessRequested,
)
from relationships.domain.invitation.commands import AskAccess, ChangeAccess, DecideAccess, RequestsNoted
from relationships.domain.invitation.entitlement import entitled, request_of
from relationships.domain.invitation.state import AccessRequest, AccessStatus, Invitation, closed, step
from relationships.domain.refusals import InvitationRefused, refused

MOST_REQUESTS = 20
"""For one invitation. Its link is then better revoked than given to more people."""


def change_access(
    command: ChangeAccess, invitation: Invitation | None
) -> list[InvitationAccessChanged | InvitationRefused]:
    if invitation is None:
        return [refused("not-a-draft")]
    if invitation.anyone == command.anyone:
        return []
    if invitation.status != "draft" and (reason := closed(invitation, command.at)):
        return [refused(reason)]
    facts = step(invitation, command.at, command.by)
    return [InvitationAccessChanged(**facts, anyone_with_link=command.anyone)]


def ask_access(
    command: AskAccess, invitation: Invitation | None
) -> list[RequestsNoted | InvitationAccessRequested | InvitationRefused]:
    # The link is checked first: without it the answer says nothing about the invitation.
    if invitation is None or command.generation != invitation.generation:
        return [refused("link-invalid")]
    if reason := closed(invitation, command.at) or command.misfit:
        return [refused(reason)]
    person = command.person
    if entitled(invitation, person, domain_proved=command.domain_proved):
        return [refused("access-unneeded")]
    if known := request_of(invitation, person.organization_id):
        return [] if known.status == "open" else [refused("access-refused")]
    if len(invitation.requests) >= MOST_REQUESTS:
        return [refused("too-many-access-requests")]
    asked = AccessRequest(request_id=command.request_id, person=person, asked_at=command.at)
    facts = {**step(invitation, command.at, person), **_names(asked)}
    return [RequestsNoted((*invitation.requests, asked)), InvitationAccessRequested(**facts)]


def decide_access(
    command: DecideAccess, invitation: Invitation | None
) -> list[RequestsNoted | InvitationAccessConfirmed | InvitationAccessRefused | InvitationRefused]:
    known = (
        next((one for one in invitation.requests if one.request_id == command.request_id), None) if invitation else None
    )
    if invitation is None or known is None:
        return [refused("access-unknown")]
    status: AccessStatus = "confirmed" if command.confirmed else "refused"
    if known.status == status:
        return []
    if reason := closed(invitation, command.at):
        return [refused(reason)]
    decided = replace(known, status=status, decided_by=command.by.user_id, decided_at=command.at)
    noted = RequestsNoted(tuple(decided if one is known else one for one in invitation.requests))
    facts = {**step(invitation, command.at, command.by), **_names(known)}
    if not command.confirmed:
        return [noted, InvitationAccessRefused(**facts)]
    if command.generation != invitation.generation:
        # It was sent again since this request looked: the link of the mail would be void.
        return [refused("sent-meanwhile")]
    link = {"sealed_link": command.sealed_link, "expires_at": invitation.expires_at}
    return [noted, InvitationAccessConfirmed(**facts, **link)]


def _names(request: AccessRequest) -> dict[str, object]:
    person = request.person
    return {
        "request_id": request.request_id,
        "requester": person.contact,
        "requester_id": person.user_id,
        "requesting_organization_id": person.organization_id,
        "requesting_organization_name": person.organization_name,
    }
