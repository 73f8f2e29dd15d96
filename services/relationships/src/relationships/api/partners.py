"""Partners over HTTP, for the program's staff. Enrollment suspends and reinstates them."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from chassis import MongoStore, Page, PageQuery, Principal, list_filter, new_router, not_found, require
from kontor_contracts.values import Program
from relationships.documents import PARTNER
from relationships.domain.listing_words import search_words
from relationships.domain.partner import Standing, State, known_company
from relationships.domain.partner_listing import EVERYBODY, program_key, standing_key, word_key

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
        q: Annotated[
            str, Query(max_length=100, description="beginnings of words of the name, or of the partner id")
        ] = "",
        standing: Standing | None = None,
        program: Program | None = None,
        sort: Literal["name", "-name"] = "name",
    ) -> Page[PartnerView]:
        words = search_words(q)
        keys = [*map(word_key, words)]
        keys += [standing_key(standing)] if standing else []
        keys += [program_key(program)] if program else []
        # The index is entered by the first: the one that leaves fewest.
        first, *others = (*keys, EVERYBODY)
        found = await store.list_page(
            PARTNER,
            first,
            list_filter(keys=others, words=words),
            limit=paging.limit + 1,
            after=paging.after,
            descending=sort == "-name",
        )
        return paging.page([(order, _view(state)) for order, state in found if known_company(state)])

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
