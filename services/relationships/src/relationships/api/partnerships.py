"""Partnerships over HTTP: the lists of both sides, and the directory of providers."""

import re
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from chassis import Caller, MongoStore, Page, PageQuery, Paging, Principal, new_router, require
from kontor_contracts.values import Country
from relationships.api.views import PartnershipView, ProviderView, partnership_views, provider_view
from relationships.documents import ACTIVE_PARTNER, ACTIVE_PARTNERSHIP, PARTNER, PARTNERSHIP
from relationships.domain.partner import active_company, search_form
from relationships.domain.partnership import active_partnership

Reader = Annotated[Principal, require("partnerships:read")]


def router(store: MongoStore) -> APIRouter:
    routes = new_router("/v1", tags=["partnerships"])

    async def others(
        paging: Paging, caller: Principal, *, own: str, show: Literal["provider", "reseller"]
    ) -> Page[PartnershipView]:
        where = {f"state.partnership.{own}.organization_id": caller.organization_id, **ACTIVE_PARTNERSHIP}
        found = await store.find(PARTNERSHIP, where, limit=paging.limit + 1, after=paging.after)
        active = [(id, pair) for id, state in found if (pair := active_partnership(state))]
        return paging.page(await partnership_views(store, active, show=show))

    @routes.get("/providers")
    async def list_providers(paging: PageQuery, caller: Reader) -> Page[PartnershipView]:
        """The providers of the caller's company, a reseller."""
        return await others(paging, caller, own="reseller", show="provider")

    @routes.get("/resellers")
    async def list_resellers(paging: PageQuery, caller: Reader) -> Page[PartnershipView]:
        """The resellers of the caller's company, a provider."""
        return await others(paging, caller, own="provider", show="reseller")

    @routes.get("/directory/providers")
    async def search_directory(
        paging: PageQuery,
        _: Caller,
        q: Annotated[str, Query(max_length=100, description="part of the name")] = "",
        country: Country | None = None,
    ) -> Page[ProviderView]:
        """Active providers, for every signed-in user. It shows no person's address."""
        where: dict[str, Any] = {"state.company.partner.program": "indirect-provider", **ACTIVE_PARTNER}
        if country:
            where["state.company.country"] = country
        if q.strip():
            where["state.company.search_name"] = {"$regex": re.escape(search_form(q.strip()))}
        found = await store.find(PARTNER, where, limit=paging.limit + 1, after=paging.after)
        return paging.page([(id, provider_view(company)) for id, state in found if (company := active_company(state))])

    return routes
