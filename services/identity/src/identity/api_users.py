"""HTTP: the users of the caller's organization."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response, status
from pydantic import BaseModel, Field, StringConstraints

from chassis.app import Chassis
from chassis.auth import Caller, Principal, require
from chassis.decider import derived_id
from chassis.http import Change, Once, Page, PageQuery
from identity.accounts import calling_user, colleague, profile_of
from identity.addresses import Address
from identity.aggregates import USER
from identity.domain_user_state import AddUser, Granter, User
from identity.passwords import BUSY, Passwords, temporary_password
from identity.role_changes import change_roles
from identity.views import UserView
from kontor_contracts.values import Culture, Line

RoleNames = Annotated[list[Annotated[str, StringConstraints(max_length=100)]], Field(max_length=20)]


class NewUser(BaseModel):
    full_name: Line
    email: Address
    roles: RoleNames
    culture: Culture


class NewRoles(BaseModel):
    roles: RoleNames


class AddedUser(BaseModel):
    """``temporary_password`` is shown this once; a repeated request has null."""

    user_id: str
    full_name: str
    email: str
    roles: list[str]
    temporary_password: str | None


async def _role_changer(caller: Caller) -> Principal:
    """Either permission will do: who may add users gives them roles, too."""
    if "users:roles" not in caller.permissions:
        caller.need("users:write")
    return caller


def router(chassis: Chassis, passwords: Passwords) -> APIRouter:
    routes = APIRouter(prefix="/v1/users", tags=["users"])

    @routes.get("")
    async def list_users(paging: PageQuery, caller: Annotated[Principal, require("users:read")]) -> Page[UserView]:
        found = await chassis.store.find(
            USER, {"tenant": caller.organization_id}, limit=paging.limit + 1, after=paging.after
        )
        return paging.page([(id, UserView.of(user)) for id, user in found])

    @routes.get("/{user_id}")
    async def show_user(user_id: str, caller: Annotated[Principal, require("users:read")]) -> UserView:
        return UserView.of(await colleague(chassis, caller, user_id))

    @routes.post("", status_code=status.HTTP_201_CREATED, response_model=AddedUser, responses=BUSY)
    async def add_user(
        body: NewUser, once: Once, caller: Annotated[Principal, require("users:write")], response: Response
    ) -> Any:
        """A colleague with a temporary password, good for seven days, to be changed at the first sign-in."""
        administrator = await calling_user(chassis, caller)
        temporary = temporary_password()
        cause = once.cause(caller)
        command = AddUser(
            user_id=derived_id(once.scope(caller), "user"),
            organization=profile_of(administrator),
            full_name=body.full_name,
            email=body.email,
            culture=body.culture,
            roles=tuple(body.roles),
            password_hash=await passwords.hash(temporary),
            by=_granter(administrator),
            at=cause.time,
        )
        outcome = await chassis.handler.handle(USER, USER.id(command.user_id), command, cause, answer=_added)
        response.headers["cache-control"] = "no-store"
        shown = temporary if outcome.status == "applied" else None
        return {**outcome.answer, "temporary_password": shown}

    @routes.put("/{user_id}/roles")
    async def set_roles(
        user_id: str, body: NewRoles, change: Change, caller: Annotated[Principal, Depends(_role_changer)]
    ) -> UserView:
        """Exactly these roles from now on. Tokens that are out keep theirs until they expire."""
        user = await colleague(chassis, caller, user_id)
        by = _granter(await calling_user(chassis, caller))
        return UserView.of(await change_roles(chassis, user, tuple(body.roles), by, change.cause(caller)))

    return routes


def _granter(administrator: User) -> Granter:
    return Granter(administrator.user_id, administrator.is_global_admin)


def _added(user: User) -> dict[str, Any]:
    return {"user_id": user.user_id, "full_name": user.full_name, "email": user.email, "roles": list(user.roles)}
