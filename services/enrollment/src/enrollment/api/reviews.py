"""The review queue over HTTP: lists, counts, the file of a review, claim, release, notes, risk."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response

from chassis import (
    Handler,
    MongoStore,
    Once,
    Page,
    PageQuery,
    Principal,
    UnsafeRequest,
    list_filter,
    new_router,
    require,
)
from enrollment.api.forms import ClaimForm, NoteForm, RiskForm
from enrollment.api.review_views import QueueCountsView, QueueItemView, ReviewFileView, queue_item, review_file
from enrollment.api.revisions import tag
from enrollment.checks.business_checks import BusinessChecks
from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment import queue
from enrollment.domain.enrollment.checking import RepeatChecks, checked_company
from enrollment.domain.enrollment.dossier import Step
from enrollment.domain.enrollment.reviewing import AddNote, ClaimReview, MarkRisk, ReleaseReview, ReviewerCommand
from enrollment.domain.enrollment.state import Actor, Enrollment
from enrollment.lookups import others_of, readable
from kontor_contracts.markets import MarketCountry
from kontor_contracts.values import Program

Reviewer = Annotated[Principal, require("enrollment:review")]
Sort = Literal["waiting", "-waiting", "due", "-due"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """``keys``: the lists that an enrollment must be in; the index is searched by the first one."""

    keys: tuple[str, ...]
    descending: bool
    total: bool = False


class ReviewPage(Page[QueueItemView]):
    """``total``: how many reviews match; null unless it was asked for."""

    total: int | None = None


def wanted(  # noqa: PLR0917  one parameter of the request each
    caller: Reviewer,
    country: MarketCountry | None = None,
    program: Program | None = None,
    step: Annotated[Step | None, Query(description="the step that is under review")] = None,
    claimed: Annotated[Literal["mine", "nobody"] | None, Query(description="mine: by the caller")] = None,
    overdue: Annotated[bool, Query(description="true: only reviews that are late")] = False,
    high_risk: Annotated[bool, Query(description="true: only those that take two reviewers")] = False,
    name_warning: Annotated[bool, Query(description="true: only those with a warning about the name")] = False,
    flagged: Annotated[bool, Query(description="true: only those that an automatic check has flagged")] = False,
    sort: Annotated[Sort, Query(description="by waiting time or due date, the oldest first; - for the newest")] = "due",
    total: Annotated[bool, Query(description="count all reviews that match; this costs a second query")] = False,
) -> Wanted:
    # The shortest list comes first: the index reads its entries, and the other lists filter them.
    keys = [queue.claimed_key(caller.user_id)] if claimed == "mine" else []
    keys += [queue.OVERDUE] if overdue else []
    keys += [queue.HIGH_RISK] if high_risk else []
    keys += [queue.FLAGGED] if flagged else []
    keys += [queue.NAME_WARNING] if name_warning else []
    keys += [queue.country_key(country)] if country else []
    keys += [queue.step_key(step)] if step else []
    keys += [queue.program_key(program)] if program else []
    keys += [queue.UNCLAIMED] if claimed == "nobody" else []
    return Wanted((*keys, queue.ALL), sort.startswith("-"), total)


QueueQuery = Annotated[Wanted, Depends(wanted)]


def router(store: MongoStore, handler: Handler, checks: BusinessChecks) -> APIRouter:
    routes = new_router("/v1/reviews", tags=["reviews"])
    _lists(routes, store)
    _file(routes, store, handler, checks)
    return routes


def _lists(routes: APIRouter, store: MongoStore) -> None:
    @routes.get("")
    async def list_reviews(_: Reviewer, query: QueueQuery, paging: PageQuery) -> ReviewPage:
        """Enrollments of all organizations that are in review."""
        first, *rest = query.keys
        found = await store.list_page(
            ENROLLMENT,
            first,
            list_filter(keys=rest),
            limit=paging.limit + 1,
            after=paging.after,
            descending=query.descending,
        )
        page = paging.page([(order, queue_item(state)) for order, state in found])
        total = await store.list_count(ENROLLMENT, first, list_filter(keys=rest)) if query.total else None
        return ReviewPage(items=page.items, next_cursor=page.next_cursor, total=total)

    @routes.get("/counts")
    async def count_reviews(caller: Reviewer) -> QueueCountsView:
        """How many reviews there are, for a dashboard."""

        async def count(key: str) -> int:
            return await store.list_count(ENROLLMENT, key, {})

        return QueueCountsView(
            waiting=await count(queue.ALL),
            overdue=await count(queue.OVERDUE),
            unclaimed=await count(queue.UNCLAIMED),
            high_risk=await count(queue.HIGH_RISK),
            name_warning=await count(queue.NAME_WARNING),
            flagged=await count(queue.FLAGGED),
            mine=await count(queue.claimed_key(caller.user_id)),
        )


def _file(routes: APIRouter, store: MongoStore, handler: Handler, checks: BusinessChecks) -> None:
    async def file_of(state: Enrollment) -> ReviewFileView:
        return review_file(state, await others_of(store, state))

    async def carry_out(
        enrollment_id: str, command: ReviewerCommand | RepeatChecks, once: UnsafeRequest, caller: Principal
    ) -> ReviewFileView:
        # The answer is not stored: a repeated request may see the present file.
        outcome = await handler.handle(ENROLLMENT, ENROLLMENT.id(enrollment_id), command, once.cause(caller))
        return await file_of(outcome.state)

    async def staff(enrollment_id: str, once: UnsafeRequest, caller: Principal) -> Actor:
        await readable(store, enrollment_id, caller)
        return Actor(user=caller.user_id, organization=caller.organization_id, staff=True, at=once.cause(caller).time)

    @routes.get("/{enrollment_id}")
    async def show_review(enrollment_id: str, caller: Reviewer, response: Response) -> ReviewFileView:
        """The reviewers' file of an enrollment, in any status.

        ``others``: earlier and later enrollments of the organization, and those with the same partner id.
        Pass the ETag as If-Match with the decision.
        """
        state = await readable(store, enrollment_id, caller)
        tag(response, state.revision)
        return await file_of(state)

    @routes.post("/{enrollment_id}/claim")
    async def claim_review(enrollment_id: str, form: ClaimForm, once: Once, caller: Reviewer) -> ReviewFileView:
        """Claim the review for the caller. 409 `claimed` if another reviewer does, unless ``take_over`` is true."""
        command = ClaimReview(actor=await staff(enrollment_id, once, caller), take_over=form.take_over)
        return await carry_out(enrollment_id, command, once, caller)

    @routes.post("/{enrollment_id}/release")
    async def release_review(enrollment_id: str, once: Once, caller: Reviewer) -> ReviewFileView:
        """Release the claim. Any reviewer can do so, because its holder may be absent."""
        command = ReleaseReview(actor=await staff(enrollment_id, once, caller))
        return await carry_out(enrollment_id, command, once, caller)

    @routes.post("/{enrollment_id}/notes")
    async def add_review_note(enrollment_id: str, form: NoteForm, once: Once, caller: Reviewer) -> ReviewFileView:
        """Write a note for other reviewers. The company does not see it."""
        command = AddNote(actor=await staff(enrollment_id, once, caller), text=form.text)
        return await carry_out(enrollment_id, command, once, caller)

    @routes.post("/{enrollment_id}/risk")
    async def mark_review_risk(enrollment_id: str, form: RiskForm, once: Once, caller: Reviewer) -> ReviewFileView:
        """Mark a high risk, or take the mark away. A high risk takes the approval of two reviewers."""
        command = MarkRisk(actor=await staff(enrollment_id, once, caller), high=form.high)
        return await carry_out(enrollment_id, command, once, caller)

    @routes.post("/{enrollment_id}/checks/repeat")
    async def repeat_checks(enrollment_id: str, once: Once, caller: Reviewer) -> ReviewFileView:
        """Have all automatic checks carried out again. Those that ask another server are ``pending`` until then."""
        actor = await staff(enrollment_id, once, caller)
        company = checked_company(await readable(store, enrollment_id, caller))
        command = RepeatChecks(actor=actor, company=company, results=await checks.begin(company))
        return await carry_out(enrollment_id, command, once, caller)
