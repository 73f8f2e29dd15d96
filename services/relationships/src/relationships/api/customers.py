"""Customers over HTTP, as their partners see them."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from chassis import (
    Change,
    Form,
    Handler,
    MongoStore,
    Page,
    PageQuery,
    Paging,
    Principal,
    new_router,
    not_found,
    require,
)
from chassis.files import CSV_ANSWER, CsvSeparator, csv_download, csv_line
from kontor_contracts.customers import Channel
from kontor_contracts.values import Id
from relationships import lookups
from relationships.api.customer_lists import Filter, ListQuery, Wanted, filter_for
from relationships.api.views import CustomerView, customer_views
from relationships.documents import CUSTOMER
from relationships.domain.customer.commands import NameChannel
from relationships.domain.partner import Company

Reader = Annotated[Principal, require("customers:read")]
Noter = Annotated[Principal, require("customers:invite")]
Other = Annotated[
    Id | None, Query(description="organization of a provider or reseller of the caller that has the customer, too")
]
STRANGER: dict[int | str, dict[str, Any]] = {
    404: {"description": "The caller works with no such `partner` at present."}
}
EXPORTED = ("customer_id", "name", "domain", "country", "origin", "channel", "since", "permissions", "partners")
BATCH = 200
"""Customers whose lines are written together."""


class CustomerPage(Page[CustomerView]):
    """``total``: how many match; null unless it was asked for."""

    total: int | None = None


class ChannelBody(Form):
    """How the caller's company found the customer; null: it is not said."""

    channel: Channel | None


class CustomerLists:
    """Lists of customers. Every one is the viewer's own, or what it shares with a partner that it is connected with."""

    def __init__(self, store: MongoStore) -> None:
        self._store = store

    async def scope(self, caller: Principal, wanted: Wanted, other: str | None) -> tuple[Company, Filter] | None:
        """The viewer, and the filter of its list. None: its enrollment is not active. 404 without an active partnership."""
        if other is None:
            viewer = await lookups.active_partner(self._store, caller.organization_id)
            return (viewer, filter_for(wanted, viewer.partner.partner_id)) if viewer else None
        pair = await lookups.connected_either_way(self._store, caller.organization_id, other)
        if pair is None:
            raise not_found("partner")
        # A reseller has fewer customers than a provider: its list is the one to read.
        ours, theirs = pair.own.partner.partner_id, pair.other.partner.partner_id
        fewest = ours if pair.own.partner.program == "indirect-reseller" else theirs
        return pair.own, filter_for(wanted, ours, shared_with=theirs, fewest=fewest)

    async def page(self, caller: Principal, paging: Paging, wanted: Wanted, other: str | None) -> CustomerPage:
        scope = await self.scope(caller, wanted, other)
        if scope is None:
            return CustomerPage(items=[], total=0 if wanted.total else None)
        viewer, found_by = scope
        found = await self._store.list_page(
            CUSTOMER,
            found_by.key,
            found_by.where,
            limit=paging.limit + 1,
            after=paging.after,
            descending=wanted.descending,
            second=found_by.second,
        )
        views = await customer_views(self._store, [state for _, state in found], viewer, listed=wanted.state)
        # The cursor follows from all that was found: what is not shown must not end the list.
        page = paging.page([(order, view) for (order, _), view in zip(found, views, strict=True)])
        total = await self._store.list_count(CUSTOMER, found_by.key, found_by.where) if wanted.total else None
        return CustomerPage(
            items=[view for view in page.items if view is not None], next_cursor=page.next_cursor, total=total
        )

    async def lines(self, caller: Principal, wanted: Wanted, other: str | None, separator: str) -> AsyncIterator[str]:
        scope = await self.scope(caller, wanted, other)
        return self._lines(*scope, wanted, separator) if scope else _nothing()

    async def _lines(self, viewer: Company, found_by: Filter, wanted: Wanted, separator: str) -> AsyncIterator[str]:
        batch = []
        found = self._store.list_all(
            CUSTOMER, found_by.key, found_by.where, descending=wanted.descending, second=found_by.second
        )
        async for state in found:
            batch.append(state)
            if len(batch) == BATCH:
                yield _rows(await customer_views(self._store, batch, viewer, listed=wanted.state), separator)
                batch = []
        if batch:
            yield _rows(await customer_views(self._store, batch, viewer, listed=wanted.state), separator)


