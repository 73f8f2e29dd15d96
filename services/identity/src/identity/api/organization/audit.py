"""HTTP: the activity log of the caller's organization; of all organizations for the program's staff."""

from collections.abc import AsyncIterator

from fastapi import APIRouter, Response

from chassis import MongoStore, Page, PageQuery, new_router
from chassis.files import CSV_ANSWER, CsvSeparator, csv_download
from identity.api.organization.audit_query import ActivityQuery, Reader
from identity.api.organization.audit_views import EXPORTED, ActivityViews, EntryView, csv_rows
from identity.documents import AUDIT

EXPORT_BATCH = 200


def router(store: MongoStore) -> APIRouter:
    routes = new_router("/v1/audit", tags=["audit"])
    views = ActivityViews(store)

    @routes.get("")
    async def list_activity(paging: PageQuery, wanted: ActivityQuery, caller: Reader) -> Page[EntryView]:
        """The activity log of the caller's organization: what happened here and what partners did that concerns it.

        The program's staff see the log of every organization. Newest first, unless `sort` says otherwise.
        """
        found = await store.list_page(
            AUDIT,
            wanted.key,
            wanted.where,
            limit=paging.limit + 1,
            after=paging.after,
            descending=wanted.descending,
        )
        shown = await views.of([line for _, line in found], caller)
        return paging.page([(order, view) for (order, _), view in zip(found, shown, strict=True)])

    @routes.get("/export", responses=CSV_ANSWER, response_class=Response)
    async def export_activity(wanted: ActivityQuery, separator: CsvSeparator, caller: Reader) -> Response:
        """The activity log as CSV, with the filters and the order of the list; one line per changed field."""

        async def rows() -> AsyncIterator[str]:
            batch = []
            async for line in store.list_all(AUDIT, wanted.key, wanted.where, descending=wanted.descending):
                batch.append(line)
                if len(batch) == EXPORT_BATCH:
                    yield "".join(csv_rows(view, separator) for view in await views.of(batch, caller))
                    batch = []
            yield "".join(csv_rows(view, separator) for view in await views.of(batch, caller))

        return csv_download("activity", EXPORTED, rows(), separator)

    return routes
