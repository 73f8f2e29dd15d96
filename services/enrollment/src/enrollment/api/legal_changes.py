"""A partner's change of its legal profile over HTTP: propose, withdraw, review, and the reviewers' list."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from chassis import (
    Cause,
    Change,
    Handler,
    MongoStore,
    Once,
    Page,
    PageQuery,
    Principal,
    list_filter,
    new_router,
    require,
)
from enrollment.api.forms import LegalChangeReviewForm, ProfileForm
from enrollment.api.legal_change_views import PartnerChangeView, partner_change_view
from enrollment.api.profile_rules import address_of
from enrollment.api.views import EnrollmentView, enrollment_answer, enrollment_view
from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment import change_queue
from enrollment.domain.enrollment.legal_change import (
    JudgeLegalChange,
    LegalChangeCommand,
    ProposeLegalChange,
    WithdrawLegalChange,
)
from enrollment.domain.enrollment.state import Actor
from enrollment.lookups import Editor, actor_of, own, readable
from kontor_contracts.markets import MarketCountry

Submitter = Annotated[Principal, require("enrollment:submit")]
Reviewer = Annotated[Principal, require("enrollment:review")]
Sort = Literal["due", "-due"]


def router(store: MongoStore, handler: Handler) -> APIRouter:
    routes = new_router("/v1", tags=["partners"])
    _proposal(routes, store, handler)
    _review(routes, store, handler)
    _list(routes, store)
    return routes


def _proposal(routes: APIRouter, store: MongoStore, handler: Handler) -> None:
    @routes.put("/enrollments/{enrollment_id}/legal-change")
    async def propose_legal_change(
        enrollment_id: str, form: ProfileForm, change: Change, caller: Submitter
    ) -> EnrollmentView:
        """Propose a change of a partner's legal name, address or registration id. The country never changes.

        A reviewer looks at what differs; the present data hold until the change is accepted. 409 `change-pending` while
        another change is under review, `not-active` for a company that is no partner yet.
        """
        state, cause = await own(store, enrollment_id, caller), change.cause(caller)
        command = ProposeLegalChange(
            company_name=form.company_name,
            address=address_of(form, state.country),
            registration_id=form.registration_id,
            actor=actor_of(caller, state, cause.time),
        )
        # No stored answer: the command is idempotent, and a repeated request may see the present state.
        outcome = await handler.handle(ENROLLMENT, ENROLLMENT.id(enrollment_id), command, cause)
        return enrollment_view(outcome.state)

    @routes.post("/enrollments/{enrollment_id}/legal-change/withdraw")
    async def withdraw_legal_change(enrollment_id: str, once: Once, caller: Editor) -> EnrollmentView:
        """Withdraw the proposed or rejected change: the present data are right. The program's staff do the same."""
        state, cause = await readable(store, enrollment_id, caller), once.cause(caller)
        command = WithdrawLegalChange(actor=actor_of(caller, state, cause.time))
        return await _run(handler, enrollment_id, command, cause)


def _review(routes: APIRouter, store: MongoStore, handler: Handler) -> None:
    @routes.post("/enrollments/{enrollment_id}/legal-change/review")
    async def review_legal_change(
        enrollment_id: str, form: LegalChangeReviewForm, once: Once, caller: Reviewer
    ) -> EnrollmentView:
        """Accept or reject the proposed change of a partner of another organization.

        Every service shows an accepted name. After a rejection the partner has 30 days to propose another change or to
        withdraw this one; then it is suspended. 409 `no-change-pending` if nothing is proposed.
        """
        await readable(store, enrollment_id, caller)
        cause = once.cause(caller)
        actor = Actor(user=caller.user_id, organization=caller.organization_id, staff=True, at=cause.time)
        command = JudgeLegalChange(
            decision=form.decision, reason=form.reason, explanation=form.explanation, actor=actor
        )
        return await _run(handler, enrollment_id, command, cause)


def _list(routes: APIRouter, store: MongoStore) -> None:
    @routes.get("/legal-changes")
    async def list_legal_changes(
        _: Reviewer,
        paging: PageQuery,
        country: MarketCountry | None = None,
        overdue: Annotated[bool, Query(description="true: only changes whose review is late")] = False,
        sort: Annotated[Sort, Query(description="by due date, the oldest first; - for the newest")] = "due",
    ) -> Page[PartnerChangeView]:
        """Partners of all organizations whose legal profile is to change, for the reviewers."""
        keys = [change_queue.OVERDUE] if overdue else []
        keys += [change_queue.country_key(country)] if country else []
        first, *rest = (*keys, change_queue.ALL)
        found = await store.list_page(
            ENROLLMENT,
            first,
            list_filter(keys=rest),
            limit=paging.limit + 1,
            after=paging.after,
            descending=sort.startswith("-"),
        )
        return paging.page([(order, partner_change_view(state)) for order, state in found])


async def _run(handler: Handler, enrollment_id: str, command: LegalChangeCommand, cause: Cause) -> EnrollmentView:
    outcome = await handler.handle(ENROLLMENT, ENROLLMENT.id(enrollment_id), command, cause, answer=enrollment_answer)
    return EnrollmentView.model_validate(outcome.answer)
