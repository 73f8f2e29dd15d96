"""HTTP: the users of the caller's organization."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response, status
from pydantic import BaseModel, Field, StringConstraints

from chassis import (
    Caller,
    Change,
    Form,
    Handler,
    MongoStore,
    Once,
    Page,
    PageQuery,
    Principal,
    TakenError,
    derived_id,
    new_router,
    require,
)
from chassis.http.addresses import Address
from chassis.limits import SPENT, MailBudgets
from identity.api.views import ChangedUser, UserView
from identity.credentials.password_hashing import BUSY, Passwords, temporary_password
from identity.documents import USER
from identity.domain.roles import ROLES
from identity.domain.user.commands import AddUser, ChangeRoles
from identity.domain.user.state import User
from identity.people.global_admins import change_user
from identity.people.lookup import (
    calling_granter,
    calling_user,
    colleague,
    its_organization,
    known_elsewhere,
)
from identity.people.restoring import taken
from identity.people.search import Wanted
from identity.people.senders import charge_one, inviter_of
from identity.sign_in.sign_up.sign_ups import ProofLinks
from kontor_contracts.identity import RoleLocations
from kontor_contracts.markets import MarketCulture
from kontor_contracts.values import Id, Name, PartnerId

RoleNames = Annotated[list[Annotated[str, StringConstraints(max_length=100)]], Field(max_length=20)]


Locations = Annotated[
    dict[Id, Annotated[list[PartnerId], Field(min_length=1, max_length=100)]], Field(max_length=len(ROLES))
]


class NewUser(Form):
    """A ``guest`` works for another company and can hold few roles."""

    full_name: Name
    email: Address
    roles: RoleNames
    culture: MarketCulture
    guest: bool = False


class NewRoles(Form):
    """``locations``: by role, the partner ids of the locations to which it is limited. Null leaves them unchanged.

    ``confirm``: must be true if callers give up their own last protected role (global admin, owner).
    """

    roles: RoleNames
    locations: Locations | None = None
    confirm: bool = False

    @property
    def role_locations(self) -> tuple[RoleLocations, ...] | None:
        if self.locations is None:
            return None
        return tuple(
            RoleLocations(role=role, locations=tuple(sorted(set(ids)))) for role, ids in self.locations.items()
        )


class AddedUser(BaseModel):
    """``temporary_password`` is shown once. A repeated request gets null."""

    user_id: str
    full_name: str
    email: str
    roles: list[str]
    temporary_password: str | None


async def _role_changer(caller: Caller) -> Principal:
    """Needs `users:roles` or `users:write`: users who may add users may also give roles."""
    if "users:roles" not in caller.permissions:
        caller.need("users:write")
    return caller


def router(
    store: MongoStore, handler: Handler, *, passwords: Passwords, proofs: ProofLinks, budgets: MailBudgets
) -> APIRouter:
    routes = new_router("/v1/users", tags=["users"])

    @routes.get("")
    async def list_users(
        paging: PageQuery, wanted: Wanted, caller: Annotated[Principal, require("users:read")]
    ) -> Page[UserView]:
        where = {"tenant": caller.organization_id, **wanted}
        found = await store.find(USER, where, limit=paging.limit + 1, after=paging.after)
        return paging.page([(id, UserView.of(user)) for id, user in found])

    @routes.get("/{user_id}")
    async def show_user(user_id: str, caller: Annotated[Principal, require("users:read")]) -> UserView:
        return UserView.of(await colleague(store, caller, user_id))

    @routes.post("", status_code=status.HTTP_201_CREATED, response_model=AddedUser, responses={**BUSY, **SPENT})
    async def add_user(
        body: NewUser, once: Once, caller: Annotated[Principal, require("users:write")], response: Response
    ) -> Any:
        """Add a colleague with a temporary password, valid for seven days. The first sign-in asks for a new one.

        Before that, the user proves the address: the mailed link asks for the temporary password. The mail, not the answer,
        says that a user of another organization has the address.
        """
        administrator = await calling_user(store, caller)
        temporary = temporary_password()
        cause = once.cause(caller)
        user_id = derived_id(once.scope(caller), "user")
        inviter = await inviter_of(store, administrator)
        command = AddUser(
            user_id=user_id,
            organization=inviter.organization,
            full_name=body.full_name,
            email=body.email,
            culture=body.culture,
            roles=tuple(body.roles),
            password_hash=await passwords.hash(temporary),
            by=inviter.by,
            at=cause.time,
            guest=body.guest,
            link=proofs.of_user(user_id, body.culture, cause.time),
            sender=inviter.sender,
            known=await known_elsewhere(store, body.email, caller.organization_id),
        )
        if await handler.would_change(USER, USER.id(user_id), command, cause):
            response.headers.update(await charge_one(budgets, inviter, cause, body.email))
        try:
            outcome = await handler.handle(USER, USER.id(user_id), command, cause, answer=_added)
        except TakenError as error:
            raise await taken(store, caller, body.email) from error
        response.headers["cache-control"] = "no-store"
        shown = temporary if outcome.status == "applied" else None
        return {**outcome.answer, "temporary_password": shown}

    @routes.put("/{user_id}/roles")
    async def set_roles(
        user_id: str, body: NewRoles, change: Change, caller: Annotated[Principal, Depends(_role_changer)]
    ) -> ChangedUser:
        """Set exactly these roles. If one is removed, the user's issued tokens are void within seconds."""
        user = await colleague(store, caller, user_id)
        by = await calling_granter(store, caller)
        command = ChangeRoles(
            roles=tuple(body.roles),
            seen=user.role_changes,
            by=by,
            locations=body.role_locations,
            confirmed=body.confirm,
        )
        outcome = await change_user(handler, user, command, change.cause(caller))
        return ChangedUser.after(outcome.state, await its_organization(store, user))

    return routes


def _added(user: User) -> dict[str, Any]:
    return {"user_id": user.user_id, "full_name": user.full_name, "email": user.email, "roles": list(user.roles)}
