"""Imported customers that signed up, over HTTP: proposals and matches of a customer, and the way back for both sides."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from chassis import Cause, Handler, MongoStore, Once, Principal, RefusedError, new_router, not_found, require
from chassis.limits import SPENT, MailBudgets
from kontor_contracts.customers import EndedBy
from kontor_contracts.values import Recipient
from relationships import lookups
from relationships.api.match_views import MatchesView, match_view, proposal_view
from relationships.customer_matches import Proposal, company_of, present_partners, proposals, proposed
from relationships.documents import CUSTOMER
from relationships.domain.customer.commands import MatchCustomer, UndoMatch
from relationships.domain.customer.refusals import refused
from relationships.domain.customer.state import MOST_MATCHES, UNDO_WITHIN, State, had_match, has_room, match_of

Reader = Annotated[Principal, require("customers:read")]
Confirmer = Annotated[Principal, require("invitations:accept-as-customer")]
CustomerUndoer = Annotated[Principal, require("resellers:end")]
PartnerUndoer = Annotated[Principal, require("customers:end")]
Staff = Annotated[Principal, require("relationships:end")]


class ConfirmedView(BaseModel):
    """The partners are moved a moment later."""

    imported_id: str
    customer_id: str
    undo_until: datetime


class UndoneView(BaseModel):
    imported_id: str
    customer_id: str
    undone: bool = Field(default=True, description="always true")


class Matches:
    """Confirms and undoes matches; the customer and all partners that are moved get a mail."""

    def __init__(self, store: MongoStore, handler: Handler, budgets: MailBudgets) -> None:
        self._store = store
        self._handler = handler
        self._budgets = budgets

    async def listed(self, caller: Principal) -> MatchesView:
        customer = await self._store.get(CUSTOMER, CUSTOMER.id(caller.organization_id))
        if customer is None:
            return MatchesView(proposals=[], matches=[])
        found = await proposals(self._store, serving(customer), await company_of(self._store, caller))
        ids = {id for one in found for id in one.partner_ids}
        names = {one.partner_id: one.name for one in await present_partners(self._store, ids)}
        return MatchesView(
            proposals=[proposal_view(one, names) for one in found],
            matches=[match_view(one) for one in customer.matches],
        )

    async def confirm(self, imported_id: str, caller: Principal, cause: Cause) -> ConfirmedView:
        """Raises RefusedError; 404 where nothing is proposed, whether or not there is such a customer."""
        id = CUSTOMER.id(imported_id)
        customer = await self._store.get(CUSTOMER, CUSTOMER.id(caller.organization_id))
        imported = await self._store.get(CUSTOMER, id)
        into = imported.matched.customer_id if imported and imported.matched else None
        company = await company_of(self._store, caller)
        found = await proposed(self._store, imported_id, company, *serving(customer)) if customer else None
        if found is None and into != caller.organization_id:
            raise not_found("proposal")
        if customer is not None and found is not None:
            _need_room(customer, found)
        partners = await present_partners(self._store, found.partner_ids if found else ())
        command = MatchCustomer(
            customer_id=caller.organization_id,
            customer_name=caller.organization_name,
            country=caller.country,
            contact=Recipient(name=caller.name, email=caller.email, culture=caller.culture),
            user_id=caller.user_id,
            invitation_id=None,
            partners=partners,
            at=cause.time,
            proposed=found is not None,
        )
        if await self._handler.would_change(CUSTOMER, id, command, cause):
            await self._spend(caller, cause, 1 + len(partners))
        outcome = await self._handler.handle(CUSTOMER, id, command, cause, answer=_confirmed)
        return ConfirmedView.model_validate(outcome.answer)

    async def undo(
        self,
        customer_id: str,
        imported_id: str,
        caller: Principal,
        cause: Cause,
        *,
        by: EndedBy,
        partner_id: str | None = None,
    ) -> UndoneView:
        """Raises RefusedError; 404 where the customer never had such a match."""
        id = CUSTOMER.id(customer_id)
        customer = await self._store.get(CUSTOMER, id)
        found = match_of(customer, imported_id) if customer else None
        moved = [one.taken.partner_id for one in found.moved] if found else []
        command = UndoMatch(
            imported_id=imported_id,
            by=by,
            user_id=caller.user_id,
            partner_id=partner_id,
            partners=await present_partners(self._store, moved),
            at=cause.time,
        )
        answer = UndoneView(imported_id=imported_id, customer_id=customer_id)
        if by != "program" and not had_match(customer, imported_id):
            raise not_found("match")
        if by != "program" and await self._handler.would_change(CUSTOMER, id, command, cause):
            await self._spend(caller, cause, 1 + len(moved))
        await self._handler.handle(CUSTOMER, id, command, cause)
        return answer

    async def _spend(self, caller: Principal, cause: Cause, mails: int) -> None:
        await self._budgets.by_organization(
            cause, organization_id=caller.organization_id, person=caller.user_id, proved=True, mails=mails
        )


def router(store: MongoStore, handler: Handler, budgets: MailBudgets) -> APIRouter:
    routes = new_router("/v1", tags=["customers"])
    matches = Matches(store, handler, budgets)

    @routes.get("/me/matches")
    async def list_my_matches(caller: Reader) -> MatchesView:
        """Customers of other portals that may be the caller's organization, a customer, and those that it confirmed to be."""
        return await matches.listed(caller)

    @routes.post("/me/matches/{imported_id}/confirm", responses=SPENT)
    async def confirm_match(imported_id: str, once: Once, caller: Confirmer) -> ConfirmedView:
        """Confirm that the caller's organization is this imported customer. Its partners keep their rights under the account.

        It can be undone for 30 days.
        """
        return await matches.confirm(imported_id, caller, once.cause(caller))

    @routes.post("/me/matches/{imported_id}/undo", responses=SPENT)
    async def undo_my_match(imported_id: str, once: Once, caller: CustomerUndoer) -> UndoneView:
        """Undo a match within 30 days: both customers are as before. What was ended since stays ended."""
        cause = once.cause(caller)
        return await matches.undo(caller.organization_id, imported_id, caller, cause, by="customer")

    @routes.post("/customers/{customer_id}/matches/{imported_id}/undo", responses=SPENT)
    async def undo_match_of_customer(
        customer_id: str, imported_id: str, once: Once, caller: PartnerUndoer
    ) -> UndoneView:
        """Undo a match of a customer within 30 days, as a partner that it moved."""
        own = await lookups.partner_id_of(store, caller.organization_id)
        if own is None or not await lookups.had_relationship(store, customer_id, own):
            raise not_found("match")
        cause = once.cause(caller)
        return await matches.undo(customer_id, imported_id, caller, cause, by="partner", partner_id=own)

    @routes.post("/customers/{customer_id}/matches/{imported_id}/undo-for-the-program")
    async def undo_match_for_the_program(customer_id: str, imported_id: str, once: Once, caller: Staff) -> UndoneView:
        """Undo a match as the program's staff, also after 30 days."""
        return await matches.undo(customer_id, imported_id, caller, once.cause(caller), by="program")

    return routes


def serving(customer: State) -> list[str]:
    """Partner ids of those that the customer authorized, the last first."""
    invited = [one for one in customer.holding if one.invitations]
    return [one.partner_id for one in sorted(invited, key=lambda one: str(one.accepted_at), reverse=True)]


def _need_room(customer: State, found: Proposal) -> None:
    """Raises RefusedError."""
    if len(customer.matches) >= MOST_MATCHES:
        raise RefusedError(refused("too-many-matches"))
    if not has_room(customer, found.partner_ids):
        raise RefusedError(refused("too-many-partners"))


def _confirmed(imported: State) -> dict[str, object]:
    assert imported.matched is not None
    assert imported.account is not None
    return {
        "imported_id": imported.account.customer_id,
        "customer_id": imported.matched.customer_id,
        "undo_until": (imported.matched.matched_at + UNDO_WITHIN).isoformat(),
    }
