"""Partners over HTTP, for the program's staff. Enrollment suspends and reinstates them."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from chassis import MongoStore, Page, PageQuery, Principal, new_router, not_found, require
from kontor_contracts.values import Program
from relationships.documents import PARTNER, PARTNERS_IN
from relationships.domain.partner import Standing, State, known_company, search_form

Reader = Annotated[Principal, require("partners:read")]


class SuspensionView(BaseModel):
    """``reason``: as enrollment announced it."""

    reason: str
    at: datetime


class PartnerView(BaseModel):
    """``closed``: the company closed its work account. Only an ``active`` partner has rights."""

    organization_id: str
    partner_id: str
    name: str
    program: Program
    country: str
    region: str
    standing: Standing
    suspension: SuspensionView | None


def router(store: MongoStore) -> APIRouter:
    routes = new_router("/v1/partners", tags=["partners"])

    @routes.get("")
    async def list_partners(
        paging: PageQuery,
        _: Reader,
        q: Annotated[str, Query(max_length=100, description="part of the name, or the partner id")] = "",
        standing: Literal["active", "suspended", "closed"] | None = None,
        program: Program | None = None,
    ) -> Page[PartnerView]:
        where: dict[str, Any] = dict(PARTNERS_IN[standing]) if standing else {}
        if program:
            where["state.company.partner.program"] = program
        if words := q.strip():
            in_name = {"state.company.search_name": {"$regex": re.escape(search_form(words))}}
            where["$or"] = [in_name, {"uk.partner_id": words}]
        found = await store.find(PARTNER, where, limit=paging.limit + 1, after=paging.after)
        return paging.page([(id, _view(state)) for id, state in found if known_company(state)])

    @routes.get("/{organization_id}")
    async def show_partner(organization_id: str, _: Reader) -> PartnerView:
        state = await store.get(PARTNER, PARTNER.id(organization_id))
        if known_company(state) is None or state is None:
            raise not_found("partner")
        return _view(state)

    return routes


def _view(state: State) -> PartnerView:
    company = known_company(state)
    if company is None:
        raise not_found("partner")
    partner, suspension = company.partner, company.suspension
    return PartnerView(
        organization_id=partner.organization_id,
        partner_id=partner.partner_id,
        name=partner.name,
        program=partner.program,
        country=company.country,
        region=company.region,
        standing=company.standing,
        suspension=SuspensionView(reason=suspension.reason, at=suspension.at) if suspension else None,
    )
