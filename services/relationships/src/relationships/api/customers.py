"""Customers over HTTP, as their partners see them."""

from typing import Annotated, Any

from fastapi import APIRouter

from chassis import MongoStore, Page, PageQuery, Paging, Principal, new_router, not_found, require
from relationships import lookups
from relationships.api.views import CustomerView, customer_views
from relationships.documents import CUSTOMER, served_by
from relationships.domain.partner import Company

Reader = Annotated[Principal, require("customers:read")]


def router(store: MongoStore) -> APIRouter:
    routes = new_router("/v1", tags=["customers"])

    async def page_of(paging: Paging, viewer: Company, where: dict[str, Any]) -> Page[CustomerView]:
        found = await store.find(CUSTOMER, where, limit=paging.limit + 1, after=paging.after)
        views = await customer_views(store, [state for _, state in found], viewer)
        return paging.page([(id, view) for (id, _), view in zip(found, views, strict=True) if view])

    @routes.get("/customers")
    async def list_customers(paging: PageQuery, caller: Reader) -> Page[CustomerView]:
        """The customers of the caller's company; none unless its enrollment is active."""
        viewer = await lookups.active_partner(store, caller.organization_id)
        if viewer is None:
            return Page(items=[])
        return await page_of(paging, viewer, served_by(viewer))

    @routes.get("/customers/{customer_id}")
    async def show_customer(customer_id: str, caller: Reader) -> CustomerView:
        found = await lookups.customer_and_viewer(store, customer_id, caller.organization_id)
        (view,) = await customer_views(store, [found[0]], found[1]) if found else [None]
        if view is None:
            raise not_found("customer")
        return view

    @routes.get("/providers/{provider_id}/customers")
    async def list_shared_customers(provider_id: str, paging: PageQuery, caller: Reader) -> Page[CustomerView]:
        """The customers that the caller's company shares with one of its providers. 404 without an active partnership."""
        pair = await lookups.connected(store, caller.organization_id, provider_id)
        if pair is None:
            raise not_found("provider")
        return await page_of(paging, pair.own, served_by(pair.own, pair.provider))

    return routes
