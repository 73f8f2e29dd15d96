"""Which users a list is about: what somebody typed, and filters."""

import re
from typing import Annotated, Any, Literal

from fastapi import Depends, Query

from kontor_contracts.addresses import address_key
from kontor_contracts.values import Id

Shown = Literal["invited", "active", "disabled", "deleted"]
ALIVE = ["invited", "active", "disabled"]


def _wanted(
    q: Annotated[str, Query(max_length=100, description="part of the name or the address")] = "",
    role: Annotated[Id | None, Query(description="who holds this role")] = None,
    status: Annotated[Shown | None, Query(description="all but the deleted by default")] = None,
    guest: bool | None = None,
) -> dict[str, Any]:
    where: dict[str, Any] = {"state.status": status or {"$in": ALIVE}}
    if role is not None:
        where["state.roles"] = role
    if guest is not None:
        where["state.guest"] = guest
    if words := q.strip():
        in_name = {"$regex": re.escape(words), "$options": "i"}
        # As it is shown, of which half a word may be enough, and as it is compared: a domain in its ASCII form.
        in_key = {"$regex": re.escape(address_key(words))}
        where["$or"] = [{"state.full_name": in_name}, {"state.email": in_name}, {"uk.email": in_key}]
    return where


Wanted = Annotated[dict[str, Any], Depends(_wanted)]
"""The part of a query that follows from the request's parameters."""
