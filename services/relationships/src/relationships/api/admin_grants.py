"""Administrator grants over HTTP, for partners and customers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AfterValidator, BaseModel, Field

from chassis import (
    Caller,
    Cause,
    Change,
    Form,
    Handler,
    MongoStore,
    Once,
    Page,
    PageQuery,
    Principal,
    ProblemError,
    list_filter,
    new_router,
    not_found,
    require,
)
from chassis.limits import SPENT, MailBudgets
from kontor_contracts.admin_grants import AutoExtend, Days, GrantEnd, GrantName, GrantRole, GrantTerms
from kontor_contracts.customers import Note
from kontor_contracts.names import is_plain_name, plain_text
from kontor_contracts.values import Id, Recipient
from relationships import lookups
from relationships.documents import ADMIN_GRANT, CUSTOMER
from relationships.domain.admin_grant.commands import ApproveGrant, Command, EndGrant, RequestGrant, SetAutoExtend
from relationships.domain.admin_grant.listing import customer_key, list_key
from relationships.domain.admin_grant.state import AdminGrant, State, Status
from relationships.domain.customer.commands import DropGrant
from relationships.domain.customer.state import MOST_GRANTS

Requester = Annotated[Principal, require("grants:request")]
Approver = Annotated[Principal, require("grants:approve")]
Reader = Annotated[Principal, require("customers:read")]
Sort = Literal["requested_at", "-requested_at", "expires_at", "-expires_at"]
MAILS = 2
"""Both sides get one."""


class GrantBody(Form):
    """``auto_extend_days``: by so much the grant is extended whenever it runs out; 0: it ends."""

    name: GrantName
    roles: tuple[GrantRole, ...] = Field(min_length=1, max_length=5)
    days: Days = 730
    auto_extend_days: AutoExtend = 0


class GrantEndBody(Form):
    """``reason`` is in the mails to both sides."""

    reason: Annotated[Note, AfterValidator(plain_text)] | None = None


class AutoExtendBody(Form):
    days: AutoExtend


class GrantView(BaseModel):
    """An administrator grant as both sides see it."""

    grant_id: str
    customer_id: str
    customer_name: str
    organization_id: str
    partner_name: str
    name: str
    roles: tuple[GrantRole, ...]
    days: int
    auto_extend_days: int
    status: Status
    requested_at: datetime
    approved_at: datetime | None
    expires_at: datetime | None
    ended_at: datetime | None
    ended_because: GrantEnd | None
    ended_reason: str | None


@dataclass(frozen=True, slots=True)
class Grants:
    """Finds grants of the caller, charges the mails, and runs commands."""

    store: MongoStore
    handler: Handler
    budgets: MailBudgets

    async def own(self, grant_id: str, caller: Principal) -> AdminGrant:
        """404 for grants of others."""
        state = await self.store.get(ADMIN_GRANT, ADMIN_GRANT.id(grant_id))
        grant = state.admin_grant if state else None
        if grant is None or side_of(grant, caller) is None:
            raise not_found("grant")
        return grant

    async def changeable(self, grant_id: str, caller: Principal) -> AdminGrant:
        """404 for grants of others; each side needs its own permission."""
        grant = await self.own(grant_id, caller)
        caller.need("grants:approve" if side_of(grant, caller) == "customer" else "grants:request")
        return grant

    async def run(
        self, grant_id: str, command: Command, caller: Principal, cause: Cause, response: Response | None = None
    ) -> GrantView:
        """``response``: the command leads to mails, which are charged."""
        id = ADMIN_GRANT.id(grant_id)
        if response is not None and await self.handler.would_change(ADMIN_GRANT, id, command, cause):
            headers = await self.budgets.by_organization(
                cause, organization_id=caller.organization_id, person=caller.user_id, proved=True, mails=MAILS
            )
            response.headers.update(headers)
        outcome = await self.handler.handle(ADMIN_GRANT, id, command, cause, answer=_answer)
        return GrantView.model_validate(outcome.answer)

    async def terms(
        self, customer_id: str, grant_id: str, body: GrantBody, caller: Principal
    ) -> tuple[GrantTerms, bool, str | None]:
        """What is asked for, whether the customer can approve, and its contact. 404 for customers of others."""
        found = await lookups.customer_and_viewer(self.store, customer_id, caller.organization_id)
        customer, viewer = found or (None, None)
        if customer is None or viewer is None or not lookups.serves(customer, viewer):
            raise not_found("customer")
        account = lookups.account_of(customer)
        terms = GrantTerms(
            grant_id=grant_id,
            customer_id=customer_id,
            customer_name=account.name,
            partner=viewer.partner,
            name=body.name,
            roles=tuple(dict.fromkeys(body.roles)),
            days=body.days,
            auto_extend_days=body.auto_extend_days,
            contact=account.contact,
        )
        return terms, account.portal is None, account.contact_user

    async def has_room(self, terms: GrantTerms) -> bool:
        where = {
            "tenant": terms.customer_id,
            "state.admin_grant.terms.partner.organization_id": terms.partner.organization_id,
            "state.admin_grant.status": {"$ne": "ended"},
        }
        return await self.store.count(ADMIN_GRANT, where, limit=MOST_GRANTS) < MOST_GRANTS


def router(store: MongoStore, handler: Handler, budgets: MailBudgets) -> APIRouter:
    routes = new_router("/v1", tags=["admin-grants"])
    grants = Grants(store, handler, budgets)
    _partner_side(routes, grants)
    _customer_side(routes, grants)
    _both_sides(routes, grants)
    return routes


def _partner_side(routes: APIRouter, grants: Grants) -> None:
    @routes.post("/customers/{customer_id}/admin-grants", status_code=201, responses=SPENT)
    async def request_admin_grant(
        customer_id: str, body: GrantBody, once: Once, caller: Requester, response: Response
    ) -> GrantView:
        """Ask a customer for administrator rights. Nothing is granted before the customer approves.

        409 `taken`: another open grant of the caller's company has the name.
        """
        if not is_plain_name(body.name):
            raise ProblemError(422, "invalid", "a name holds no link and no invisible characters", field="name")
        grant_id, cause = once.scope(caller), once.cause(caller)
        terms, reachable, contact_user = await grants.terms(customer_id, grant_id, body, caller)
        command = RequestGrant(
            terms=terms,
            related=True,
            reachable=reachable,
            room=await grants.has_room(terms),
            contact_user=contact_user,
            by=caller.user_id,
            at=cause.time,
        )
        return await grants.run(grant_id, command, caller, cause, response)


def _customer_side(routes: APIRouter, grants: Grants) -> None:
    @routes.post("/admin-grants/{grant_id}/approve", responses=SPENT)
    async def approve_admin_grant(grant_id: str, once: Once, caller: Approver, response: Response) -> GrantView:
        """Approve a request. The rights begin within seconds and end by themselves. 409 once it was answered or has ended."""
        await grants.own(grant_id, caller)
        cause = once.cause(caller)
        contact = Recipient(name=caller.name, email=caller.email, culture=caller.culture)
        return await grants.run(grant_id, ApproveGrant(caller.user_id, contact, cause.time), caller, cause, response)


def _both_sides(routes: APIRouter, grants: Grants) -> None:
    @routes.get("/admin-grants")
    async def list_admin_grants(
        paging: PageQuery,
        caller: Reader,
        status: Status | None = None,
        customer_id: Annotated[Id | None, Query(description="only grants of this customer")] = None,
        sort: Annotated[Sort, Query(description="expires_at: grants that have not begun come last")] = "-requested_at",
    ) -> Page[GrantView]:
        """The grants of the caller's organization, as the partner or as the customer."""
        own, by_end = caller.organization_id, sort.endswith("expires_at")
        keys = [list_key(own, status)]
        if customer_id:
            # The list itself has the order by the end; else the index is entered by what leaves fewest.
            keys.insert(1 if by_end else 0, customer_key(own, customer_id))
        found = await grants.store.list_page(
            ADMIN_GRANT,
            keys[0],
            list_filter(keys=keys[1:]),
            limit=paging.limit + 1,
            after=paging.after,
            descending=sort.startswith("-"),
            second=by_end,
        )
        return paging.page([(order, view_of(state.admin_grant)) for order, state in found if state.admin_grant])

    @routes.get("/admin-grants/{grant_id}")
    async def show_admin_grant(grant_id: str, caller: Reader) -> GrantView:
        return view_of(await grants.own(grant_id, caller))

    # A dependency, so that it is refused before the body is looked at.
    async def changeable(grant_id: str, caller: Caller) -> AdminGrant:
        return await grants.changeable(grant_id, caller)

    Changeable = Annotated[AdminGrant, Depends(changeable)]  # noqa: N806  a type

    @routes.post("/admin-grants/{grant_id}/end", responses=SPENT)
    async def end_admin_grant(
        *, grant_id: str, grant: Changeable, body: GrantEndBody, once: Once, caller: Caller, response: Response
    ) -> GrantView:
        """End a grant: the partner withdraws a request or gives the rights back, the customer rejects it or takes them away."""
        cause = once.cause(caller)
        command = EndGrant(side=side_of(grant, caller), by=caller.user_id, reason=body.reason, at=cause.time)
        shown = await grants.run(grant_id, command, caller, cause, response)
        # The event does the same. This way no check counts the grant once the end is answered.
        customer = CUSTOMER.id(grant.terms.customer_id)
        await grants.handler.handle(CUSTOMER, customer, DropGrant(grant_id), cause)
        return shown

    @routes.put("/admin-grants/{grant_id}/auto-extension")
    async def set_auto_extension(
        grant_id: str, grant: Changeable, body: AutoExtendBody, change: Change, caller: Caller
    ) -> GrantView:
        """Say whether the grant is extended when it runs out. Only the customer can switch it on."""
        command = SetAutoExtend(body.days, caller.user_id, by_customer=side_of(grant, caller) == "customer")
        return await grants.run(grant_id, command, caller, change.cause(caller))


def side_of(grant: AdminGrant, caller: Principal) -> Literal["customer", "partner"] | None:
    if caller.organization_id == grant.terms.customer_id:
        return "customer"
    return "partner" if caller.organization_id == grant.terms.partner.organization_id else None


def view_of(grant: AdminGrant) -> GrantView:
    terms = grant.terms
    return GrantView(
        grant_id=terms.grant_id,
        customer_id=terms.customer_id,
        customer_name=terms.customer_name,
        organization_id=terms.partner.organization_id,
        partner_name=terms.partner.name,
        name=terms.name,
        roles=terms.roles,
        days=terms.days,
        auto_extend_days=terms.auto_extend_days,
        status=grant.status,
        requested_at=grant.requested_at,
        approved_at=grant.approved_at,
        expires_at=grant.expires_at,
        ended_at=grant.ended_at,
        ended_because=grant.ended_because,
        ended_reason=grant.ended_reason,
    )


def _answer(state: State) -> dict[str, Any] | None:
    return view_of(state.admin_grant).model_dump(mode="json") if state.admin_grant else None
