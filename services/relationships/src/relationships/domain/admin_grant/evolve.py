"""How facts change an administrator grant."""

from dataclasses import dataclass, replace
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
)
from kontor_contracts.values import Recipient
from relationships.domain.admin_grant.refusals import GrantRefused
from relationships.domain.admin_grant.state import AdminGrant, State


@dataclass(frozen=True, slots=True)
class ContactKnown:
    """The user at the customer whose mails these are; None: erased. It is announced to nobody."""

    user_id: str | None
    contact: Recipient | None


@dataclass(frozen=True, slots=True)
class GrantForgotten:
    """It ended a year ago. It is announced to nobody: nothing changes for anybody."""


Fact = (
    ContactKnown
    | GrantForgotten
    | AdminGrantRequested
    | AdminGrantApproved
    | AdminGrantActivated
    | AdminGrantDelayed
    | AdminGrantExtended
    | AdminGrantExtensionChanged
    | AdminGrantExpiring
    | AdminGrantEnded
    | GrantRefused
)


def evolve(state: State, fact: Fact) -> State:
    if isinstance(fact, AdminGrantRequested):
        return State(AdminGrant(terms=fact.grant, status="requested", requested_at=fact.requested_at))
    if isinstance(fact, GrantForgotten):
        return State(forgotten=True)
    return State(_changed(state.admin_grant, fact)) if state.admin_grant else state


def _changed(  # noqa: PLR0911  one answer per fact
    grant: AdminGrant,
    fact: ContactKnown
    | AdminGrantApproved
    | AdminGrantActivated
    | AdminGrantDelayed
    | AdminGrantExtended
    | AdminGrantExtensionChanged
    | AdminGrantExpiring
    | AdminGrantEnded
    | GrantRefused,
) -> AdminGrant:
    match fact:
        case AdminGrantApproved():
            return replace(grant, status="approved", approved_at=fact.approved_at, expires_at=fact.expires_at)
        case AdminGrantActivated():
            return replace(grant, status="active", expires_at=fact.expires_at)
        case AdminGrantDelayed():
            return replace(grant, tried_at=fact.looked_at)
        case AdminGrantExtended():
            return replace(grant, expires_at=fact.expires_at, reminded=None)
        case AdminGrantExtensionChanged():
            return replace(grant, terms=fact.grant)
        case AdminGrantExpiring():
            return replace(grant, reminded=fact.days_left)
        case AdminGrantEnded():
            return replace(
                grant,
                status="ended",
                ended_at=fact.ended_at,
                ended_because=fact.because,
                ended_reason=fact.reason,
            )
        case ContactKnown(user_id, contact):
            terms = grant.terms.model_copy(update={"contact": contact})
            return replace(grant, contact_user=user_id, terms=terms)
        case GrantRefused():
            return grant
        case _:
            assert_never(fact)
