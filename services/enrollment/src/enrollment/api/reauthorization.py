"""The yearly re-authorization of resellers over HTTP: confirm, move the date, and let a company enroll again before its time."""

from typing import Annotated

from fastapi import APIRouter

from chassis import Cause, Change, Handler, MongoStore, Once, Principal, new_router, require
from enrollment.api.reauthorization_forms import EndWaitForm, MoveReauthorizationForm, ReauthorizationForm
from enrollment.api.views import EnrollmentView, enrollment_answer, enrollment_view
from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment.reauthorization import (
    ConfirmReauthorization,
    EndWait,
    MoveReauthorization,
    ReauthorizationCommand,
)
from enrollment.domain.enrollment.state import Actor
from enrollment.lookups import own, readable

Reviewer = Annotated[Principal, require("enrollment:review")]
Signer = Annotated[Principal, require("enrollment:sign-agreement")]


def router(store: MongoStore, handler: Handler) -> APIRouter:
    routes = new_router("/v1/enrollments/{enrollment_id}", tags=["partners"])

    @routes.post("/reauthorization/confirm")
    async def confirm_reauthorization(
        enrollment_id: str, form: ReauthorizationForm, once: Once, caller: Signer
    ) -> EnrollmentView:
        """Confirm for the caller's company that it is a partner for another year.

        It takes all confirmations that the enrollment lists. 409 `not-due` before the time opens, `change-pending` while a
        rejected change of the legal profile is not settled, `not-active` for a company that is no reseller of the program.
        """
        await own(store, enrollment_id, caller)
        cause = once.cause(caller)
        actor = Actor(user=caller.user_id, organization=caller.organization_id, at=cause.time)
        return await _run(handler, enrollment_id, ConfirmReauthorization(confirmed=form.confirmed, actor=actor), cause)

    @routes.put("/reauthorization")
    async def move_reauthorization(
        enrollment_id: str, form: MoveReauthorizationForm, change: Change, caller: Reviewer
    ) -> EnrollmentView:
        """Correct the date by which a partner of another organization has to confirm. The partner gets a mail."""
        await readable(store, enrollment_id, caller)
        cause = change.cause(caller)
        command = MoveReauthorization(due_at=form.due_at, explanation=form.explanation, actor=_staff(caller, cause))
        # No stored answer: the command is idempotent, and a repeated request may see the present state.
        outcome = await handler.handle(ENROLLMENT, ENROLLMENT.id(enrollment_id), command, cause)
        return enrollment_view(outcome.state)

    @routes.post("/wait/end")
    async def end_wait(enrollment_id: str, form: EndWaitForm, once: Once, caller: Reviewer) -> EnrollmentView:
        """Let a company of another organization enroll again that missed its re-authorization. It gets a mail.

        409 `closed` or `not-waiting` where nothing keeps it from enrolling.
        """
        await readable(store, enrollment_id, caller)
        cause = once.cause(caller)
        command = EndWait(explanation=form.explanation, actor=_staff(caller, cause))
        return await _run(handler, enrollment_id, command, cause)

    return routes


def _staff(caller: Principal, cause: Cause) -> Actor:
    return Actor(user=caller.user_id, organization=caller.organization_id, staff=True, at=cause.time)


async def _run(handler: Handler, enrollment_id: str, command: ReauthorizationCommand, cause: Cause) -> EnrollmentView:
    outcome = await handler.handle(ENROLLMENT, ENROLLMENT.id(enrollment_id), command, cause, answer=enrollment_answer)
    return EnrollmentView.model_validate(outcome.answer)
