"""Partnerships over HTTP: the lists of both sides, one partnership, its end and the provider's administrator access."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from chassis import (
    Change,
    Form,
    Handler,
    MongoStore,
    Once,
    Page,
    PageQuery,
    Paging,
    Principal,
    UnsafeRequest,
    list_filter,
    new_router,
    not_found,
    require,
)
from chassis.limits import SPENT, MailBudgets
from kontor_contracts.relationships import PartnershipSide
from kontor_contracts.values import Moment, Name
from relationships.api.callers import require_by_kind
from relationships.api.partnership_views import (
    PartnershipDetailView,
    PartnershipView,
    partnership_detail,
    partnership_views,
)
from relationships.documents import PARTNERSHIP
from relationships.domain.listing_words import search_words
from relationships.domain.partnership import (
    Command,
    EndPartnership,
    GrantAdminAccess,
    Partnership,
    PartnershipShown,
    RemoveAdminAccess,
    State,
    partnership_of,
    side_of,
)
from relationships.domain.partnership_listing import list_key, word_key

Reader = Annotated[Principal, require("partnerships:read")]
Ender = Annotated[Principal, require("partnerships:end")]
Authorizer = Annotated[
    Principal, require_by_kind({"reseller": "partnerships:authorize"}, others="only the reseller decides this")
]
MAILS = 2
"""Both sides get one."""


class PartnershipEndBody(Form):
    """``comment`` is shown to the other side, in its mail too."""

    reason: Literal["by-agreement", "contract-ended", "moved-to-another-partner", "conduct", "other"]
    comment: Name | None = None


class AccessBody(Form):
    """``until``: when the access ends by itself; null: the company removes it when it likes."""

    until: Moment | None = None
    consent: bool = Field(description="true: the provider may administer this company's own work account")


def router(store: MongoStore, handler: Handler, budgets: MailBudgets, now: Callable[[], datetime]) -> APIRouter:
    routes = new_router("/v1", tags=["partnerships"])
    _lists(routes, store, now)
    _changes(routes, Partnerships(store, handler, budgets))
    return routes


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request asks of a list."""

    words: tuple[str, ...]
    shown: PartnershipShown
    descending: bool
    by_since: bool


def wanted(
    q: Annotated[str, Query(max_length=100, description="beginnings of words of the other company's name")] = "",
    state: Annotated[PartnershipShown, Query(description="present: all that have not ended")] = "present",
    sort: Literal["name", "-name", "since", "-since"] = "name",
) -> Wanted:
    return Wanted(search_words(q), state, sort.startswith("-"), sort.endswith("since"))


ListQuery = Annotated[Wanted, Depends(wanted)]


def _present(pair: Partnership, shown: PartnershipShown) -> bool:
    return not pair.ended or shown in {"ended", "all"}


def _lists(routes: APIRouter, store: MongoStore, now: Callable[[], datetime]) -> None:
    async def others(
        paging: Paging, caller: Principal, wanted: Wanted, *, show: PartnershipSide
    ) -> Page[PartnershipView]:
        own = caller.organization_id
        keys = [*(word_key(own, wanted.shown, word) for word in wanted.words), list_key(own, wanted.shown)]
        if wanted.by_since:
            # The list itself has that order; the words are looked at in what is found.
            keys.reverse()
        found = await store.list_page(
            PARTNERSHIP,
            keys[0],
            list_filter(keys=keys[1:], words=wanted.words),
            limit=paging.limit + 1,
            after=paging.after,
            descending=wanted.descending,
            second=wanted.by_since,
        )
        known = [(order, pair) for order, state in found if (pair := partnership_of(state, own))]
        # A company is on one side of all its partnerships; the list of its own side is empty.
        # The partnership itself says whether it has ended: the list's key is a copy of that.
        pairs = [(order, pair) for order, pair in known if side_of(pair, own) != show and _present(pair, wanted.shown)]
        return paging.page(await partnership_views(store, pairs, show=show, at=now()))

    @routes.get("/providers")
    async def list_providers(paging: PageQuery, wanted: ListQuery, caller: Reader) -> Page[PartnershipView]:
        """The providers of the caller's company, a reseller."""
        return await others(paging, caller, wanted, show="provider")

    @routes.get("/resellers")
    async def list_resellers(paging: PageQuery, wanted: ListQuery, caller: Reader) -> Page[PartnershipView]:
        """The resellers of the caller's company, a provider."""
        return await others(paging, caller, wanted, show="reseller")

    @routes.get("/partnerships/{partnership_id}")
    async def show_partnership(partnership_id: str, caller: Reader) -> PartnershipDetailView:
        """A partnership of the caller's company with its history; 404 for any other. Ended ones are shown, too."""
        state = await store.get(PARTNERSHIP, PARTNERSHIP.id(partnership_id))
        if state is None or partnership_of(state, caller.organization_id) is None:
            raise not_found("partnership")
        return await partnership_detail(store, state, now())


