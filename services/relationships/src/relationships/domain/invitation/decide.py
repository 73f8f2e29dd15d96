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
    DecideAccess,
    DeclineInvitation,
    DraftInvitation,
    EditMail,
    ExpireInvitation,
    ForgetAddressee,
    RevokeInvitation,
    SendInvitation,
)
from relationships.domain.invitation.drafting import draft, edit
from relationships.domain.invitation.endings import decline, expire, forget_addressee, revoke
from relationships.domain.invitation.evolve import Fact
from relationships.domain.invitation.sending import send
from relationships.domain.invitation.state import Invitation, State


def decide(command: Command, state: State) -> list[Fact]:  # noqa: PLR0911  one answer per command
    invitation = state.invitation
    match command:
        case DraftInvitation():
            return [] if invitation else [*draft(command)]
        case EditMail(mail):
            return [*edit(mail, invitation)]
        case SendInvitation():
            return [*send(command, invitation)]
        case RevokeInvitation():
            return [*revoke(command, invitation)]
        case DeclineInvitation():
            return [*decline(command, invitation)]
        case ForgetAddressee():
            return [*forget_addressee(invitation)]
        case ChangeAccess() | AskAccess() | DecideAccess():
            return _access(command, invitation)
        case ExpireInvitation(at):
            return [*expire(at, invitation)]
        case AcceptInvitation():
            return [*accept(command, invitation)]
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
