"""Ending a customer relationship over HTTP, by the partner, by the customer or by the program's staff."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AfterValidator, BaseModel

from chassis import (
    Cause,
    Form,
    Handler,
    MongoStore,
    Once,
    Principal,
    new_router,
    not_found,
    require,
)
from chassis.limits import SPENT, MailBudgets
from kontor_contracts.customers import EndedBy, Note
from kontor_contracts.names import plain_text
from relationships import lookups
from relationships.api.customer_views import ResellerView, reseller_views
from relationships.documents import CUSTOMER
from relationships.domain.customer.commands import EndRelationship

PartnerEnder = Annotated[Principal, require("customers:end")]
CustomerEnder = Annotated[Principal, require("resellers:end")]
Staff = Annotated[Principal, require("relationships:end")]
Reader = Annotated[Principal, require("customers:read")]


MAILS = 2
"""To the partner and to the customer; those that came with the partner get one each, too."""


class RelationshipEndBody(Form):
    """``reason`` is sent to all companies concerned."""

    reason: Annotated[Note, AfterValidator(plain_text)] | None = None


class EndedView(BaseModel):
    customer_id: str
    partner_id: str
    ended: bool = True


class ResellersView(BaseModel):
    """All of them: a customer works with a bounded number of partners."""

    items: list[ResellerView]


class Ends:
    """Ends relationships; all companies concerned get a mail. A repeated end has the same answer."""

    def __init__(self, store: MongoStore, handler: Handler, budgets: MailBudgets) -> None:
        self._store = store
        self._handler = handler
        self._budgets = budgets

    async def end(
        self, customer_id: str, partner_id: str, caller: Principal, reason: str | None, cause: Cause, *, by: EndedBy
    ) -> EndedView:
        """Raises RefusedError; 404 for a customer that is not known."""
        found = await lookups.concerned(self._store, customer_id, partner_id)
        if found is None:
            raise not_found("relationship")
        command = EndRelationship(
            partner_id=partner_id,
            by=by,
            user_id=caller.user_id,
            reason=reason,
            at=cause.time,
            partner=found.partner,
            others=found.others,
        )
        id = CUSTOMER.id(customer_id)
        if by != "program" and await self._handler.would_change(CUSTOMER, id, command, cause):
            await self._budgets.by_organization(
                cause,
                organization_id=caller.organization_id,
                person=caller.user_id,
                proved=True,
                mails=MAILS + len(found.others),
            )
        await self._handler.handle(CUSTOMER, id, command, cause)
        return EndedView(customer_id=customer_id, partner_id=partner_id)


def router(store: MongoStore, handler: Handler, budgets: MailBudgets) -> APIRouter:
    routes = new_router("/v1", tags=["customers"])
    ends = Ends(store, handler, budgets)

    @routes.post("/customers/{customer_id}/end", responses=SPENT)
    async def end_customer_relationship(
        customer_id: str, body: RelationshipEndBody, once: Once, caller: PartnerEnder
    ) -> EndedView:
        """End the relationship of the caller's company with a customer.

        409 subscriptions-active while another service reports active subscriptions.
        """
        own = await lookups.partner_id_of(store, caller.organization_id)
        if own is None or not await lookups.had_relationship(store, customer_id, own):
            raise not_found("customer")
        cause = once.cause(caller)
        return await ends.end(customer_id, own, caller, body.reason, cause, by="partner")

    @routes.post("/customers/{customer_id}/partners/{partner_id}/end")
    async def end_relationship_for_the_program(
        customer_id: str, partner_id: str, body: RelationshipEndBody, once: Once, caller: Staff
    ) -> EndedView:
        """End a relationship as the program's staff, also while a portal reports active subscriptions."""
        cause = once.cause(caller)
        return await ends.end(customer_id, partner_id, caller, body.reason, cause, by="program")

    @routes.get("/me/resellers")
    async def list_my_resellers(
        caller: Reader,
        ended: Annotated[bool, Query(description="the relationships that ended instead, the newest first")] = False,
    ) -> ResellersView:
        """Who may do what for the caller's organization, a customer: by which acceptance, since when and until when."""
        customer = await store.get(CUSTOMER, CUSTOMER.id(caller.organization_id))
        return ResellersView(items=await reseller_views(store, customer, ended=ended) if customer else [])

    @routes.post("/me/resellers/{partner_id}/end", responses=SPENT)
    async def end_my_reseller(
        partner_id: str, body: RelationshipEndBody, once: Once, caller: CustomerEnder
    ) -> EndedView:
        """End the relationship of the caller's organization, a customer, with one of its partners.

        409 subscriptions-active while another service reports active subscriptions.
        """
        if not await lookups.had_relationship(store, caller.organization_id, partner_id):
            raise not_found("reseller")
        cause = once.cause(caller)
        return await ends.end(caller.organization_id, partner_id, caller, body.reason, cause, by="customer")

    return routes
