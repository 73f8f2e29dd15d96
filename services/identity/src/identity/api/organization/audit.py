"""HTTP: the activity log of the caller's organization."""

from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from chassis import MongoStore, Page, PageQuery, Principal, new_router, require
from chassis.files import CSV_ANSWER, CsvSeparator, csv_download, csv_line
from identity.documents import AUDIT, USER
from identity.domain.audit_entry import Entry, Line
from kontor_contracts.values import Id

Reader = Annotated[Principal, require("audit:read")]
EXPORTED = (
    "at",
    "actor",
    "actor_name",
    "on_behalf_of",
    "action",
    "subject",
    "subject_name",
    "field",
    "old",
    "new",
    "correlation_id",
)


class DifferenceView(BaseModel):
    field: str
    old: str | None
    new: str | None


class EntryView(BaseModel):
    """Names are current ones; null for purged users. ``actor``: ``user:<id>``, ``service:<name>`` or ``console``."""

    entry_id: str
    at: datetime
    actor: str
    actor_name: str | None
    on_behalf_of: str
    action: str
    subject: str
    subject_name: str | None
    differences: list[DifferenceView]
    correlation_id: str


def _wanted(
    subject: Annotated[Id | None, Query(description="The changed document, such as user:<id>.")] = None,
    actor: Annotated[
        Id | None, Query(description="The user or service that made the change, such as user:<id>.")
    ] = None,
    action: Annotated[Id | None, Query(description="For instance user-disabled.")] = None,
) -> dict[str, Any]:
    given = {"state.entry.subject": subject, "state.entry.actor": actor, "state.entry.action": action}
    return {path: value for path, value in given.items() if value is not None}


Wanted = Annotated[dict[str, Any], Depends(_wanted)]


def router(store: MongoStore) -> APIRouter:
    routes = new_router("/v1/audit", tags=["audit"])

    async def views(found: Iterable[Line]) -> list[EntryView]:
        entries = [each.entry for each in found if each.entry]
        names = await _names(store, entries)
        return [_view(entry, names) for entry in entries]

    @routes.get("")
    async def list_activity(paging: PageQuery, wanted: Wanted, caller: Reader) -> Page[EntryView]:
        """The activity log of the caller's organization, newest first."""
        where = {"tenant": caller.organization_id, **wanted}
        found = await store.find(AUDIT, where, limit=paging.limit + 1, after=paging.after, newest_first=True)
        shown = await views(line for _, line in found)
        return paging.page([(id, view) for (id, _), view in zip(found, shown, strict=True)])

    @routes.get("/export", responses=CSV_ANSWER, response_class=Response)
    async def export_activity(wanted: Wanted, separator: CsvSeparator, caller: Reader) -> Response:
        """The activity log as CSV, newest first, one line per changed field."""
        where = {"tenant": caller.organization_id, **wanted}

        async def rows() -> AsyncIterator[str]:
            async for page in store.find_pages(AUDIT, where, newest_first=True):
                yield "".join(_rows(view, separator) for view in await views(line for _, line in page))

        return csv_download("activity", EXPORTED, rows(), separator)

    return routes


async def _names(store: MongoStore, entries: Iterable[Entry]) -> dict[str, str]:
    people = {each for entry in entries for each in (entry.actor, entry.subject) if each.startswith("user:")}
    users = await store.get_many(*((USER, each) for each in sorted(people))) if people else []
    return {USER.id(user.user_id): user.full_name for user in users if user and user.full_name}


def _view(entry: Entry, names: dict[str, str]) -> EntryView:
    return EntryView(
        entry_id=entry.event_id,
        at=entry.at,
        actor=entry.actor,
        actor_name=names.get(entry.actor),
        on_behalf_of=entry.on_behalf_of,
        action=entry.action,
        subject=entry.subject,
        subject_name=names.get(entry.subject),
        differences=[DifferenceView(field=d.field, old=d.old, new=d.new) for d in entry.differences],
        correlation_id=entry.correlation_id,
    )


def _rows(view: EntryView, separator: str) -> str:
    who = (
        view.at.isoformat(),
        view.actor,
        view.actor_name,
        view.on_behalf_of,
        view.action,
        view.subject,
        view.subject_name,
    )
    differences = view.differences or [DifferenceView(field="", old=None, new=None)]
    return "".join(
        csv_line((*who, each.field, each.old, each.new, view.correlation_id), separator) for each in differences
    )
