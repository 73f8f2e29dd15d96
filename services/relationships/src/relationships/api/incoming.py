"""The invitations for the caller: at its own address, at proved domains of its company, or that its company was let in to."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query

from chassis import Caller, MongoStore, Page, PageQuery, Principal, language_of, new_router
from relationships import lookups
from relationships.api.acceptance import ACCEPTING
from relationships.api.views import IncomingView, incoming_view
from relationships.documents import INVITATION
from relationships.domain.invitation.listing import address_list, company_list, domain_list
from relationships.domain.invitation.state import Invitation, State, Status
from relationships.links import Links

Found = tuple[str, State]


def router(store: MongoStore, links: Links) -> APIRouter:
    routes = new_router("/v1/invitations", tags=["invitations"])

    @routes.get("/incoming")
    async def list_incoming_invitations(
        paging: PageQuery,
        caller: Caller,
        status: Annotated[Status | None, Query(description="sent: those that wait for an answer")] = None,
    ) -> Page[IncomingView]:
        """Newest first. An open one has its link, so that it is answered from here as from the mail."""
        where = {"state.invitation.status": status} if status else {}
        lists = await asyncio.gather(
            *(
                store.list_page(INVITATION, key, where, limit=paging.limit + 1, after=paging.after, descending=True)
                for key in await _lists(store, caller)
            )
        )
        language = language_of(caller.culture)
        found = _merged(lists)[: paging.limit + 1]
        return paging.page([(order, incoming_view(one, links.url(one), language)) for order, one in found])

    return routes


async def _lists(store: MongoStore, caller: Principal) -> Sequence[str]:
    """A user sees what is at the user's own address; those who accept for the company also what is for the company."""
    own = address_list(caller.email)
    if not any(permission in caller.permissions for permission in ACCEPTING):
        return (own,)
    domains = await lookups.proved_domains(store, caller.organization_id)
    return (own, company_list(caller.organization_id), *(domain_list(domain) for domain in domains))


def _merged(lists: Sequence[Sequence[Found]]) -> list[tuple[str, Invitation]]:
    by_order = {order: state.invitation for found in lists for order, state in found if state.invitation}
    return sorted(by_order.items(), reverse=True)
