"""Decisions on an administrator grant."""

from datetime import datetime, timedelta
from typing import assert_never

from kontor_contracts.admin_grants import (
    AdminGrantActivated,
    AdminGrantApproved,
    AdminGrantDelayed,
    AdminGrantEnded,
    AdminGrantExpiring,
    AdminGrantExtended,
    AdminGrantExtensionChanged,
    AdminGrantRequested,
    GrantEnd,
)
from relationships.domain.admin_grant.commands import (
    ActivateGrant,
    ApproveGrant,
    Command,
    EndGrant,
    ForgetGrantContact,
    LookAtGrant,
    RequestGrant,
    SetAutoExtend,
)
from relationships.domain.admin_grant.evolve import ContactKnown, Fact, GrantForgotten
from relationships.domain.admin_grant.refusals import Reason, refused
from relationships.domain.admin_grant.state import ANSWERED_WITHIN, AdminGrant, State, due, reminder_due

TOP_ROLE = "global-administrator"


def decide(command: Command, state: State) -> list[Fact]:  # noqa: PLR0911  one answer per command
    grant = state.admin_grant
    if isinstance(command, RequestGrant):
        return [] if grant or state.forgotten else _request(command)
    if grant is None:
        return []
    match command:
        case ApproveGrant():
            return _approve(command, grant)
        case EndGrant():
            return _end(command, grant)
        case ActivateGrant():
            return _activate(grant)
        case SetAutoExtend():
            return _set_auto_extend(command, grant)
        case ForgetGrantContact(user_id):
            concerned = grant.contact_user is not None and user_id in {None, grant.contact_user}
            return [ContactKnown(None, None)] if concerned else []
        case LookAtGrant(at):
            date = due(state)
            return _look(at, grant) if date is not None and at >= date else []
        case _:
            assert_never(command)


def _request(command: RequestGrant) -> list[Fact]:
    terms = command.terms
    faults: tuple[tuple[bool, Reason], ...] = (
        (not command.related, "no-relationship"),
        (not command.reachable, "customer-unreachable"),
        (bool(terms.auto_extend_days) and TOP_ROLE in terms.roles, "auto-extend-of-top-role"),
        (not command.room, "too-many-grants"),
    )
    if reason := next((reason for holds, reason in faults if holds), None):
        return [refused(reason)]
    answer_by = command.at + ANSWERED_WITHIN
    return [
        AdminGrantRequested(grant=terms, requested_by=command.by, requested_at=command.at, answer_by=answer_by),
        ContactKnown(command.contact_user, terms.contact),
    ]


def _approve(command: ApproveGrant, grant: AdminGrant) -> list[Fact]:
    if grant.status in {"approved", "active"}:
        return []
    # It expires on time even if the timer is late.
    if grant.status != "requested" or command.at >= grant.requested_at + ANSWERED_WITHIN:
        return [refused("grant-not-pending")]
    expires_at = command.at + timedelta(days=grant.terms.days)
    terms = grant.terms.model_copy(update={"contact": command.contact})
    return [
        ContactKnown(command.by, command.contact),
        AdminGrantApproved(grant=terms, approved_by=command.by, approved_at=command.at, expires_at=expires_at),
    ]


def _activate(grant: AdminGrant) -> list[Fact]:
    if grant.status != "approved" or grant.expires_at is None:
        return []
    return [AdminGrantActivated(grant=grant.terms, expires_at=grant.expires_at)]


def _end(command: EndGrant, grant: AdminGrant) -> list[Fact]:
    if grant.status == "ended":
        return []
    pending = grant.status == "requested"
    because: GrantEnd
    match command.side:
        case "customer":
            because = "rejected" if pending else "ended-by-customer"
        case "partner":
            because = "withdrawn" if pending else "ended-by-partner"
        case _:
            because = "relationship-ended"
    return [_ended(grant, because, command.at, by=command.by, reason=command.reason)]


def _set_auto_extend(command: SetAutoExtend, grant: AdminGrant) -> list[Fact]:
    if not grant.open:
        return [refused("grant-not-open")]
    if grant.terms.auto_extend_days == command.days:
        return []
    if command.days and not command.by_customer:
        return [refused("auto-extend-by-customer")]
    if command.days and TOP_ROLE in grant.terms.roles:
        return [refused("auto-extend-of-top-role")]
    terms = grant.terms.model_copy(update={"auto_extend_days": command.days})
    return [AdminGrantExtensionChanged(grant=terms, changed_by=command.by)]


def _look(at: datetime, grant: AdminGrant) -> list[Fact]:
    if grant.status in {"ended", "requested"}:
        return [GrantForgotten()] if grant.status == "ended" else [_ended(grant, "unanswered", at)]
    if grant.status == "approved" and grant.approved_at:
        return [AdminGrantDelayed(grant=grant.terms, approved_at=grant.approved_at, looked_at=at)]
    if grant.expires_at is None:
        return []
    if at < grant.expires_at:
        days = reminder_due(grant, at)
        return [AdminGrantExpiring(grant=grant.terms, expires_at=grant.expires_at, days_left=days)] if days else []
    if grant.terms.auto_extend_days:
        until = max(at, grant.expires_at) + timedelta(days=grant.terms.auto_extend_days)
        return [AdminGrantExtended(grant=grant.terms, expires_at=until)]
    return [_ended(grant, "expired", at)]


def _ended(
    grant: AdminGrant, because: GrantEnd, at: datetime, *, by: str | None = None, reason: str | None = None
) -> AdminGrantEnded:
    return AdminGrantEnded(grant=grant.terms, because=because, ended_by=by, reason=reason, ended_at=at)
