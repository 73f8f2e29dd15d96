"""HTTP: changes, disables, deletes, restores and purges users of the caller's organization."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter

from chassis import Change, Form, Handler, MongoStore, Once, Principal, UnsafeRequest, new_router, require
from identity.api.views import Notice, UserStatus, UserView
from identity.domain.user.commands import (
    Command,
    DeleteUser,
    DisableUser,
    EnableUser,
    PurgeUser,
    RestoreUser,
    UpdateUser,
)
from identity.domain.user.state import Granter, User
from identity.people.global_admins import change_user
from identity.people.lookup import calling_granter, colleague, its_organization
from identity.settings import Settings
from kontor_contracts.markets import MarketCulture
from kontor_contracts.values import Name

Manager = Annotated[Principal, require("users:manage")]
Purger = Annotated[Principal, require("users:purge")]
Make = Callable[[User, Granter, datetime], Command]


class NewUserDetails(Form):
    full_name: Name
    culture: MarketCulture


def router(store: MongoStore, handler: Handler, settings: Settings) -> APIRouter:
    routes = new_router("/v1/users", tags=["users"])

    async def end(
        user_id: str, caller: Principal, once: UnsafeRequest, make: Make, *, include_purged: bool = False
    ) -> Any:
        """Handle one command on one user. A repetition gets the first answer."""
        by = await calling_granter(store, caller)
        user = await colleague(store, caller, user_id, include_purged=include_purged)
        cause = once.cause(caller)
        outcome = await change_user(handler, user, make(user, by, cause.time), cause, answer=_status)
        return {**outcome.answer, "warnings": Notice.about(await its_organization(store, user))}

    @routes.put("/{user_id}")
    async def update_user(user_id: str, body: NewUserDetails, change: Change, caller: Manager) -> UserView:
        by = await calling_granter(store, caller)
        user = await colleague(store, caller, user_id)
        command = UpdateUser(full_name=body.full_name, culture=body.culture, by=by)
        return UserView.of((await change_user(handler, user, command, change.cause(caller))).state)

    @routes.post("/{user_id}/disable", response_model=UserStatus)
    async def disable_user(user_id: str, once: Once, caller: Manager) -> Any:
        """Disable the user, who cannot sign in until enabled again. Ends all sessions."""
        return await end(user_id, caller, once, lambda user, by, _: DisableUser(seen=user.role_changes, by=by))

    @routes.post("/{user_id}/enable", response_model=UserStatus)
    async def enable_user(user_id: str, once: Once, caller: Manager) -> Any:
        return await end(user_id, caller, once, lambda _user, by, _at: EnableUser(by=by))

    @routes.post("/{user_id}/delete", response_model=UserStatus)
    async def delete_user(user_id: str, once: Once, caller: Manager) -> Any:
        """Delete the user. Restorable for 30 days; after that, all personal data is erased."""
        lifetime = timedelta(seconds=settings.restorable_for)

        def command(user: User, by: Granter, at: datetime) -> Command:
            return DeleteUser(seen=user.role_changes, restorable_until=at + lifetime, by=by)

        return await end(user_id, caller, once, command)

    @routes.post("/{user_id}/restore", response_model=UserStatus)
    async def restore_user(user_id: str, once: Once, caller: Manager) -> Any:
        """Restore a deleted user with the earlier status: a disabled user stays disabled."""
        return await end(user_id, caller, once, lambda _user, by, at: RestoreUser(at=at, by=by))

    @routes.post("/{user_id}/purge", response_model=UserStatus)
    async def purge_user(user_id: str, once: Once, caller: Purger) -> Any:
        """Erase a deleted user now, before the 30 days are over. This cannot be undone."""
        return await end(user_id, caller, once, lambda _user, by, at: PurgeUser(at=at, by=by), include_purged=True)

    return routes


def _status(user: User) -> dict[str, Any]:
    until = user.restorable_until.isoformat() if user.restorable_until else None
    return {"user_id": user.user_id, "status": user.status, "restorable_until": until}
