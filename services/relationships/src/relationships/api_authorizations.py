"""The question that other services ask before they act: may this partner do that for this customer?"""

from typing import Annotated

from fastapi import APIRouter, Query

from chassis.app import Chassis
from chassis.auth import ForbiddenError, Principal, require
from kontor_contracts.values import Id, Permission
from relationships.aggregates import CUSTOMER, PARTNER
from relationships.domain_customer import Reason, reason_for
from relationships.views import AuthorizationView


def router(chassis: Chassis) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["authorizations"])
    store = chassis.store

    @routes.get("/authorizations/check")
    async def check(
        customer_id: Id,
        action: Permission,
        caller: Annotated[Principal, require("authorizations:check")],
        organization_id: Annotated[Id | None, Query(description="the partner; the caller's own by default")] = None,
    ) -> AuthorizationView:
        """Whether the partner may do ``action`` for the customer. One round trip to the database."""
        asked = organization_id or caller.organization_id
        _may_ask(caller, customer_id, asked)
        partner, customer = await store.get_many((PARTNER, PARTNER.id(asked)), (CUSTOMER, CUSTOMER.id(customer_id)))
        reason: Reason = "partner-not-active"
        if partner and partner.company:
            reason = reason_for(customer, partner.company.partner.partner_id, action)
        if reason == "unknown-customer" and caller.organization_kind != "operator":
            # Whether a company is anybody's customer is not for its strangers to know.
            reason = "no-relationship"
        return AuthorizationView(allowed=reason == "granted", reason=reason)

    return routes


def _may_ask(caller: Principal, customer_id: str, organization_id: str) -> None:
    """A partner asks about itself, a customer about itself and any partner, the program's operator about anything."""
    match caller.organization_kind:
        case "operator":
            allowed = True
        case "customer":
            allowed = customer_id == caller.organization_id
        case _:
            allowed = organization_id == caller.organization_id
    if not allowed:
        raise ForbiddenError("authorizations:check", "ask about your own company only")
