"""Sending an invitation, for the first time or again."""

from kontor_contracts.relationships import InvitationSent
from relationships.domain.invitation.commands import SendingNoted, SendInvitation
from relationships.domain.invitation.state import LIFETIMES, Invitation, with_partners
from relationships.domain.refusals import InvitationRefused, Reason, refused


def send(
    command: SendInvitation, invitation: Invitation | None
) -> list[InvitationSent | SendingNoted | InvitationRefused]:
    """Never twice for one request. A second sending voids the link of the first."""
    if invitation is None:
        return [refused("not-a-draft")]
    if invitation.request == command.request:
        return []
    if reason := _unready(command, invitation):
        return [refused(reason)]
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


def next_generation(invitation: Invitation) -> int:
    """The generation of the link that is mailed when the invitation is sent again."""
    return invitation.generation + 1


def _unready(command: SendInvitation, invitation: Invitation) -> Reason | None:
    status = invitation.status
    if status in ("accepted", "declined", "revoked"):
        reasons: dict[str, Reason] = {
            "accepted": "already-accepted",
            "declined": "invitation-declined",
            "revoked": "invitation-revoked",
        }
        return reasons[status]
    if not command.again:
        return None if status == "draft" else "already-sent"
    if status == "draft":
        return "not-sent"
    # Somebody else has sent it again since this request looked: its link would be void.
    return None if command.generation == next_generation(invitation) else "sent-meanwhile"
