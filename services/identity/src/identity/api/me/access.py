"""HTTP: the caller's workspaces, the administrators who can open further ones, and the caller's profile."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from chassis import Caller, Change, Form, Handler, MongoStore, Principal, new_router
from identity.api.views import UserView
from identity.documents import USER
from identity.domain.user.commands import UpdateUser
from identity.domain.workspaces import access
from identity.people.global_admins import change_user
from identity.people.lookup import calling_user, granter, profile_of
from kontor_contracts.markets import MarketCulture
from kontor_contracts.values import Name

ADMINISTRATORS_NAMED = 10


class Administrator(BaseModel):
    user_id: str
    full_name: str
    email: str
    roles: list[str]


class WorkspaceView(BaseModel):
    """``ask``: administrators who can give a role that opens a closed workspace; not all of them if there are many."""

    workspace: str
    description: str
    may_enter: bool
    ask: list[Administrator]


class AccessView(BaseModel):
    roles: list[str]
    workspaces: list[WorkspaceView]


class OwnDetails(Form):
    full_name: Name
    culture: MarketCulture


def router(store: MongoStore, handler: Handler) -> APIRouter:
    routes = new_router("/v1/me", tags=["me"])

    async def administrators(caller: Principal, roles: set[str]) -> list[Administrator]:
        if not roles:
            return []
        where: dict[str, Any] = {
            "tenant": caller.organization_id,
            "state.status": "active",
            "state.roles": {"$in": sorted(roles)},
        }
        found = await store.find(USER, where, limit=ADMINISTRATORS_NAMED)
        return [
            Administrator(user_id=u.user_id, full_name=u.full_name, email=u.email, roles=list(u.roles))
            for _, u in found
        ]

    @routes.get("/access")
    async def show_my_access(caller: Caller) -> AccessView:
        """Every workspace of the portal: whether the caller may enter, and if not, which administrators can help."""
        user = await calling_user(store, caller)
        wanted = access(user.roles, profile_of(user).kind)
        askable = await administrators(caller, {role for each in wanted for role in each.ask})
        workspaces = [
            WorkspaceView(
                workspace=each.workspace.name,
                description=each.workspace.description,
                may_enter=each.may_enter,
                ask=[one for one in askable if set(one.roles) & set(each.ask)],
            )
            for each in wanted
        ]
        return AccessView(roles=list(user.roles), workspaces=workspaces)

    @routes.put("/profile")
    async def update_me(body: OwnDetails, change: Change, caller: Caller) -> UserView:
        """Change the caller's own name and language."""
        user = await calling_user(store, caller)
        command = UpdateUser(full_name=body.full_name, culture=body.culture, by=granter(user))
        return UserView.of((await change_user(handler, user, command, change.cause(caller))).state)

    return routes
