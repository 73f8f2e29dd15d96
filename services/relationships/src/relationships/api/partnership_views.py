"""Partnerships as their two sides see them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from chassis import MongoStore, UnavailableError
from kontor_contracts.relationships import PartnershipEndReason, PartnershipSide
from kontor_contracts.values import Partner
from relationships import lookups
from relationships.domain.partner import Company
from relationships.domain.partnership import Ending, Partnership, PastPartnership, State, known_partnership, side_of

PartnershipState = Literal["active", "suspended", "ended"]


class EndingView(BaseModel):
    """``by``: the side that ended the partnership; null: the program."""

    at: datetime
    by: PartnershipSide | None
    reason: PartnershipEndReason
    comment: str | None


class PartnershipView(BaseModel):
    """A partnership with its other side: ``organization_id``, ``partner_id``, ``name`` and ``country`` are that company's.

    ``admin_access``: the provider may now administer the reseller's work account, until ``admin_access_until`` if that is set.
    ``invitation_id``: the invitation that established the partnership. ``country`` is null for a company that is gone for good.
    """

    partnership_id: str
    organization_id: str
    partner_id: str
    name: str
    country: str | None
    state: PartnershipState
    since: datetime
    invitation_id: str
    admin_access: bool
    admin_access_until: datetime | None
    ending: EndingView | None = Field(description="how it ended; null until then")


class SideView(BaseModel):
    organization_id: str
    partner_id: str
    name: str
    country: str | None
    active: bool = Field(description="the company is an active partner of the program now")


class PastPartnershipView(BaseModel):
    since: datetime
    invitation_id: str
    ending: EndingView | None


class PartnershipDetailView(BaseModel):
    """The present or last partnership of two companies. ``past``: those before it, the newest first."""

    partnership_id: str
    provider: SideView
    reseller: SideView
    state: PartnershipState
    since: datetime
    invitation_id: str
    admin_access: bool
    admin_access_until: datetime | None
    ending: EndingView | None
    past: list[PastPartnershipView]


async def partnership_views(
    store: MongoStore, found: Sequence[tuple[str, Partnership]], *, show: PartnershipSide, at: datetime
) -> list[tuple[str, PartnershipView]]:
    """One side of each partnership, with the name and country that its enrollment announced. One round trip."""
    known = await _companies(store, [pair for _, pair in found])
    return [(id, _row(pair, known, show, at)) for id, pair in found]


async def partnership_detail(store: MongoStore, state: State, at: datetime) -> PartnershipDetailView:
    """Of a state with a partnership. One round trip."""
    pair = known_partnership(state)
    assert pair is not None, "asked for by `partnership_of`"
    known = await _companies(store, [pair])
    shown = _state(pair, known)
    return PartnershipDetailView(
        partnership_id=pair.partnership_id,
        provider=_side(pair.provider, known),
        reseller=_side(pair.reseller, known),
        state=shown,
        since=pair.since,
        invitation_id=pair.invitation_id,
        admin_access=shown == "active" and pair.admin_access_holds(at),
        admin_access_until=pair.admin_access_until,
        ending=_ending(pair.ending, pair),
        past=[_past(one, pair) for one in reversed(state.past)],
    )


async def _companies(store: MongoStore, pairs: Sequence[Partnership]) -> Mapping[str, Company]:
    sides = (side.organization_id for pair in pairs for side in (pair.provider, pair.reseller))
    return await lookups.companies(store, sides)


def _row(pair: Partnership, known: Mapping[str, Company], show: PartnershipSide, at: datetime) -> PartnershipView:
    other = pair.provider if show == "provider" else pair.reseller
    company, shown = known.get(other.organization_id), _state(pair, known)
    present = company.partner if company else other
    return PartnershipView(
        partnership_id=pair.partnership_id,
        organization_id=other.organization_id,
        partner_id=present.partner_id,
        name=present.name,
        country=company.country if company else None,
        state=shown,
        since=pair.since,
        invitation_id=pair.invitation_id,
        admin_access=shown == "active" and pair.admin_access_holds(at),
        admin_access_until=pair.admin_access_until,
        ending=_ending(pair.ending, pair),
    )


def _state(pair: Partnership, known: Mapping[str, Company]) -> PartnershipState:
    """A suspension counts at once: the partnership's document follows the companies' moments later."""
    if pair.ended:
        return "ended"
    companies = [known.get(side.organization_id) for side in (pair.provider, pair.reseller)]
    if None in companies:
        # While a database is rebuilt from the topics, partnerships may arrive before the companies.
        raise UnavailableError("a company of this partnership is not known yet")
    return "active" if pair.active and all(one and one.active for one in companies) else "suspended"


def _side(partner: Partner, known: Mapping[str, Company]) -> SideView:
    company = known.get(partner.organization_id)
    present = company.partner if company else partner
    return SideView(
        organization_id=partner.organization_id,
        partner_id=present.partner_id,
        name=present.name,
        country=company.country if company else None,
        active=company is not None and company.active,
    )


def _ending(ending: Ending | None, pair: Partnership) -> EndingView | None:
    if ending is None:
        return None
    by = side_of(pair, ending.by) if ending.by else None
    return EndingView(at=ending.at, by=by, reason=ending.reason, comment=ending.comment)


def _past(past: PastPartnership, pair: Partnership) -> PastPartnershipView:
    return PastPartnershipView(since=past.since, invitation_id=past.invitation_id, ending=_ending(past.ending, pair))
