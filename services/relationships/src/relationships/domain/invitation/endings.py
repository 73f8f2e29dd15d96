"""The ends of an invitation without an acceptance: declined, revoked, expired."""

from dataclasses import replace
from datetime import datetime

from kontor_contracts.relationships import InvitationDeclined, InvitationExpired, InvitationRevoked
from kontor_contracts.values import Recipient
from relationships.domain.invitation.acceptance import AnswerNoted
from relationships.domain.invitation.commands import (
    AddresseeForgotten,
    DeclineInvitation,
    ForgetAddressee,
    ForgetPerson,
    PersonForgotten,
    RevokeInvitation,
)
from relationships.domain.invitation.state import Answer, Invitation, Person, closed, people_of, step, too_late
from relationships.domain.refusals import InvitationRefused, refused

ERASED = Recipient(name="-", email="erased@kontor.invalid")


def decline(
    command: DeclineInvitation, invitation: Invitation | None
) -> list[AnswerNoted | InvitationDeclined | InvitationRefused]:
    # The link is checked first: without it the answer says nothing about the invitation.
    if invitation is None or command.generation != invitation.generation:
        return [refused("link-invalid")]
    if invitation.status == "declined":
        return []
    if reason := closed(invitation, command.at):
        return [refused(reason)]
    if command.by is not None and command.by.organization_id == invitation.inviter.organization_id:
        return [refused("own-organization")]
    declined = InvitationDeclined(
        **step(invitation, command.at, command.by),
        reason=command.reason,
        name=command.by.contact.name if command.by else None,
        organization_name=command.by.organization_name if command.by else None,
    )
    return [AnswerNoted(Answer(person=command.by, at=command.at, reason=command.reason)), declined]


def revoke(command: RevokeInvitation, invitation: Invitation | None) -> list[InvitationRevoked | InvitationRefused]:
    """A draft can be revoked as well. It is then never sent."""
    match invitation:
        case Invitation(status="draft" | "sent"):
            return [InvitationRevoked(**step(invitation, command.at, command.by))]
        case Invitation(status="accepted"):
            return [refused("already-accepted")]
        case Invitation(status="declined"):
            return [refused("invitation-declined")]
        case Invitation(status="expired"):
            return [refused("invitation-expired")]
        case Invitation(status="revoked"):
            return []
        case _:
            return [refused("not-a-draft")]


def expire(at: datetime, invitation: Invitation | None) -> list[InvitationExpired]:
    if invitation is None or invitation.status != "sent" or not too_late(invitation, at):
        return []
    return [InvitationExpired(**step(invitation, at, None))]


def forget_addressee(command: ForgetAddressee, invitation: Invitation | None) -> list[AddresseeForgotten]:
    if invitation is None:
        return []
    known = invitation.recipient != ERASED or (command.inviter and invitation.inviter.contact != ERASED)
    return [AddresseeForgotten(command.inviter)] if known else []


def forget_person(command: ForgetPerson, invitation: Invitation | None) -> list[PersonForgotten]:
    known = invitation is not None and any(
        one.user_id == command.user_id and one.contact != ERASED for one in people_of(invitation)
    )
    return [PersonForgotten(command.user_id)] if known else []


def without_person(invitation: Invitation, user_id: str) -> Invitation:
    """The invitation without the name and address of a user."""
    sender, answer, evidence = invitation.sender, invitation.answer, invitation.evidence
    undecided = {
        one.request_id for one in invitation.requests if one.status == "open" and one.person.user_id == user_id
    }
    return replace(
        invitation,
        sender=None if sender and sender.user_id == user_id else sender,
        requests=tuple(
            replace(one, person=_nameless(one.person, user_id))
            for one in invitation.requests
            if one.request_id not in undecided
        ),
        answer=replace(answer, person=_nameless(answer.person, user_id)) if answer and answer.person else answer,
        evidence=replace(evidence, person=_nameless(evidence.person, user_id))
        if evidence and evidence.person
        else evidence,
    )


def _nameless(person: Person, user_id: str) -> Person:
    return replace(person, contact=ERASED) if person.user_id == user_id else person
