"""Decisions on an invitation: a partner asks a company to work with it.

It is accepted once, in time, by its personal link.
"""

from dataclasses import replace
from typing import Any, assert_never

from kontor_contracts.relationships import (
    InvitationAccepted,
    InvitationDeclined,
    InvitationDrafted,
    InvitationExpired,
    InvitationRevoked,
    InvitationSent,
)
from relationships.domain.invitation.acceptance import AcceptInvitation, AnswerNoted, accept
from relationships.domain.invitation.commands import (
    AddresseeForgotten,
    Command,
    DeclineInvitation,
    DraftInvitation,
    EditMail,
    ExpireInvitation,
    ForgetAddressee,
    InvitationPrepared,
    MailEdited,
    RequestNoted,
    RevokeInvitation,
    SendInvitation,
)
from relationships.domain.invitation.drafting import draft, edit
from relationships.domain.invitation.endings import ERASED, decline, expire, forget_addressee, revoke
from relationships.domain.invitation.sending import send
from relationships.domain.invitation.state import LINK, Invitation, Mail, State
from relationships.domain.refusals import InvitationRefused

Fact = (
    InvitationPrepared
    | InvitationDrafted
    | MailEdited
    | RequestNoted
    | InvitationSent
    | AnswerNoted
    | InvitationDeclined
    | InvitationRevoked
    | InvitationExpired
    | AddresseeForgotten
    | InvitationAccepted
    | InvitationRefused
)


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
        case ExpireInvitation(at):
            return [*expire(at, invitation)]
        case AcceptInvitation():
            return [*accept(command, invitation)]
        case _:
            assert_never(command)


def evolve(state: State, fact: Fact) -> State:
    if isinstance(fact, InvitationPrepared):
        return State(fact.invitation)
    invitation = state.invitation
    return State(replace(invitation, **_changes(fact, invitation))) if invitation else state


def _changes(fact: Fact, invitation: Invitation) -> dict[str, Any]:  # noqa: PLR0911  one answer per fact
    match fact:
        case MailEdited(mail):
            return {"mail": mail}
        case RequestNoted(request):
            return {"request": request}
        case InvitationSent(
            expires_at=expires_at, inviter=inviter, provider=provider, attempt=attempt, sent_at=sent_at
        ):
            changes = {"status": "sent", "expires_at": expires_at, "inviter": inviter, "provider": provider}
            return {**changes, "generation": attempt, "sent_at": sent_at}
        case AnswerNoted(answer):
            return {"answer": answer}
        case InvitationDeclined():
            return {"status": "declined"}
        case InvitationRevoked():
            return {"status": "revoked"}
        case InvitationExpired():
            return {"status": "expired"}
        case InvitationAccepted(accepting_organization_id=organization_id):
            return {"status": "accepted", "accepted_by": organization_id}
        case AddresseeForgotten():
            nobody = replace(invitation.answer, person=None, reason=None) if invitation.answer else None
            return {"recipient": ERASED, "mail": Mail("-", LINK), "sender": None, "answer": nobody}
        case InvitationDrafted() | InvitationRefused() | InvitationPrepared():
            return {}
        case _:
            assert_never(fact)
