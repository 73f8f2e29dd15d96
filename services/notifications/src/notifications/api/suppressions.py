"""Suppressed addresses over HTTP, for the program's staff: listed, added and lifted, each with a reason."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from chassis import (
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
    require,
)
from kontor_contracts.notifications import SuppressionReason
from kontor_contracts.values import Email, Line
from notifications.documents import SUPPRESSION, suppression_id, suppression_key
from notifications.domain.mail.masking import masked
from notifications.domain.suppression.state import LiftSuppression, SuppressAddress, Suppression
from notifications.lists import SUPPRESSED, list_key, suppressed_address
from notifications.settings import Settings

Manager = Annotated[Principal, require("mails:manage")]
Sort = Literal["since", "-since"]


class SuppressForm(Form):
    email: Email
    note: Line


class LiftForm(Form):
    note: Line


class SuppressionEntryView(BaseModel):
    """``reason`` null: lifted."""

    at: datetime
    by: str
    reason: SuppressionReason | None
    note: str | None


class SuppressionView(BaseModel):
    """``reason`` null: mails go to the address."""

    suppression_id: str
    address: str
    reason: SuppressionReason | None
    since: datetime | None
    until: datetime | None
    soft_bounces: int
    history: list[SuppressionEntryView]


def router(store: MongoStore, handler: Handler, settings: Settings) -> APIRouter:
    routes = new_router("/v1/suppressions", tags=["suppressions"])
    _read(routes, store, settings)
    _change(routes, store, handler)
    return routes


def _read(routes: APIRouter, store: MongoStore, settings: Settings) -> None:
    @routes.get("")
    async def list_suppressions(
        _: Manager,
        paging: PageQuery,
        reason: Annotated[SuppressionReason | None, Query(description="Why no mail goes to the address.")] = None,
        email: Annotated[Email | None, Query(description="One whole address.")] = None,
        sort: Annotated[Sort, Query(description="By the time of the suppression; -since: newest first.")] = "-since",
    ) -> Page[SuppressionView]:
        """The addresses to which no mail goes at present. They are masked."""
        key = SUPPRESSED if reason is None else list_key(SUPPRESSED, reason=reason)
        if email is not None:
            key = suppressed_address(suppression_key(email))
        now = settings.now().isoformat().replace("+00:00", "Z")
        holds: list[dict[str, Any]] = [{"$or": [{"state.until": None}, {"state.until": {"$gt": now}}]}]
        found = await store.list_page(
            SUPPRESSION,
            key,
            list_filter(where=holds),
            limit=paging.limit + 1,
            after=paging.after,
            descending=sort == "-since",
        )
        return paging.page([(order, suppression_view(state, settings.now())) for order, state in found])

    @routes.get("/{suppression_id}")
    async def show_suppression(suppression_id: str, _: Manager) -> SuppressionView:
        """One address with its history, also after it was lifted."""
        found = await store.get(SUPPRESSION, SUPPRESSION.id(suppression_id))
        if found is None:
            raise not_found("suppression")
        return suppression_view(found, settings.now())


def _change(routes: APIRouter, store: MongoStore, handler: Handler) -> None:
    @routes.post("")
    async def suppress_address(form: SuppressForm, once: Once, caller: Manager) -> SuppressionView:
        """Send no mail to an address until this is lifted, for instance because its owner asks for it."""
        cause = once.cause(caller)
        command = SuppressAddress(
            address=masked(form.email),
            reason="staff",
            at=cause.time,
            by=cause.actor,
            note=form.note,
            key=suppression_key(form.email),
        )
        return await _run(handler, suppression_id(form.email), command, cause)

    @routes.post("/{suppression_id}/lift")
    async def lift_suppression(suppression_id: str, form: LiftForm, once: Once, caller: Manager) -> SuppressionView:
        """Send mails to the address again. Retry the mails that were suppressed meanwhile. 409 `not-suppressed` if none is."""
        id = SUPPRESSION.id(suppression_id)
        if await store.get(SUPPRESSION, id) is None:
            raise not_found("suppression")
        cause = once.cause(caller)
        return await _run(handler, id, LiftSuppression(at=cause.time, by=cause.actor, note=form.note), cause)


async def _run(handler: Handler, id: str, command: SuppressAddress | LiftSuppression, cause: Any) -> SuppressionView:
    outcome = await handler.handle(
        SUPPRESSION,
        id,
        command,
        cause,
        answer=lambda state: suppression_view(state, cause.time).model_dump(mode="json"),
    )
    return SuppressionView.model_validate(outcome.answer)


def suppression_view(state: Suppression, now: datetime) -> SuppressionView:
    holds = state.holds(now)
    return SuppressionView(
        suppression_id=state.key,
        address=state.address,
        reason=holds,
        since=state.since if holds else None,
        until=state.until if holds else None,
        soft_bounces=state.soft,
        history=[SuppressionEntryView(at=one.at, by=one.by, reason=one.reason, note=one.note) for one in state.entries],
    )
