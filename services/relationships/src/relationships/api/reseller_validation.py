"""Validation over HTTP: may the caller's company, a provider, name these resellers on a customer's subscription?"""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from chassis import Form, MongoStore, Principal, ProblemError, new_router
from kontor_contracts.values import Id, PartnerId
from relationships import lookups
from relationships.api.callers import require_by_kind
from relationships.documents import CUSTOMER, PARTNER, PARTNERSHIP
from relationships.domain.partner import State, known_company
from relationships.domain.partnership import partnership_id
from relationships.domain.record.judging import Reason, judged

MOST = 100
Reader = Annotated[
    Principal,
    require_by_kind(
        {"provider": "partnerships:read"}, others="only an indirect provider names resellers on subscriptions"
    ),
]


class ResellerValidationBody(Form):
    partner_ids: list[PartnerId] = Field(
        min_length=1, max_length=MOST, description="Partner ids of the resellers.", examples=[["4711001"]]
    )
    customer_id: Id | None = Field(
        default=None, description="Also check that the customer works with both companies.", examples=["c-1"]
    )


class ResellerValidationView(BaseModel):
    partner_id: str = Field(description="As it was asked for.", examples=["4711001"])
    valid: bool = Field(description="The reseller may be named on the subscription.")
    code: Reason = Field(description="The first thing that is wrong, or valid.")


class ResellerValidationsView(BaseModel):
    """In the order asked for."""

    resellers: list[ResellerValidationView] = Field(description="One answer for each partner id.")


def router(store: MongoStore) -> APIRouter:
    routes = new_router("/v1/resellers", tags=["partnerships"])

    @routes.post("/validate")
    async def validate_resellers(body: ResellerValidationBody, caller: Reader) -> ResellerValidationsView:
        """Check up to 100 resellers of record as the program does before an order. Providers only. It changes nothing."""
        reasons = await _reasons(store, body, caller.organization_id)
        return ResellerValidationsView(
            resellers=[
                ResellerValidationView(partner_id=id, valid=reasons[id] == "valid", code=reasons[id])
                for id in body.partner_ids
            ]
        )

    return routes


async def _reasons(store: MongoStore, body: ResellerValidationBody, provider_id: str) -> Mapping[str, Reason]:
    provider = await lookups.active_partner(store, provider_id)
    if provider is None:
        raise ProblemError(
            409, "partner-not-active", "your company is not an active partner; complete its enrollment first"
        )
    wanted = sorted(set(body.partner_ids))
    found = await store.find(PARTNER, {"uk.partner_id": {"$in": wanted}}, limit=len(wanted))
    resellers: dict[str, State] = {
        company.partner.partner_id: state for _, state in found if (company := known_company(state))
    }
    ids = {id: company.partner.organization_id for id in resellers if (company := known_company(resellers[id]))}
    keys = [(PARTNERSHIP, PARTNERSHIP.id(partnership_id(provider_id, ids[id]))) for id in ids]
    pairs = dict(zip(ids, await store.get_many(*keys) if keys else (), strict=True))
    (customer,) = await store.get_many((CUSTOMER, CUSTOMER.id(body.customer_id or "")))
    return {
        id: judged(provider, resellers.get(id), pairs.get(id), customer, for_customer=body.customer_id is not None)
        for id in wanted
    }
