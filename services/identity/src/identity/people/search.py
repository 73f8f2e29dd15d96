"""The search text and the filters of user lists."""

import re
from typing import Annotated, Any, Literal

from fastapi import Depends, Query

from kontor_contracts.addresses import address_key
from kontor_contracts.values import Id

Shown = Literal["invited", "active", "disabled", "deleted"]
ALIVE = ["invited", "active", "disabled"]


def _wanted(
    q: Annotated[str, Query(max_length=100, description="part of the name or the address")] = "",
    role: Annotated[Id | None, Query(description="users with this role")] = None,
    status: Annotated[Shown | None, Query(description="default: all except deleted users")] = None,
    guest: bool | None = None,
) -> dict[str, Any]:
    where: dict[str, Any] = {"state.status": status or {"$in": ALIVE}}
    if role is not None:
        where["state.roles"] = role
    if guest is not None:
        where["state.guest"] = guest
    if words := q.strip():
        in_name = {"$regex": re.escape(words), "$options": "i"}
        # In the displayed form, and in the compared form with an ASCII domain. Parts of words match.
        key = re.escape(address_key(words))
        # Users without a proved address have only the colleague key. The organization before its bar is no part of the address.
        in_key = [{"uk.email": {"$regex": key}}, {"uk.colleague": {"$regex": rf"^[^|]*\|.*{key}"}}]
        where["$or"] = [{"state.full_name": in_name}, {"state.email": in_name}, *in_key]
    return where


Wanted = Annotated[dict[str, Any], Depends(_wanted)]
"""The database filter of the request's parameters."""
