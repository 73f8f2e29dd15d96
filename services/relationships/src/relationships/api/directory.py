"""The directory of providers over HTTP."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Query

from chassis import Caller, MongoStore, Page, PageQuery, new_router
from kontor_contracts.values import Country
from relationships.api.views import ProviderView, provider_view
from relationships.documents import ACTIVE_PARTNER, PARTNER
from relationships.domain.partner import active_company, search_form


def router(store: MongoStore) -> APIRouter:
    routes = new_router("/v1", tags=["directory"])

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
