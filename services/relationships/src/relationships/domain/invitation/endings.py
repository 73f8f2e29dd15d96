"""The ends of an invitation without an acceptance: declined, revoked, expired."""

from datetime import datetime

from kontor_contracts.relationships import InvitationDeclined, InvitationExpired, InvitationRevoked
from kontor_contracts.values import Recipient
from relationships.domain.invitation.acceptance import AnswerNoted
from relationships.domain.invitation.commands import (
    AddresseeForgotten,
    DeclineInvitation,
    ForgetAddressee,
    ForgetSender,
    RevokeInvitation,
    SenderForgotten,
)
from relationships.domain.invitation.state import Answer, Invitation, closed, step, too_late
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


def forget_sender(command: ForgetSender, invitation: Invitation | None) -> list[SenderForgotten]:
    sender = invitation.sender if invitation else None
    return [SenderForgotten()] if sender and sender.user_id == command.user_id else []
