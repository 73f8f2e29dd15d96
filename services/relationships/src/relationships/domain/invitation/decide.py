"""Decisions on an invitation: a partner asks a company to work with it.

It is accepted once, in time, by its personal link.
"""

from typing import assert_never

from relationships.domain.invitation.acceptance import AcceptInvitation, accept
from relationships.domain.invitation.access import ask_access, change_access, decide_access
from relationships.domain.invitation.commands import (
    AskAccess,
    ChangeAccess,
    Command,
    ConfirmSending,
    DecideAccess,
    DeclineInvitation,
    DraftInvitation,
    EditMail,
    ExpireInvitation,
    FollowSender,
    ForgetAddressee,
    ForgetPerson,
    NoteEnrolled,
    NoteUndeliverable,
    NoteView,
    RemindInvitation,
    RevokeInvitation,
    SendInvitation,
)
from relationships.domain.invitation.drafting import draft, edit
from relationships.domain.invitation.endings import decline, expire, forget_addressee, forget_person, revoke
from relationships.domain.invitation.evolve import Fact
from relationships.domain.invitation.sending import confirm_sending, send
from relationships.domain.invitation.state import Invitation, State
from relationships.domain.invitation.waiting import follow_sender, note_enrolled, note_undeliverable, note_view, remind


def decide(command: Command, state: State) -> list[Fact]:  # noqa: PLR0911  one answer per command
    invitation = state.invitation
    match command:
        case DraftInvitation():
            return [] if invitation else [*draft(command)]
        case EditMail(mail):
            return [*edit(mail, invitation)]
        case SendInvitation():
            return [*send(command, invitation)]
        case ConfirmSending():
            return [*confirm_sending(command, invitation)]
        case ChangeAccess() | AskAccess() | DecideAccess():
            return _access(command, invitation)
        case AcceptInvitation():
            return [*accept(command, invitation)]
        case RemindInvitation() | NoteEnrolled() | NoteUndeliverable() | NoteView() | FollowSender():
            return _waiting(command, invitation)
        case _:
            return _ending(command, invitation)


def _ending(
    command: RevokeInvitation | DeclineInvitation | ExpireInvitation | ForgetAddressee | ForgetPerson,
    invitation: Invitation | None,
) -> list[Fact]:
    match command:
        case RevokeInvitation():
            return [*revoke(command, invitation)]
        case DeclineInvitation():
            return [*decline(command, invitation)]
        case ExpireInvitation(at):
            return [*expire(at, invitation)]
        case ForgetAddressee():
            return [*forget_addressee(command, invitation)]
        case ForgetPerson():
            return [*forget_person(command, invitation)]
        case _:
            assert_never(command)


def _access(command: ChangeAccess | AskAccess | DecideAccess, invitation: Invitation | None) -> list[Fact]:
    match command:
        case ChangeAccess():
            return [*change_access(command, invitation)]
        case AskAccess():
            return [*ask_access(command, invitation)]
        case DecideAccess():
            return [*decide_access(command, invitation)]
        case _:
            assert_never(command)


def _waiting(
    command: RemindInvitation | NoteEnrolled | NoteUndeliverable | NoteView | FollowSender,
    invitation: Invitation | None,
) -> list[Fact]:
    match command:
        case RemindInvitation():
            return [*remind(command, invitation)]
        case NoteEnrolled():
            return [*note_enrolled(command, invitation)]
        case NoteUndeliverable():
            return [*note_undeliverable(command, invitation)]
        case NoteView():
            return [*note_view(command, invitation)]
        case FollowSender():
            return [*follow_sender(command, invitation)]
        case _:
            assert_never(command)
