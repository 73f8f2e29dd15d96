"""What the facts of an invitation change."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, assert_never

from kontor_contracts.relationships import (
    InvitationAccepted,
    InvitationAccessChanged,
    InvitationAccessConfirmed,
    InvitationAccessRefused,
    InvitationAccessRequested,
    InvitationDeclined,
    InvitationDrafted,
    InvitationExpired,
    InvitationRevoked,
    InvitationSent,
)
from relationships.domain.invitation.acceptance import AnswerNoted
from relationships.domain.invitation.commands import (
    AddresseeForgotten,
    InvitationPrepared,
    MailEdited,
    RequestsNoted,
    SendingNoted,
)
from relationships.domain.invitation.endings import ERASED
from relationships.domain.invitation.state import LINK, Invitation, Mail, State, Status
from relationships.domain.refusals import InvitationRefused

Ended = InvitationDeclined | InvitationRevoked | InvitationExpired
Access = InvitationAccessRequested | InvitationAccessConfirmed | InvitationAccessRefused
Noted = MailEdited | SendingNoted | RequestsNoted | AnswerNoted | AddresseeForgotten
"""Not announced."""

Told = InvitationDrafted | InvitationSent | InvitationAccessChanged | Access | InvitationAccepted | Ended
Fact = InvitationPrepared | Noted | Told | InvitationRefused

ENDS: Mapping[type[Ended], Status] = {
    InvitationDeclined: "declined",
    InvitationRevoked: "revoked",
    InvitationExpired: "expired",
}


def evolve(state: State, fact: Fact) -> State:
    if isinstance(fact, InvitationPrepared):
        return State(fact.invitation)
    invitation = state.invitation
    return State(replace(invitation, **_changes(fact, invitation))) if invitation else state


def _changes(fact: Fact, invitation: Invitation) -> dict[str, Any]:
    match fact:
        case InvitationSent(expires_at=expires_at, inviter=inviter, provider=provider):
            changes = {"status": "sent", "expires_at": expires_at, "inviter": inviter, "provider": provider}
            return {**changes, "generation": fact.attempt, "sent_at": fact.sent_at}
        case InvitationAccepted(accepting_organization_id=organization_id):
            return {"status": "accepted", "accepted_by": organization_id}
        case InvitationDeclined() | InvitationRevoked() | InvitationExpired():
            return {"status": ENDS[type(fact)]}
        case InvitationAccessChanged(anyone_with_link=anyone):
            return {"anyone": anyone}
        case MailEdited() | SendingNoted() | RequestsNoted() | AnswerNoted() | AddresseeForgotten():
            return _noted(fact, invitation)
        case _:
            # The rest only tells others.
            return {}


def _noted(fact: Noted, invitation: Invitation) -> dict[str, Any]:
    match fact:
        case MailEdited(mail):
            return {"mail": mail}
        case SendingNoted(request):
            return {"request": request}
        case RequestsNoted(requests):
            return {"requests": requests}
        case AnswerNoted(answer):
            return {"answer": answer}
        case AddresseeForgotten():
            nobody = replace(invitation.answer, person=None, reason=None) if invitation.answer else None
            return {"recipient": ERASED, "mail": Mail("-", LINK), "sender": None, "answer": nobody, "requests": ()}
        case _:
            assert_never(fact)
