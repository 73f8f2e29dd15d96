"""HTTP: organizations and roles."""

from typing import Annotated

from fastapi import APIRouter

from chassis import Caller, Change, Form, Handler, MongoStore, Principal, new_router, not_found, require
from identity.api.views import OrganizationDetails, RoleMatrix
from identity.documents import ORGANIZATION
from identity.domain.organization.commands import UpdateOrganization
from identity.people.lookup import calling_user, profile_of, user_and_organization
from kontor_contracts.markets import MarketCulture
from kontor_contracts.values import Name


class NewOrganizationDetails(Form):
    name: Name
    culture: MarketCulture


def router(store: MongoStore, handler: Handler) -> APIRouter:
    routes = new_router("/v1", tags=["organizations"])

    @routes.get("/organizations/{organization_id}")
    async def show_organization(
        organization_id: str, caller: Annotated[Principal, require("organization:read")]
    ) -> OrganizationDetails:
        """The caller's organization. The program's staff see every organization."""
        if organization_id == caller.organization_id:
            user, own = await user_and_organization(store, caller.user_id, organization_id)
            return OrganizationDetails.of(profile_of(user), own)
        if caller.organization_kind != "operator":
            raise not_found("organization")
        organization = await store.get(ORGANIZATION, ORGANIZATION.id(organization_id))
        if organization is None or organization.profile is None:
            raise not_found("organization")
        return OrganizationDetails.of(organization.profile, organization)

    @routes.put("/organizations/{organization_id}")
    async def update_organization(
        organization_id: str,
        body: NewOrganizationDetails,
        change: Change,
        caller: Annotated[Principal, require("organization:write")],
    ) -> OrganizationDetails:
        """The organization's name and language. Every service follows the name.

        409 `legal-name` for a new name of an active partner: it uses its legal name, which only enrollment changes.
        """
        if organization_id != caller.organization_id:
            raise not_found("organization")
        profile = profile_of(await calling_user(store, caller))
        command = UpdateOrganization(body.name, body.culture)
        cause = change.cause(caller)
        outcome = await handler.handle(ORGANIZATION, ORGANIZATION.id(organization_id), command, cause)
        return OrganizationDetails.of(profile, outcome.state)

    @routes.get("/roles")
    async def show_roles(_: Caller) -> RoleMatrix:
        """Every role: its purpose, its kinds of organization and its permissions in them."""
        return RoleMatrix.whole()

    return routes
