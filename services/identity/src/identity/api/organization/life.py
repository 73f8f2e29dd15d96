"""HTTP: corrects, closes and reopens organizations."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from chassis import (
    Change,
    Form,
    Handler,
    MongoStore,
    Once,
    Principal,
    ProblemError,
    UnsafeRequest,
    new_router,
    not_found,
    require,
)
from identity.api.views import OrganizationDetails
from identity.documents import ORGANIZATION, USER
from identity.domain.organization.commands import CloseOrganization, Command, CorrectOrganization, ReopenOrganization
from identity.domain.organization.state import Organization
from identity.domain.roles import ROLES
from identity.people.lookup import calling_user, profile_of
from identity.settings import Settings
from kontor_contracts.markets import MarketCountry
from kontor_contracts.values import OrganizationKind

STAFF = "operator"


class Correction(Form):
    """The right country and kind."""

    country: MarketCountry = Field(description="ISO 3166-1 code of a country of the program.", examples=["AT"])
    kind: Literal["provider", "reseller", "customer"] = Field(examples=["reseller"])


class Closing(Form):
    confirm: Literal[True] = Field(description="Must be true: closing ends the access of all users.")


class ClosedOrganization(BaseModel):
    """``reopenable_until``: until then the program's staff can reopen it. Null if it is open."""

    organization_id: str
    closed: bool
    reopenable_until: datetime | None


def router(store: MongoStore, handler: Handler, settings: Settings) -> APIRouter:
    routes = new_router("/v1/organizations/{organization_id}", tags=["organizations"])
    lifetime = timedelta(seconds=settings.restorable_for)

    async def change(organization_id: str, command: Command, once: UnsafeRequest, caller: Principal) -> Any:
        id = ORGANIZATION.id(organization_id)
        if (await store.get(ORGANIZATION, id)) is None:
            raise not_found("organization")
        outcome = await handler.handle(ORGANIZATION, id, command, once.cause(caller), answer=_closed)
        return {"organization_id": organization_id, **outcome.answer}

    @routes.put("/registration")
    async def correct_organization(
        organization_id: str,
        body: Correction,
        attempt: Change,
        caller: Annotated[Principal, require("organization:write")],
    ) -> OrganizationDetails:
        """Correct country and kind, until an enrollment is submitted. Tokens have the new values after the next refresh."""
        _own(organization_id, caller)
        user = await calling_user(store, caller)
        await _need_fitting_roles(store, organization_id, body.kind)
        command = CorrectOrganization(body.country, body.kind)
        id = ORGANIZATION.id(organization_id)
        outcome = await handler.handle(ORGANIZATION, id, command, attempt.cause(caller))
        return OrganizationDetails.of(profile_of(user), outcome.state)

    @routes.post("/close", response_model=ClosedOrganization)
    async def close_organization(
        organization_id: str,
        body: Closing,  # noqa: ARG001  its presence is the confirmation
        once: Once,
        caller: Annotated[Principal, require("organization:close")],
    ) -> Any:
        """Close an organization. For its last global admin, and for the program's staff. 409 for an active partner.

        All users lose access at once. Addresses, domains and the partner id are free when the time to reopen is over.
        """
        if caller.organization_kind != STAFF:
            _own(organization_id, caller)
            await calling_user(store, caller)
        elif organization_id == caller.organization_id:
            raise not_found("organization")
        until = once.cause(caller).time + lifetime
        command = CloseOrganization(caller.user_id, caller.organization_kind == STAFF, until)
        return await change(organization_id, command, once, caller)

    @routes.post("/reopen", response_model=ClosedOrganization)
    async def reopen_organization(
        organization_id: str, once: Once, caller: Annotated[Principal, require("organization:reopen")]
    ) -> Any:
        """Reopen a closed organization with its users. For the program's staff."""
        return await change(organization_id, ReopenOrganization(caller.user_id, once.cause(caller).time), once, caller)

    return routes


def _own(organization_id: str, caller: Principal) -> None:
    if organization_id != caller.organization_id:
        raise not_found("organization")


def _closed(organization: Organization) -> dict[str, Any]:
    until = organization.reopenable_until
    return {"closed": organization.closed, "reopenable_until": until.isoformat() if until else None}


async def _need_fitting_roles(store: MongoStore, organization_id: str, kind: OrganizationKind) -> None:
    """ProblemError 409 if a user holds a role that does not exist in an organization of this kind."""
    foreign = [name for name, role in ROLES.items() if kind not in role.kinds]
    where = {
        "tenant": organization_id,
        "state.roles": {"$in": foreign},
        "state.status": {"$nin": ["deleted", "purged"]},
    }
    roles = sorted({role async for _, user in store.find_all(USER, where) for role in user.roles if role in foreign})
    if roles:
        detail = f"users hold roles that do not exist in a {kind}; take these roles first: {', '.join(roles)}"
        raise ProblemError(409, "roles-not-for-kind", detail, field="kind")
