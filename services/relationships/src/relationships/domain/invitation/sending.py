"""Sending an invitation: for the first time, by Kontor or by the inviter, or again."""

from typing import assert_never

from kontor_contracts.relationships import InvitationSent, InvitationSentByInviter
from relationships.domain.invitation.commands import ConfirmSending, SendingNoted, SendInvitation
from relationships.domain.invitation.state import LIFETIMES, Invitation, step, with_partners
from relationships.domain.refusals import InvitationRefused, Reason, refused


def send(
    command: SendInvitation, invitation: Invitation | None
) -> list[InvitationSent | SendingNoted | InvitationRefused]:
    """Never twice for one request. A second sending voids the link of the first."""
    if invitation is None:
        return [refused("not-a-draft")]
    if invitation.request == command.request:
        return []
    if reason := _unready(invitation, again=command.again):
        return [refused(reason)]
    if command.again and command.generation != next_generation(invitation):
        # Somebody else has sent it again since this request looked: its link would be void.
        return [refused("sent-meanwhile")]
    invitation = with_partners(invitation, command.partners)
    sent = InvitationSent(
        invitation_id=invitation.invitation_id,
        kind=invitation.kind,
        inviter=invitation.inviter,
        provider=invitation.provider,
        recipient=invitation.recipient,
        mail_subject=invitation.mail.subject,
        mail_body=invitation.mail.body,
        sealed_link=command.sealed_link,
        expires_at=command.at + LIFETIMES[invitation.kind],
        attempt=command.generation,
        previous=invitation.status,
        sent_by=command.by,
        sent_at=command.at,
    )
    return [SendingNoted(command.request), sent]


def confirm_sending(
    command: ConfirmSending, invitation: Invitation | None
) -> list[InvitationSentByInviter | SendingNoted | InvitationRefused]:
    """Only a draft: what was sent already is sent again by Kontor, with a new link."""
    if invitation is None:
        return [refused("not-a-draft")]
    if invitation.request == command.request:
        return []
    if reason := _unready(invitation, again=False):
        return [refused(reason)]
    facts = step(invitation, command.at, command.by)
    sent = InvitationSentByInviter(**facts, expires_at=command.at + LIFETIMES[invitation.kind])
    return [SendingNoted(command.request), sent]


def next_generation(invitation: Invitation) -> int:
    """The generation of the link that is mailed when the invitation is sent again."""
    return invitation.generation + 1


def _unready(invitation: Invitation, *, again: bool) -> Reason | None:
    match invitation.status:
        case "accepted":
            return "already-accepted"
        case "declined":
            return "invitation-declined"
        case "revoked":
            return "invitation-revoked"
        case "draft":
            return "not-sent" if again else None
        case "sent" | "expired":
            return None if again else "already-sent"
        case _:
            assert_never(invitation.status)
