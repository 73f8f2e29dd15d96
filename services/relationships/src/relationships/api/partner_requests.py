"""A reseller's requests to providers of the directory over HTTP: asked by the reseller, answered by the provider."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import AfterValidator, BaseModel, StringConstraints

from chassis import (
    ForbiddenError,
    Form,
    Handler,
    MongoStore,
    Once,
    Page,
    PageQuery,
    Principal,
    ProblemError,
    UnsafeRequest,
    derived_id,
    new_router,
    not_found,
    require,
)
from chassis.limits import SPENT, MailBudgets
from kontor_contracts.directory import DeclineReason
from kontor_contracts.markets import region_of
from kontor_contracts.names import plain_text
from kontor_contracts.relationships import PartnershipSide
from kontor_contracts.values import Id, Name
from relationships import lookups
from relationships.documents import PARTNER, PARTNERSHIP, PROFILE, REQUEST
from relationships.domain.partner import Company, active_company
from relationships.domain.partner_request import (
    AcceptRequest,
    AskForPartnership,
    Command,
    DeclineRequest,
    Request,
    State,
    Status,
    WithdrawRequest,
    request_of,
)
from relationships.domain.partner_request_listing import list_key
from relationships.domain.partnership import partnership_id, present_partnership

Reader = Annotated[Principal, require("partnerships:read")]
Asker = Annotated[Principal, require("partnerships:request")]
Answerer = Annotated[Principal, require("partnerships:invite")]
Message = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=1_000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+$"
    ),
    AfterValidator(plain_text),
]
BUDGET = "partnership-request"
UNLISTED: dict[int | str, dict[str, Any]] = {404: {"description": "The directory lists no such provider."}}


class PartnershipRequestBody(Form):
    provider_id: Id
    message: Message | None = None


class RequestDeclineBody(Form):
    reason: DeclineReason
    comment: Name | None = None


class PartnershipRequestView(BaseModel):
    request_id: str
    provider_id: str
    provider_name: str
    reseller_id: str
    reseller_name: str
    requester: str
    message: str | None
    status: Status
    requested_at: datetime
    expires_at: datetime
    answered_at: datetime | None
    reason: DeclineReason | None
    comment: str | None
    invitation_id: str | None


def router(store: MongoStore, handler: Handler, budgets: MailBudgets) -> APIRouter:
    routes = new_router("/v1/partnership-requests", tags=["directory"])
    requests = Requests(store, handler, budgets)
    _reads(routes, store)
    _answers(routes, requests)

    @routes.post("", status_code=201, responses={**SPENT, **UNLISTED})
    async def ask_for_partnership(
        body: PartnershipRequestBody, once: Once, caller: Asker, response: Response
    ) -> PartnershipRequestView:
        """Ask a provider of the directory to work with the caller's company, a reseller. The provider gets a mail."""
        return await requests.ask(body, caller, once, response)

    @routes.post("/{partnership_request_id}/withdraw", responses=SPENT)
    async def withdraw_request(
        partnership_request_id: str, once: Once, caller: Asker, response: Response
    ) -> PartnershipRequestView:
        """Take an open request back."""
        await requests.own(partnership_request_id, caller, "reseller")
        return await requests.run(
            partnership_request_id, WithdrawRequest(once.cause(caller).time), caller, once, response
        )

    return routes


