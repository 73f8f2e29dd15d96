"""Authorization lists over HTTP: customers that a partner may act for, and partners that may act for a customer."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from chassis import ForbiddenError, MongoStore, Page, PageQuery, Principal, new_router, require
from kontor_contracts.authz.rules import verdict_on
from kontor_contracts.customers import Action
from kontor_contracts.values import Id, Permission
from relationships import lookups
from relationships.documents import CUSTOMER
from relationships.domain.check import held_by
from relationships.domain.customer.listing import right_key
from relationships.domain.customer.state import State

PERMISSION = "authorizations:check"
Asker = Annotated[Principal, require(PERMISSION)]
NOT_YOURS = ForbiddenError(PERMISSION, "you may only ask about your own company")


class CustomerRight(BaseModel):
    customer_id: str
    edge: str
    version: int
    permissions: tuple[Permission, ...]


class PartnerRight(BaseModel):
    organization_id: str
    partner_id: str
    name: str
    edge: str
    version: int
    permissions: tuple[Permission, ...]


def router(store: MongoStore, now: Callable[[], datetime]) -> APIRouter:
    routes = new_router("/v1/authorizations", tags=["authorizations"])

    @routes.get("/customers")
    async def list_authorized_customers(
        paging: PageQuery,
        caller: Asker,
        action: Action,
        organization_id: Annotated[Id | None, Query(description="the partner; by default the caller's company")] = None,
    ) -> Page[CustomerRight]:
        """The customers that the partner may do ``action`` for, read from the database. Follow ``next_cursor`` to the end."""
        asked = organization_id or caller.organization_id
        if caller.organization_kind == "customer" or (
            caller.organization_kind != "operator" and asked != caller.organization_id
        ):
            raise NOT_YOURS
        partner = await lookups.active_partner(store, asked)
        if partner is None:
            return Page(items=[])
        partner_id = partner.partner.partner_id
        found = await store.list_page(
            CUSTOMER, right_key(partner_id, action), {}, limit=paging.limit + 1, after=paging.after
        )
        rights = [(order, _customer_right(state, partner_id, action, now())) for order, state in found]
        # The cursor follows from all that was found: what is not permitted must not end the list.
        page = paging.page(rights)
        return Page(items=[one for one in page.items if one is not None], next_cursor=page.next_cursor)

    @routes.get("/partners")
    async def list_authorized_partners(
        paging: PageQuery,
        caller: Asker,
        action: Action,
        customer_id: Annotated[Id | None, Query(description="by default the caller's organization")] = None,
    ) -> Page[PartnerRight]:
        """The active partners that may do ``action`` for the customer, by partner id."""
        asked = customer_id or caller.organization_id
        if caller.organization_kind != "operator" and (
            caller.organization_kind != "customer" or asked != caller.organization_id
        ):
            raise NOT_YOURS
        customer = await store.get(CUSTOMER, CUSTOMER.id(asked))
        rights = await _partner_rights(store, customer, action, now())
        rest = [(one.partner_id, one) for one in rights if paging.after is None or one.partner_id > paging.after]
        return paging.page(rest[: paging.limit + 1])

    return routes


def _customer_right(customer: State, partner_id: str, action: Action, at: datetime) -> CustomerRight | None:
    verdict = verdict_on(held_by(customer), partner_id, action, at)
    if verdict.reason != "granted" or verdict.held is None or customer.account is None:
        return None
    held = verdict.held
    return CustomerRight(
        customer_id=customer.account.customer_id, edge=held.edge, version=held.version, permissions=held.permissions
    )


async def _partner_rights(
    store: MongoStore, customer: State | None, action: Action, at: datetime
) -> list[PartnerRight]:
    held = held_by(customer) or {}
    known = await lookups.partners_by_id(store, sorted(held))
    rights = []
    for partner_id, company in sorted(known.items()):
        if company.active and verdict_on(held, partner_id, action, at).reason == "granted":
            partner, edge = company.partner, held[partner_id]
            rights.append(
                PartnerRight(
                    organization_id=partner.organization_id,
                    partner_id=partner_id,
                    name=partner.name,
                    edge=edge.edge,
                    version=edge.version,
                    permissions=edge.permissions,
                )
            )
    return rights
