"""Customers as their partners see them."""

from typing import Annotated, Any

from fastapi import APIRouter

from chassis import Chassis, Page, PageQuery, Paging, Principal, new_router, not_found, require
from relationships.api.views import CustomerView, company_of, customer_views
from relationships.documents import CUSTOMER, PARTNER, PARTNERSHIP
from relationships.domain.partner import Company
from relationships.domain.partnership import partnership_id

Reader = Annotated[Principal, require("customers:read")]
PARTNERS = "state.relationships.partner_id"


def router(chassis: Chassis) -> APIRouter:
    routes = new_router("/v1", tags=["customers"])
    store = chassis.store

    async def page_of(paging: Paging, viewer: Company, where: dict[str, Any]) -> Page[CustomerView]:
        found = await store.find(CUSTOMER, where, limit=paging.limit + 1, after=paging.after)
        views = await customer_views(store, [state for _, state in found], viewer)
        return paging.page([(id, view) for (id, _), view in zip(found, views, strict=True) if view])

    @routes.get("/customers")
    async def list_customers(paging: PageQuery, caller: Reader) -> Page[CustomerView]:
        """The customers of the caller's company; none before its enrollment is active."""
        viewer = await company_of(store, caller.organization_id)
        if viewer is None:
            return Page(items=[])
        return await page_of(paging, viewer, {PARTNERS: viewer.partner.partner_id})

    @routes.get("/customers/{customer_id}")
    async def show_customer(customer_id: str, caller: Reader) -> CustomerView:
        state, partner = await store.get_many(
            (CUSTOMER, CUSTOMER.id(customer_id)), (PARTNER, PARTNER.id(caller.organization_id))
        )
        views = await customer_views(store, [state], partner.company) if state and partner else []
        view = next(iter(views), None)
        if view is None:
            raise not_found("customer")
        return view

    @routes.get("/providers/{provider_id}/customers")
    async def list_shared_customers(provider_id: str, paging: PageQuery, caller: Reader) -> Page[CustomerView]:
        """The customers that the caller's company and its provider both work with, and no others."""
        own, provider, pair = await store.get_many(
            (PARTNER, PARTNER.id(caller.organization_id)),
            (PARTNER, PARTNER.id(provider_id)),
            (PARTNERSHIP, PARTNERSHIP.id(partnership_id(provider_id, caller.organization_id))),
        )
        if not (own and provider and pair):
            raise not_found("provider")
        # As $and, not as $all: the embedded database looks for $all in plain arrays only.
        both = [{PARTNERS: one.company.partner.partner_id} for one in (own, provider)]
        return await page_of(paging, own.company, {"$and": both})

    return routes
