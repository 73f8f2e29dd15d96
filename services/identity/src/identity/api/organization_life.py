"""HTTP: what was wrong at sign-up is corrected, and an account that nobody needs is closed."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from chassis import Change, Chassis, Form, Once, Principal, ProblemError, UnsafeRequest, new_router, not_found, require
from identity.api.views import OrganizationDetails
from identity.documents import ORGANIZATION, USER
from identity.domain.organization import (
    CloseOrganization,
    Command,
    CorrectOrganization,
    Organization,
    ReopenOrganization,
)
from identity.domain.roles import ROLES
from identity.people.lookup import calling_user, profile_of
from identity.settings import Settings
from identity.whole_lists import all_pages
from kontor_contracts.markets import MarketCountry
from kontor_contracts.values import OrganizationKind

STAFF = "operator"


class Correction(Form):
    """What should have been entered at sign-up."""

    country: MarketCountry = Field(description="ISO 3166-1 code of a country of the program.", examples=["AT"])
    kind: Literal["provider", "reseller", "customer"] = Field(examples=["reseller"])


class Closing(Form):
    confirm: Literal[True] = Field(description="Closing ends the access of all users; say that it is meant.")


class ClosedOrganization(BaseModel):
    """``reopenable_until``: until then the program's staff can open it again; null where it is open."""

    organization_id: str
    closed: bool
    reopenable_until: datetime | None


def router(chassis: Chassis, settings: Settings) -> APIRouter:
    routes = new_router("/v1/organizations/{organization_id}", tags=["organizations"])
    lifetime = timedelta(seconds=settings.restorable_for)

    async def change(organization_id: str, command: Command, once: UnsafeRequest, caller: Principal) -> Any:
        id = ORGANIZATION.id(organization_id)
        if (await chassis.store.get(ORGANIZATION, id)) is None:
            raise not_found("organization")
        outcome = await chassis.handler.handle(ORGANIZATION, id, command, once.cause(caller), answer=_closed)
        return {"organization_id": organization_id, **outcome.answer}

    @routes.put("/registration")
    async def correct_organization(
        organization_id: str,
        body: Correction,
        attempt: Change,
        caller: Annotated[Principal, require("organization:write")],
    ) -> OrganizationDetails:
        """Correct country and kind, until an enrollment was submitted. Tokens say so from the next refresh on."""
        _own(organization_id, caller)
        user = await calling_user(chassis, caller)
        await _need_fitting_roles(chassis, organization_id, body.kind)
        command = CorrectOrganization(body.country, body.kind)
        id = ORGANIZATION.id(organization_id)
        outcome = await chassis.handler.handle(ORGANIZATION, id, command, attempt.cause(caller))
        return OrganizationDetails.of(profile_of(user), outcome.state)

    @routes.post("/close", response_model=ClosedOrganization)
    async def close_organization(
        organization_id: str,
        body: Closing,  # noqa: ARG001  that it is there and says true is the confirmation
        once: Once,
        caller: Annotated[Principal, require("organization:close")],
    ) -> Any:
        """Close an account that is no active partner: for its last global admin, and for the program's staff.

        All users lose access at once. Addresses, domains and the partner id are free when the time to reopen is over.
        """
        if caller.organization_kind != STAFF:
            _own(organization_id, caller)
            await calling_user(chassis, caller)
        elif organization_id == caller.organization_id:
            raise not_found("organization")
        until = once.cause(caller).time + lifetime
        command = CloseOrganization(caller.user_id, caller.organization_kind == STAFF, until)
        return await change(organization_id, command, once, caller)

    @routes.post("/reopen", response_model=ClosedOrganization)
    async def reopen_organization(
        organization_id: str, once: Once, caller: Annotated[Principal, require("organization:reopen")]
    ) -> Any:
        """For the program's staff: open a closed account again, with the users that it had."""
        return await change(organization_id, ReopenOrganization(caller.user_id, once.cause(caller).time), once, caller)

    return routes


def _own(organization_id: str, caller: Principal) -> None:
    if organization_id != caller.organization_id:
        raise not_found("organization")


def _closed(organization: Organization) -> dict[str, Any]:
    until = organization.reopenable_until
    return {"closed": organization.closed, "reopenable_until": until.isoformat() if until else None}


async def _need_fitting_roles(chassis: Chassis, organization_id: str, kind: OrganizationKind) -> None:
    """ProblemError 409 where somebody holds a role that there is not in an organization of this kind."""
    foreign = [name for name, role in ROLES.items() if kind not in role.kinds]
    where = {
        "tenant": organization_id,
        "state.roles": {"$in": foreign},
        "state.status": {"$nin": ["deleted", "purged"]},
    }
    found = [
        user
        async for page in all_pages(lambda a, n: chassis.store.find(USER, where, limit=n, after=a))
        for _, user in page
    ]
    roles = sorted({role for user in found for role in user.roles if role in foreign})
    if roles:
        detail = f"take these roles first, which a {kind} does not have: {', '.join(roles)}"
        raise ProblemError(409, "roles-not-for-kind", detail, field="kind")
