"""Callers whose permission depends on their kind of organization. A dependency refuses them before the body is read."""

from collections.abc import Collection, Mapping
from typing import Any

from fastapi import Depends, Security

from chassis import Caller, ForbiddenError, Principal


def require_by_kind(needed: Mapping[str, str], *, others: str | None) -> Any:
    """A dependency: the caller, who must hold the permission of its kind of organization; 403 otherwise.

    ``others``: why all other kinds are refused; None: they are let through, and the domain answers. OpenAPI names the
    permission as the operation's scope where there is one for all.
    """
    permissions = sorted(set(needed.values()))

    async def holder(caller: Caller) -> Principal:
        permission = needed.get(caller.organization_kind)
        if permission is not None:
            caller.need(permission)
        elif others is not None:
            raise ForbiddenError(permissions[0], others)
        return caller

    return Security(holder, scopes=permissions) if len(permissions) == 1 else Depends(holder)


def require_any(permissions: Collection[str]) -> Any:
    """A dependency: the caller, who must hold one of these. Which one it needs follows from the body."""

    async def holder(caller: Caller) -> Principal:
        # One that a second factor would give is asked for, so that the answer says so.
        wanted = sorted(permissions, key=lambda one: (one not in caller.permissions, one not in caller.withheld, one))
        caller.need(wanted[0])
        return caller

    return Depends(holder)
