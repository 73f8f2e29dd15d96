"""What happens to an open invitation while it waits: reminders, a mail that came back, the first look at it."""

from kontor_contracts.relationships import (
    InvitationReady,
    InvitationReminded,
    InvitationUndeliverable,
    InvitationViewed,
)
from relationships.domain.invitation.commands import (
    FollowSender,
    NoteEnrolled,
    NoteUndeliverable,
    NoteView,
    RemindInvitation,
    SenderFollowed,
)
from relationships.domain.invitation.state import Invitation, closed, reminder_times, step


def remind(command: RemindInvitation, invitation: Invitation | None) -> list[InvitationReminded]:
    """One reminder, also where the times of both have passed meanwhile.

    The addressee gets none of an invitation that it could not accept.
    """
    if invitation is None or closed(invitation, command.at):
        return []
    passed = sum(1 for time in reminder_times(invitation) if command.at >= time)
    expires_at = invitation.expires_at
    if passed <= invitation.reminders or expires_at is None:
        return []
    reachable = command.acceptable and invitation.sent_by == "kontor" and invitation.undeliverable is None
    return [
        InvitationReminded(
            **step(invitation, command.at, None),
            number=passed,
            reminded="addressee" if reachable else "inviter",
            mail_subject=invitation.mail.subject,
            sealed_link=command.sealed_link if reachable else None,
            expires_at=expires_at,
        )
    ]


def note_enrolled(command: NoteEnrolled, invitation: Invitation | None) -> list[InvitationReady]:
    """Once, for an invitation that the company could not accept when it was sent."""
    if invitation is None or closed(invitation, command.at) or invitation.ready_at is not None:
        return []
    if invitation.kind != "partnership" or invitation.expires_at is None:
        return []
    return [
        InvitationReady(
            **step(invitation, command.at, None),
            sealed_link=command.sealed_link,
            expires_at=invitation.expires_at,
        )
    ]


def note_undeliverable(command: NoteUndeliverable, invitation: Invitation | None) -> list[InvitationUndeliverable]:
    """Once for each sending."""
    if invitation is None or closed(invitation, command.at) or invitation.undeliverable:
        return []
    return [InvitationUndeliverable(**step(invitation, command.at, None), reason=command.reason)]


def follow_sender(command: FollowSender, invitation: Invitation | None) -> list[SenderFollowed]:
    sender = invitation.sender if invitation else None
    if invitation is None or sender is None or sender.user_id != command.user_id:
        return []
    return [SenderFollowed(command.away)] if invitation.sender_away != command.away else []


def note_view(command: NoteView, invitation: Invitation | None) -> list[InvitationViewed]:
    """The first time, by somebody else than the inviter."""
    if invitation is None or closed(invitation, command.at) or invitation.viewed_at is not None:
        return []
    if command.by.organization_id == invitation.inviter.organization_id:
        return []
    return [InvitationViewed(**step(invitation, command.at, command.by))]
