"""Decisions on mailboxes that the rules refuse: the program's staff may accept one for an enrollment, with a reason.

The company then enters it as its primary contact's; a partner does so for another contact. Taken back, the mailbox is
refused again; a contact who has it already stays.
"""

from dataclasses import dataclass
from typing import assert_never

from enrollment.domain.enrollment.addressing import known
from enrollment.domain.enrollment.facts import Fact
from enrollment.domain.enrollment.own_facts import MailboxAccepted, MailboxRefusedAgain
from enrollment.domain.enrollment.refusals import EnrollmentRefused, closed, own_company
from enrollment.domain.enrollment.state import AcceptedMailbox, Actor, Enrollment
from kontor_contracts.enrollment import MailboxExceptionGranted, MailboxExceptionWithdrawn, MailboxFault


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptMailbox:
    """``fault``: why the rules refuse the address; None: they do not."""

    email: str
    fault: MailboxFault | None
    reason: str
    actor: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseMailboxAgain:
    email: str
    actor: Actor


MailboxCommand = AcceptMailbox | RefuseMailboxAgain


def judge_mailbox(command: MailboxCommand, state: Enrollment) -> list[Fact]:
    if refused := own_company(command.actor, state) or _decided(state):
        return [refused]
    match command:
        case AcceptMailbox():
            return _accept(command, state)
        case RefuseMailboxAgain():
            return _refuse(command, state)
        case _:
            assert_never(command)


def is_accepted(state: Enrollment, email: str) -> bool:
    return any(one.email.casefold() == email.casefold() for one in state.accepted_mailboxes)


def _accept(command: AcceptMailbox, state: Enrollment) -> list[Fact]:
    if command.fault is None:
        detail = f"{command.email} is accepted by the rules; the company can enter it without an exception"
        return [EnrollmentRefused(reason="mailbox-exception-unneeded", field="email", detail=detail)]
    if is_accepted(state, command.email):
        return []
    granted = MailboxExceptionGranted(
        **known(state), address=command.email, fault=command.fault, granted_by=command.actor.user
    )
    accepted = AcceptedMailbox(command.email, command.fault, command.reason, command.actor.user, command.actor.at)
    return [MailboxAccepted(accepted), granted]


def _refuse(command: RefuseMailboxAgain, state: Enrollment) -> list[Fact]:
    if not is_accepted(state, command.email):
        return []
    withdrawn = MailboxExceptionWithdrawn(
        enrollment_id=state.enrollment_id, organization_id=state.organization_id, withdrawn_by=command.actor.user
    )
    return [MailboxRefusedAgain(command.email), withdrawn]


def _decided(state: Enrollment) -> EnrollmentRefused | None:
    if not state.open:
        return closed(state.status)
    if state.status == "qualified":
        detail = (
            "the program has decided; an exception can be made once the company is a partner and changes its contact"
        )
        return EnrollmentRefused(reason="not-editable", detail=detail)
    return None
