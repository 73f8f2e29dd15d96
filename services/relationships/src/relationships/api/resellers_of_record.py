"""Resellers of record over HTTP: a provider names one on a subscription; provider, reseller and staff can end that."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import AfterValidator, Field

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
    list_filter,
    new_router,
    not_found,
)
from kontor_contracts.customers import Note
from kontor_contracts.names import plain_text
from kontor_contracts.values import Id, PartnerId
from relationships import lookups
from relationships.api.callers import require_by_kind
from relationships.api.record_views import RecordView, record_views
from relationships.documents import RECORD
from relationships.domain.customer.state import known
from relationships.domain.listing_words import WORD_START, search_words
from relationships.domain.record.commands import Remover, RemoveReseller, SetReseller
from relationships.domain.record.listing import (
    EVERYBODYS,
    Shown,
    customer_key,
    list_key,
    partner_key,
    shown_to,
    word_key,
)
from relationships.domain.record.state import Record
from relationships.record_moves import key_of
from relationships.resellers_of_record import judge, named

Setter = Annotated[
    Principal,
    require_by_kind(
        {"provider": "subscriptions:assign"}, others="only an indirect provider names resellers on subscriptions"
    ),
]
NEEDED: dict[str, str] = {
    "provider": "subscriptions:assign",
    "reseller": "customers:end",
    "operator": "relationships:end",
}
"""To end what is named, by kind of organization."""
Ender = Annotated[Principal, require_by_kind(NEEDED, others="provider and reseller decide this; ask one of them")]
READING: dict[str, str] = {"operator": "partners:read"}


class RecordBody(Form):
    partner_id: PartnerId = Field(description="Partner id of the reseller.", examples=["4711001"])


class RecordEndBody(Form):
    """``comment`` is shown to the other side."""

    comment: Annotated[Note, AfterValidator(plain_text)] | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request asks of a list."""

    words: tuple[str, ...]
    shown: Shown
    customer_id: str | None
    partner_id: str | None
    descending: bool

    def keys(self, viewer: str) -> list[str]:
        """The index is entered by the first: the one that leaves fewest."""
        keys = [customer_key(viewer, self.shown, self.customer_id)] if self.customer_id else []
        keys += [word_key(viewer, self.shown, word) for word in self.words if len(word) >= WORD_START]
        keys += [partner_key(viewer, self.shown, self.partner_id)] if self.partner_id else []
        return [*keys, list_key(viewer, self.shown)]


def wanted(
    q: Annotated[str, Query(max_length=100, description="beginnings of words of the subscription's number")] = "",
    state: Annotated[Shown, Query(description="ended: no reseller is named now, or another one than the caller")] = (
        "active"
    ),
    customer_id: Annotated[Id | None, Query(description="only subscriptions of this customer")] = None,
    partner_id: Annotated[
        PartnerId | None,
        Query(description="only with this other partner: the provider for a reseller, else the reseller"),
    ] = None,
    sort: Literal["subscription_id", "-subscription_id"] = "subscription_id",
) -> Wanted:
    return Wanted(search_words(q), state, customer_id, partner_id, sort == "-subscription_id")


ListQuery = Annotated[Wanted, Depends(wanted)]


def router(store: MongoStore, handler: Handler) -> APIRouter:
    routes = new_router("/v1", tags=["resellers-of-record"])
    _lists(routes, store)
    _changes(routes, store, handler)
    return routes


def viewer_of(caller: Principal) -> str:
    caller.need(READING.get(caller.organization_kind, "customers:read"))
    return EVERYBODYS if caller.organization_kind == "operator" else caller.organization_id


async def _seen(store: MongoStore, record_id: str, viewer: str) -> Record:
    """404 for records of others."""
    state = await store.get(RECORD, RECORD.id(record_id))
    record = state.record if state else None
    if record is None or shown_to(record, viewer) is None:
        raise not_found("reseller of record")
    return record


def _lists(routes: APIRouter, store: MongoStore) -> None:
    @routes.get("/resellers-of-record")
    async def list_resellers_of_record(paging: PageQuery, wanted: ListQuery, caller: Caller) -> Page[RecordView]:
        """The subscriptions of the caller's company with their resellers: as provider, as reseller or as customer.

        The program's staff sees all.
        """
        viewer = viewer_of(caller)
        keys = wanted.keys(viewer)
        found = await store.list_page(
            RECORD,
            keys[0],
            list_filter(keys=keys[1:], words=wanted.words),
            limit=paging.limit + 1,
            after=paging.after,
            descending=wanted.descending,
        )
        known_ones = [(order, state.record) for order, state in found if state.record]
        views = await record_views(store, [record for _, record in known_ones], viewer)
        return paging.page([(order, view) for (order, _), view in zip(known_ones, views, strict=True)])

    @routes.get("/resellers-of-record/{record_id}")
    async def show_reseller_of_record(record_id: str, caller: Caller) -> RecordView:
        """One subscription with its reseller, judged now, and those before."""
        viewer = viewer_of(caller)
        record = await _seen(store, record_id, viewer)
        (view,) = await record_views(store, [record], viewer)
        return view


def _changes(routes: APIRouter, store: MongoStore, handler: Handler) -> None:
    async def shown(record: Record, viewer: str) -> RecordView:
        (view,) = await record_views(store, [record], viewer)
        return view

    @routes.put("/customers/{customer_id}/subscriptions/{subscription_id}/reseller-of-record")
    async def set_reseller_of_record(
        customer_id: Id, subscription_id: Id, body: RecordBody, change: Change, caller: Setter
    ) -> RecordView:
        """Name a reseller on a subscription of the caller's company, a provider, or another one instead.

        404 for a customer that the company has never worked with. 409 says what is wrong with the reseller, as
        `POST /v1/resellers/validate` does.
        """
        customer, provider = await lookups.customer_and_company(store, customer_id, caller.organization_id)
        if customer is None or provider is None or known(customer, provider.partner.partner_id) is None:
            raise not_found("customer")
        cause = change.cause(caller)
        found = await judge(store, provider, customer_id, body.partner_id)
        key = await key_of(store, caller.organization_id, customer_id, subscription_id)
        command = SetReseller(
            record_id=key,
            customer_id=customer_id,
            subscription_id=subscription_id,
            provider=named(provider.partner),
            reseller=found.reseller,
            verdict=found.verdict,
            by=caller.user_id,
            at=cause.time,
        )
        outcome = await handler.handle(RECORD, RECORD.id(key), command, cause)
        assert outcome.state.record is not None, "set, or refused"
        return await shown(outcome.state.record, caller.organization_id)

    @routes.post("/resellers-of-record/{record_id}/end")
    async def end_reseller_of_record(record_id: str, body: RecordEndBody, once: Once, caller: Ender) -> RecordView:
        """Name no reseller any more: by the provider, by the reseller that gives it up, or by the program's staff."""
        viewer = EVERYBODYS if caller.organization_kind == "operator" else caller.organization_id
        record = await _seen(store, record_id, viewer)
        cause, side = once.cause(caller), _side(record, viewer)
        command = RemoveReseller(
            side=side,
            by=caller.user_id,
            organization_id=caller.organization_id if side == "reseller" else None,
            comment=body.comment,
            at=cause.time,
        )
        outcome = await handler.handle(RECORD, RECORD.id(record_id), command, cause)
        assert outcome.state.record is not None, "it was there"
        return await shown(outcome.state.record, viewer)


def _side(record: Record, viewer: str) -> Remover:
    if viewer == EVERYBODYS:
        return "program"
    return "provider" if viewer == record.provider.organization_id else "reseller"
