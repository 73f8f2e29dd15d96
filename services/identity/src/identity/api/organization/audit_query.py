"""The filters and the order of the activity log, and which index key finds a page of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, Query

from chassis import Principal, list_filter, not_found, require
from identity.domain.audit_entry import PROGRAM_LIST, list_key, moment_key
from kontor_contracts.values import Id, Moment

Reader = Annotated[Principal, require("audit:read")]
Sort = Literal["at", "-at"]


@dataclass(frozen=True, slots=True)
class WantedActivity:
    """``key``: the list whose index finds the page; ``where``: what of it is left out."""

    key: str
    where: Mapping[str, Any]
    descending: bool


def _wanted(  # noqa: PLR0917  one parameter of the request each
    caller: Reader,
    subject: Annotated[Id | None, Query(description="The changed document, such as user:<id>.")] = None,
    actor: Annotated[
        Id | None, Query(description="The user or service that made the change, such as user:<id>.")
    ] = None,
    action: Annotated[Id | None, Query(description="For instance user-disabled.")] = None,
    organization_id: Annotated[
        Id | None,
        Query(
            description="An organization that the change concerns. Others than the own one: the program's staff only."
        ),
    ] = None,
    since: Annotated[Moment | None, Query(description="At this moment or later.")] = None,
    until: Annotated[Moment | None, Query(description="Before this moment.")] = None,
    sort: Annotated[Sort, Query(description="-at: newest first.")] = "-at",
) -> WantedActivity:
    owner = _owner(caller, organization_id)
    given = {"subject": subject, "actor": actor, "action": action}
    # A subject has few entries, an action many: the index is entered by the first that is given.
    keys = [list_key(owner, **{name: value}) for name, value in given.items() if value is not None]
    keys.append(list_key(owner))
    return WantedActivity(keys[0], list_filter(keys=keys[1:], where=_between(since, until)), sort == "-at")


ActivityQuery = Annotated[WantedActivity, Depends(_wanted)]


def _owner(caller: Principal, organization_id: str | None) -> str:
    """Whose log. 404 for another organization's, as for any document of others."""
    if caller.organization_kind == "operator":
        return organization_id or PROGRAM_LIST
    if organization_id not in {None, caller.organization_id}:
        raise not_found("organization")
    return caller.organization_id


def _between(since: datetime | None, until: datetime | None) -> list[dict[str, Any]]:
    bounds: dict[str, str] = {}
    if since:
        bounds["$gte"] = moment_key(since)
    if until:
        bounds["$lt"] = moment_key(until)
    return [{"ls.o": bounds}] if bounds else []
