"""The standing of partners over HTTP: suspension, reinstatement, notice and the end of the agreement."""

from typing import Annotated

from fastapi import APIRouter

from chassis import Handler, MongoStore, Once, Principal, UnsafeRequest, new_router, require
from enrollment.api.forms import NoticeOfEndForm, ReinstateForm, SuspendForm
from enrollment.api.views import EnrollmentView, enrollment_answer
from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment.ending import EndingCommand, GiveNotice, WithdrawNotice
from enrollment.domain.enrollment.standing import Reinstate, Suspend
from enrollment.lookups import Ender, ender_of, readable

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

    _notice(routes, store, handler)
    return routes


def _notice(routes: APIRouter, store: MongoStore, handler: Handler) -> None:
    async def carry_out(
        enrollment_id: str, command: EndingCommand, once: UnsafeRequest, caller: Principal
    ) -> EnrollmentView:
        outcome = await handler.handle(
            ENROLLMENT, ENROLLMENT.id(enrollment_id), command, once.cause(caller), answer=enrollment_answer
        )
        return EnrollmentView.model_validate(outcome.answer)

    @routes.post("/notice")
    async def give_notice(enrollment_id: str, form: NoticeOfEndForm, once: Once, caller: Ender) -> EnrollmentView:
        """End the partner agreement with thirty days' notice, as it says; the program's staff at once for good cause.

        Until then nothing else changes. 409 `not-active` where there is no agreement.
        """
        state = await readable(store, enrollment_id, caller)
        actor = ender_of(caller, state, once.cause(caller).time)
        command = GiveNotice(actor=actor, at_once=form.at_once, explanation=form.explanation if actor.staff else None)
        return await carry_out(enrollment_id, command, once, caller)

    @routes.post("/notice/withdraw")
    async def withdraw_notice(enrollment_id: str, once: Once, caller: Ender) -> EnrollmentView:
        """Take a notice back before the agreement ends. 409 `notice-of-program` for a company if the program gave it."""
        state = await readable(store, enrollment_id, caller)
        command = WithdrawNotice(actor=ender_of(caller, state, once.cause(caller).time))
        return await carry_out(enrollment_id, command, once, caller)