class Requests:
    def __init__(self, store: MongoStore, handler: Handler, budgets: MailBudgets) -> None:
        self._store = store
        self._handler = handler
        self._budgets = budgets

    async def ask(
        self, body: PartnershipRequestBody, caller: Principal, request: UnsafeRequest, response: Response
    ) -> PartnershipRequestView:
        pair = partnership_id(body.provider_id, caller.organization_id)
        found = await self._store.get_many(
            (PARTNER, PARTNER.id(caller.organization_id)),
            (PARTNER, PARTNER.id(body.provider_id)),
            (PARTNERSHIP, PARTNERSHIP.id(pair)),
            (PROFILE, PROFILE.id(body.provider_id)),
        )
        reseller, provider, profile = active_company(found[0]), active_company(found[1]), found[3]
        if reseller is None:
            raise ProblemError(
                409, "partner-not-active", "your company is not an active partner; complete its enrollment first"
            )
        if provider is None or profile is None or not profile.listed:
            raise not_found("provider")
        command = AskForPartnership(
            request_id=pair,
            provider=provider.partner,
            reseller=reseller.partner,
            requester=lookups.person(caller),
            message=body.message,
            connected=present_partnership(found[2]) is not None,
            same_region=_same_region(reseller, provider),
            at=request.cause(caller).time,
        )
        return await self.run(pair, command, caller, request, response, to=provider)

    async def own(self, request_id: str, caller: Principal, side: PartnershipSide) -> Request:
        """404 for strangers; 403 for the other side."""
        state = await self._store.get(REQUEST, REQUEST.id(request_id))
        request = request_of(state, caller.organization_id)
        if request is None:
            raise not_found("request")
        own = request.provider if side == "provider" else request.reseller
        if own.organization_id != caller.organization_id:
            raise ForbiddenError("partnerships:request", f"only the {side} may do this")
        return request

    async def accept(
        self, request_id: str, caller: Principal, once: UnsafeRequest, response: Response
    ) -> PartnershipRequestView:
        request = await self.own(request_id, caller, "provider")
        found = await self._store.get_many(
            (PARTNER, PARTNER.id(request.provider.organization_id)),
            (PARTNER, PARTNER.id(request.reseller.organization_id)),
        )
        provider, reseller = active_company(found[0]), active_company(found[1])
        if provider is None or reseller is None:
            raise ProblemError(
                409, "partner-not-active", "one of the two companies is not an active partner now; decline, or wait"
            )
        command = AcceptRequest(
            by=lookups.person(caller),
            provider=provider.partner,
            reseller=reseller.partner,
            invitation_id=derived_id("partnership-request", request_id, request.requested_at.isoformat()),
            at=once.cause(caller).time,
        )
        return await self.run(request_id, command, caller, once, response)

    async def run(
        self,
        request_id: str,
        command: Command,
        caller: Principal,
        once: UnsafeRequest,
        response: Response,
        *,
        to: Company | None = None,
    ) -> PartnershipRequestView:
        """Charges the mail that the command leads to. ``to``: a provider that is asked is charged as an addressee, too."""
        id, cause = REQUEST.id(request_id), once.cause(caller)
        if await self._handler.would_change(REQUEST, id, command, cause):
            headers = await self._budgets.by_organization(
                cause, organization_id=caller.organization_id, person=caller.user_id, proved=True
            )
            if to is not None:
                await self._budgets.by_addressee(
                    cause,
                    email=to.partner.contact.email,
                    purpose=BUDGET,
                    organization_id=caller.organization_id,
                )
            response.headers.update(headers)
        outcome = await self._handler.handle(REQUEST, id, command, cause)
        return _view(_known(outcome.state, caller))


def _reads(routes: APIRouter, store: MongoStore) -> None:
    @routes.get("")
    async def list_partnership_requests(
        paging: PageQuery,
        caller: Reader,
        status: Annotated[Status | None, Query(description="only requests with this status")] = None,
        sort: Annotated[Literal["requested_at", "-requested_at"], Query(description="oldest or newest first")] = (
            "-requested_at"
        ),
    ) -> Page[PartnershipRequestView]:
        """The last request to or from each company, of the caller's company."""
        found = await store.list_page(
            REQUEST,
            list_key(caller.organization_id, status),
            {},
            limit=paging.limit + 1,
            after=paging.after,
            descending=sort == "-requested_at",
        )
        own = [(order, request_of(state, caller.organization_id)) for order, state in found]
        return paging.page([(order, _view(one)) for order, one in own if one])

    @routes.get("/{partnership_request_id}")
    async def show_partnership_request(partnership_request_id: str, caller: Reader) -> PartnershipRequestView:
        state = await store.get(REQUEST, REQUEST.id(partnership_request_id))
        return _view(_known(state, caller))


def _answers(routes: APIRouter, requests: Requests) -> None:
    @routes.post("/{partnership_request_id}/accept", responses=SPENT)
    async def accept_request(
        partnership_request_id: str, once: Once, caller: Answerer, response: Response
    ) -> PartnershipRequestView:
        """Accept: an invitation to the requester is drafted (``invitation_id``), for the provider to edit and send."""
        return await requests.accept(partnership_request_id, caller, once, response)

    @routes.post("/{partnership_request_id}/decline", responses=SPENT)
    async def decline_request(
        partnership_request_id: str, body: RequestDeclineBody, once: Once, caller: Answerer, response: Response
    ) -> PartnershipRequestView:
        """Decline. The requester gets the reason by mail, and may ask again after 30 days."""
        await requests.own(partnership_request_id, caller, "provider")
        command = DeclineRequest(reason=body.reason, comment=body.comment, at=once.cause(caller).time)
        return await requests.run(partnership_request_id, command, caller, once, response)


def _same_region(one: Company, other: Company) -> bool:
    # By the countries, so that both come from the same list; enrollment's own names decide where that has none.
    regions = region_of(one.country), region_of(other.country)
    return regions[0] == regions[1] if all(regions) else one.region == other.region


def _known(state: State | None, caller: Principal) -> Request:
    request = request_of(state, caller.organization_id)
    if request is None:
        raise not_found("request")
    return request


def _view(request: Request) -> PartnershipRequestView:
    return PartnershipRequestView(
        request_id=request.request_id,
        provider_id=request.provider.organization_id,
        provider_name=request.provider.name,
        reseller_id=request.reseller.organization_id,
        reseller_name=request.reseller.name,
        requester=request.requester.name,
        message=request.message,
        status=request.status,
        requested_at=request.requested_at,
        expires_at=request.expires_at,
        answered_at=request.answered_at,
        reason=request.reason,
        comment=request.comment,
        invitation_id=request.invitation_id,
    )
