"""Response models of a customer's own side: its resellers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from chassis import MongoStore
from kontor_contracts.customers import EndedBy
from kontor_contracts.values import Permission
from relationships import lookups
from relationships.domain.customer.state import Relationship, State, history_of
from relationships.domain.partner import Company


class AcceptanceView(BaseModel):
    """The last acceptance that gave the permissions. ``consent``: the version of the text; null before it was kept."""

    invitation_id: str
    accepted_at: datetime | None
    consent: str | None


class ResellerView(BaseModel):
    """What a partner may do for the caller's organization.

    ``acceptance`` is null for a partner that came from another portal. ``until``: null while there is no end. Subscriptions
    that are active must be suspended or moved before the relationship can be ended.
    """

    partner_id: str
    organization_id: str | None
    name: str | None
    role: Literal["reseller", "provider"] | None
    active: bool
    permissions: tuple[Permission, ...]
    since: datetime
    acceptance: AcceptanceView | None
    active_subscriptions: int
    until: datetime | None = None
    ended_by: EndedBy | None = None
    ended_reason: str | None = None


async def reseller_views(store: MongoStore, customer: State, *, ended: bool) -> list[ResellerView]:
    """The partners of a customer with their present names; ``ended``: those of the past instead. One round trip."""
    shown = history_of(customer) if ended else customer.holding
    known = await lookups.partners_by_id(store, [one.partner_id for one in shown])
    return [_reseller(one, known.get(one.partner_id)) for one in _newest_first(shown)]


def _newest_first(found: Sequence[Relationship]) -> Sequence[Relationship]:
    return sorted(found, key=lambda one: (one.ended_at or one.since, one.partner_id), reverse=True)


def _reseller(relationship: Relationship, company: Company | None) -> ResellerView:
    partner = company.partner if company else None
    role: Literal["reseller", "provider"] | None = relationship.role
    if partner:
        role = "reseller" if partner.program == "indirect-reseller" else "provider"
    return ResellerView(
        partner_id=relationship.partner_id,
        organization_id=partner.organization_id if partner else relationship.organization_id,
        name=partner.name if partner else relationship.name,
        role=role,
        # A suspended partner keeps its relationship, and may do nothing meanwhile.
        active=relationship.holds and company is not None and company.active,
        permissions=relationship.permissions if relationship.holds else (),
        since=relationship.since,
        acceptance=_acceptance(relationship),
        active_subscriptions=relationship.active_subscriptions,
        until=relationship.ended_at,
        ended_by=relationship.ended_by,
        ended_reason=relationship.ended_reason,
    )


def _acceptance(relationship: Relationship) -> AcceptanceView | None:
    if not relationship.invitations:
        return None
    return AcceptanceView(
        invitation_id=relationship.invitations[-1],
        accepted_at=relationship.accepted_at,
        consent=relationship.consent,
    )