async def _nothing() -> AsyncIterator[str]:
    """No lines."""
    lines: tuple[str, ...] = ()
    for line in lines:
        yield line


def router(store: MongoStore, handler: Handler) -> APIRouter:
    routes = new_router("/v1", tags=["customers"])
    lists = CustomerLists(store)

    @routes.get("/customers", responses=STRANGER)
    async def list_customers(
        paging: PageQuery, wanted: ListQuery, caller: Reader, partner: Other = None
    ) -> CustomerPage:
        """The customers of the caller's company by name or date; none unless its enrollment is active."""
        return await lists.page(caller, paging, wanted, partner)

    @routes.get("/customers/export", responses={**CSV_ANSWER, **STRANGER}, response_class=Response)
    async def export_customers(
        wanted: ListQuery, separator: CsvSeparator, caller: Reader, partner: Other = None
    ) -> Response:
        """The list of customers as CSV, with the same search, filters and order."""
        return csv_download("customers", EXPORTED, await lists.lines(caller, wanted, partner, separator), separator)

    @routes.get("/customers/{customer_id}")
    async def show_customer(customer_id: str, caller: Reader) -> CustomerView:
        """The customer with its contact, and who serves it: the caller's company and the partners that came with it."""
        return await show(customer_id, caller)

    @routes.put("/customers/{customer_id}/channel")
    async def note_channel(customer_id: str, body: ChannelBody, change: Change, caller: Noter) -> CustomerView:
        """Note how the caller's company found the customer. No other company sees the note."""
        found = await lookups.customer_and_viewer(store, customer_id, caller.organization_id)
        (view,) = await customer_views(store, [found[0]], found[1]) if found else [None]
        if found is None or view is None:
            raise not_found("customer")
        command = NameChannel(found[1].partner.partner_id, body.channel)
        await handler.handle(CUSTOMER, CUSTOMER.id(customer_id), command, change.cause(caller))
        return await show(customer_id, caller)

    @routes.get("/providers/{provider_id}/customers")
    async def list_shared_customers(
        provider_id: str, paging: PageQuery, wanted: ListQuery, caller: Reader
    ) -> CustomerPage:
        """The customers that the caller's company shares with one of its providers. 404 without an active partnership."""
        return await lists.page(caller, paging, wanted, provider_id)

    @routes.get("/resellers/{reseller_id}/customers")
    async def list_customers_of_reseller(
        reseller_id: str, paging: PageQuery, wanted: ListQuery, caller: Reader
    ) -> CustomerPage:
        """The customers of one of the caller's resellers that it shares with the caller. 404 without an active partnership."""
        return await lists.page(caller, paging, wanted, reseller_id)

    async def show(customer_id: str, caller: Principal) -> CustomerView:
        found = await lookups.customer_and_viewer(store, customer_id, caller.organization_id)
        (view,) = await customer_views(store, [found[0]], found[1]) if found else [None]
        if view is None:
            raise not_found("customer")
        return view

    return routes


def _rows(views: list[CustomerView | None], separator: str) -> str:
    return "".join(_row(view, separator) for view in views if view)


def _row(view: CustomerView, separator: str) -> str:
    others = "; ".join(one.name or one.partner_id for one in view.partners)
    since = view.since.isoformat() if view.since else ""
    rights = " ".join(view.permissions)
    cells = (view.customer_id, view.name, view.domain, view.country, view.origin, view.channel, since, rights, others)
    return csv_line(cells, separator)
