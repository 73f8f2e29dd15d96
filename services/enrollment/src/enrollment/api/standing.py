"""The standing of partners over HTTP: the program's staff suspend and reinstate them."""

from typing import Annotated

from fastapi import APIRouter

from chassis import Handler, MongoStore, Once, Principal, new_router, require
from enrollment.api.forms import ReinstateForm, SuspendForm
from enrollment.api.views import EnrollmentView, enrollment_answer
from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment.standing import Reinstate, Suspend
from enrollment.lookups import readable

Reviewer = Annotated[Principal, require("enrollment:review")]


def router(store: MongoStore, handler: Handler) -> APIRouter:
    routes = new_router("/v1/enrollments/{enrollment_id}", tags=["partners"])

    @routes.post("/suspend")
    async def suspend_partner(enrollment_id: str, form: SuspendForm, once: Once, caller: Reviewer) -> EnrollmentView:
        """Suspend an active partner of another organization.

        It keeps customers and users, and can invite and accept nobody until it is reinstated. 409 `not-active` otherwise.
        """
        await readable(store, enrollment_id, caller)
        cause = once.cause(caller)
        command = Suspend(
            reason=form.reason,
            explanation=form.explanation,
            by=caller.user_id,
            organization=caller.organization_id,
            at=cause.time,
        )
        outcome = await handler.handle(
            ENROLLMENT, ENROLLMENT.id(enrollment_id), command, cause, answer=enrollment_answer
        )
        return EnrollmentView.model_validate(outcome.answer)

    @routes.post("/reinstate")
    async def reinstate_partner(
        enrollment_id: str, form: ReinstateForm, once: Once, caller: Reviewer
    ) -> EnrollmentView:
        """Make a suspended partner of another organization active again. 409 `not-suspended` otherwise."""
        await readable(store, enrollment_id, caller)
        cause = once.cause(caller)
        command = Reinstate(
            reason=form.reason,
            explanation=form.explanation,
            by=caller.user_id,
            organization=caller.organization_id,
            at=cause.time,
        )
        outcome = await handler.handle(
            ENROLLMENT, ENROLLMENT.id(enrollment_id), command, cause, answer=enrollment_answer
        )
        return EnrollmentView.model_validate(outcome.answer)

    return routes
