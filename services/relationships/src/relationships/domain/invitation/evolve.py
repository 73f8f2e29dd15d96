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
    InvitationReady,
    InvitationReminded,
    InvitationRevoked,
    InvitationSent,
    InvitationSentByInviter,
    InvitationUndeliverable,
    InvitationViewed,
)
from relationships.domain.invitation.acceptance import AnswerNoted
from relationships.domain.invitation.commands import (
    AddresseeForgotten,
    InvitationPrepared,
    MailEdited,
    PersonForgotten,
    RequestsNoted,
    SenderFollowed,
    SendingNoted,
)
from relationships.domain.invitation.endings import ERASED, without_person
from relationships.domain.invitation.state import LINK, Invitation, Mail, State, Status, Undeliverable
from relationships.domain.refusals import InvitationRefused

Ended = InvitationDeclined | InvitationRevoked | InvitationExpired
Access = InvitationAccessRequested | InvitationAccessConfirmed | InvitationAccessRefused
Noted = MailEdited | SendingNoted | RequestsNoted | AnswerNoted | SenderFollowed | AddresseeForgotten
"""Not announced."""

Waited = InvitationReminded | InvitationReady | InvitationUndeliverable | InvitationViewed
Told = (
    InvitationDrafted
    | InvitationSent
    | InvitationSentByInviter
    | Waited
    | InvitationAccessChanged
    | Access
    | InvitationAccepted
    | Ended
)
Fact = InvitationPrepared | PersonForgotten | Noted | Told | InvitationRefused

ENDS: Mapping[type[InvitationAccepted | Ended], Status] = {
    InvitationAccepted: "accepted",
    InvitationDeclined: "declined",
    InvitationRevoked: "revoked",
    InvitationExpired: "expired",
}


def evolve(state: State, fact: Fact) -> State:
    if isinstance(fact, InvitationPrepared):
        return State(fact.invitation)
    invitation = state.invitation
    if isinstance(fact, PersonForgotten):
        return State(without_person(invitation, fact.user_id)) if invitation else state
    return State(replace(invitation, **_changes(fact, invitation))) if invitation else state


def _changes(fact: Fact, invitation: Invitation) -> dict[str, Any]:
    match fact:
        case InvitationSent() | InvitationSentByInviter():
            return {
                "status": "sent",
                "expires_at": fact.expires_at,
                "reminders": 0,
                "undeliverable": None,
                **_way(fact),
            }
        case InvitationReminded() | InvitationReady() | InvitationUndeliverable() | InvitationViewed():
            return _waited(fact)
        case InvitationAccepted() | InvitationDeclined() | InvitationRevoked() | InvitationExpired():
            by = fact.accepting_organization_id if isinstance(fact, InvitationAccepted) else None
            return {"status": ENDS[type(fact)], "accepted_by": by}
        case InvitationAccessChanged(anyone_with_link=anyone):
            return {"anyone": anyone}
        case MailEdited() | SendingNoted() | RequestsNoted() | AnswerNoted() | SenderFollowed() | AddresseeForgotten():
            return _noted(fact, invitation)
        case _:
            # The other facts change no state.
            return {}


def _way(fact: InvitationSent | InvitationSentByInviter) -> dict[str, Any]:
    if isinstance(fact, InvitationSentByInviter):
        return {"sent_by": "inviter", "sent_at": fact.at}
    partners = {"inviter": fact.inviter, "provider": fact.provider}
    return {"sent_by": "kontor", "generation": fact.attempt, "sent_at": fact.sent_at, **partners}


def _waited(fact: Waited) -> dict[str, Any]:
    match fact:
        case InvitationReminded(number=number):
            return {"reminders": number}
        case InvitationReady(at=at):
            return {"ready_at": at}
        case InvitationUndeliverable(reason=reason, at=at):
            return {"undeliverable": Undeliverable(reason=reason, at=at)}
        case InvitationViewed(at=at):
            return {"viewed_at": at}
        case _:
            assert_never(fact)


def _noted(fact: Noted, invitation: Invitation) -> dict[str, Any]:
    match fact:
        case MailEdited(mail):
            return {"mail": mail}
        case SendingNoted(request):
            return {"request": request}
        case RequestsNoted(requests):
            return {"requests": requests}
        case AnswerNoted(answer, evidence):
            return {"answer": answer, "evidence": evidence}
        case SenderFollowed(away):
            return {"sender_away": away}
        case AddresseeForgotten(inviter):
            nobody = replace(invitation.answer, person=None, reason=None) if invitation.answer else None
            kept = replace(invitation.evidence, person=None) if invitation.evidence else None
            left = {"recipient": ERASED, "mail": Mail("-", LINK), "sender": None, "requests": ()}
            over = _without_inviter(invitation) if inviter else {}
            return {**left, "answer": nobody, "evidence": kept, **over}
        case _:
            assert_never(fact)


def _without_inviter(invitation: Invitation) -> dict[str, Any]:
    status: Status = "revoked" if invitation.status in {"draft", "sent"} else invitation.status
    return {"inviter": invitation.inviter.model_copy(update={"contact": ERASED}), "status": status}