class Partnerships:
    """Commands of one side on a partnership. Each mails both sides, so the budget is charged first."""

    def __init__(self, store: MongoStore, handler: Handler, budgets: MailBudgets) -> None:
        self._store = store
        self._handler = handler
        self._budgets = budgets

    async def run(
        self,
        partnership_id: str,
        command: Command,
        caller: Principal,
        request: UnsafeRequest,
        response: Response,
    ) -> PartnershipDetailView:
        """404 unless the caller's company is a side of it."""
        id, cause = PARTNERSHIP.id(partnership_id), request.cause(caller)
        state = await self._store.get(PARTNERSHIP, id)
        pair = partnership_of(state, caller.organization_id)
        if pair is None:
            raise not_found("partnership")
        if await self._handler.would_change(PARTNERSHIP, id, command, cause):
            headers = await self._budgets.by_organization(
                cause, organization_id=caller.organization_id, person=caller.user_id, proved=True, mails=MAILS
            )
            response.headers.update(headers)
        outcome = await self._handler.handle(PARTNERSHIP, id, command, cause)
        return await self._shown(outcome.state, cause.time)

    async def _shown(self, state: State, at: datetime) -> PartnershipDetailView:
        return await partnership_detail(self._store, state, at)


Run = Callable[..., Awaitable[PartnershipDetailView]]


def _changes(routes: APIRouter, partnerships: Partnerships) -> None:
    run: Run = partnerships.run

    @routes.post("/partnerships/{partnership_id}/end", responses=SPENT)
    async def end_partnership(
        partnership_id: str, body: PartnershipEndBody, once: Once, caller: Ender, response: Response
    ) -> PartnershipDetailView:
        """End the partnership, by either side. Customers and their grants stay; both sides get a mail.

        The provider's administrator access ends with it. A new invitation connects the two again.
        """
        cause = once.cause(caller)
        command = EndPartnership(by=caller.organization_id, reason=body.reason, comment=body.comment, at=cause.time)
        return await run(partnership_id, command, caller, once, response)

    @routes.put("/partnerships/{partnership_id}/admin-access", responses=SPENT)
    async def grant_admin_access(
        partnership_id: str, body: AccessBody, change: Change, caller: Authorizer, response: Response
    ) -> PartnershipDetailView:
        """Let the provider administer the caller's own work account, or change when that ends. Reseller only."""
        cause = change.cause(caller)
        command = GrantAdminAccess(by=caller.user_id, until=body.until, consent=body.consent, at=cause.time)
        return await run(partnership_id, command, caller, change, response)

    @routes.delete("/partnerships/{partnership_id}/admin-access", responses=SPENT)
    async def remove_admin_access(
        partnership_id: str, change: Change, caller: Authorizer, response: Response
    ) -> PartnershipDetailView:
        """Take the provider's administrator access away. The partnership stays. Reseller only."""
        command = RemoveAdminAccess(at=change.cause(caller).time)
        return await run(partnership_id, command, caller, change, response)
