"""Enrollments over HTTP from the submission on: submit, mail again, review, change the name, sign."""

from typing import Annotated

from fastapi import APIRouter, Response

from chassis import Cause, Change, Handler, MongoStore, Once, Principal, TakenError, new_router, require
from chassis.limits import SPENT
from enrollment.api.contact_links import ContactLinks
from enrollment.api.forms import AppealForm, LegalNameForm, ReviewForm, WithdrawForm
from enrollment.api.revisions import CHANGED, Revision
from enrollment.api.taken import taken
from enrollment.api.views import EnrollmentView, enrollment_answer
from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment.admission import ResendVerification, Review
from enrollment.domain.enrollment.appeals import Appeal
from enrollment.domain.enrollment.application import Submit
from enrollment.domain.enrollment.decide import Command
from enrollment.domain.enrollment.names import ChangeLegalName
from enrollment.domain.enrollment.revisions import IfRevision
from enrollment.domain.enrollment.ways_out import Withdraw
from enrollment.lookups import Editor, actor_of, own, readable

Submitter = Annotated[Principal, require("enrollment:submit")]
Reviewer = Annotated[Principal, require("enrollment:review")]
Signer = Annotated[Principal, require("enrollment:sign-agreement")]


def router(store: MongoStore, handler: Handler, *, links: ContactLinks) -> APIRouter:
    routes = new_router("/v1", tags=["enrollments"])
    _submission(routes, store, handler, links)
    _withdrawal(routes, store, handler)
    _appeal(routes, store, handler)
    _review(routes, store, handler)
    _legal_name(routes, store, handler)
    return routes


def _submission(routes: APIRouter, store: MongoStore, handler: Handler, links: ContactLinks) -> None:
    @routes.post("/enrollments/{enrollment_id}/submit", responses={**SPENT, **CHANGED})
    async def submit_enrollment(enrollment_id: str, once: Once, caller: Submitter, read: Revision) -> EnrollmentView:
        """Submit the enrollment. A mail asks the primary contact to confirm."""
        state, cause = await own(store, enrollment_id, caller), once.cause(caller)
        contact = state.primary_contact
        mailing = links.new(enrollment_id, contact.culture if contact else "en", cause)
        command = Submit(
            token_hash=mailing.token_hash,
            sealed_link=mailing.sealed_link,
            expires_at=mailing.expires_at,
            submitted_by=caller.user_id,
            at=cause.time,
        )
        await links.charge(
            state, contact.email if contact else None, command, cause=cause, caller=caller, response=read.response
        )
        return await _run(handler, enrollment_id, read.guards(command), cause)

    @routes.post("/enrollments/{enrollment_id}/contact-verification/resend", responses=SPENT)
    async def resend_verification(enrollment_id: str, once: Once, caller: Editor, response: Response) -> EnrollmentView:
        """Mail the primary contact a new link. The links of older mails are void.

        For seven days it also undoes a contact's "I did not request this", unless the organization or the partner id has
        another enrollment since (409 `taken`).
        """
        state, cause = await readable(store, enrollment_id, caller), once.cause(caller)
        contact = state.primary_contact
        mailing = links.new(enrollment_id, contact.culture if contact else "en", cause)
        command = ResendVerification(
            token_hash=mailing.token_hash,
            sealed_link=mailing.sealed_link,
            expires_at=mailing.expires_at,
            actor=actor_of(caller, state, cause.time),
        )
        await links.charge(
            state, contact.email if contact else None, command, cause=cause, caller=caller, response=response
        )
        return await _run(handler, enrollment_id, command, cause)


def _appeal(routes: APIRouter, store: MongoStore, handler: Handler) -> None:
    @routes.post("/enrollments/{enrollment_id}/appeal")
    async def appeal_rejection(enrollment_id: str, form: AppealForm, once: Once, caller: Submitter) -> EnrollmentView:
        """Have a rejected enrollment reviewed again, for 30 days and at most three times.

        409 `not-appealable` otherwise, `taken` if the organization or the partner id has another enrollment since.
        """
        state, cause = await own(store, enrollment_id, caller), once.cause(caller)
        command = Appeal(actor=actor_of(caller, state, cause.time), statement=form.statement)
        return await _run(handler, enrollment_id, command, cause)


def _withdrawal(routes: APIRouter, store: MongoStore, handler: Handler) -> None:
    @routes.post("/enrollments/{enrollment_id}/withdraw")
    async def withdraw_enrollment(enrollment_id: str, form: WithdrawForm, once: Once, caller: Editor) -> EnrollmentView:
        """Take an enrollment back that is not active yet. Organization and partner id are free for another one.

        The program's staff do the same for a company. 409 `not-editable` for a partner.
        """
        state, cause = await readable(store, enrollment_id, caller), once.cause(caller)
        actor = actor_of(caller, state, cause.time)
        command = Withdraw(actor=actor, explanation=form.explanation if actor.staff else None)
        return await _run(handler, enrollment_id, command, cause)


def _review(routes: APIRouter, store: MongoStore, handler: Handler) -> None:
    @routes.post("/enrollments/{enrollment_id}/review", responses=CHANGED)
    async def review_enrollment(
        enrollment_id: str, form: ReviewForm, once: Once, caller: Reviewer, read: Revision
    ) -> EnrollmentView:
        """Approve an enrollment in review of another organization, or reject one that is not active yet.

        Name with If-Match what you have read: 412 `changed-meanwhile` if the company or a colleague has changed it since.

        409 `claimed` if another reviewer has claimed it. A high risk is approved once two reviewers have said so.
        """
        await readable(store, enrollment_id, caller)
        cause = once.cause(caller)
        command = Review(
            decision=form.decision,
            step=form.step,
            reason=form.reason,
            explanation=form.explanation,
            reviewer=caller.user_id,
            reviewer_organization=caller.organization_id,
            at=cause.time,
        )
        return await _run(handler, enrollment_id, read.guards(command), cause)


def _legal_name(routes: APIRouter, store: MongoStore, handler: Handler) -> None:
    @routes.put("/enrollments/{enrollment_id}/legal-name")
    async def change_legal_name(
        enrollment_id: str, form: LegalNameForm, change: Change, caller: Reviewer
    ) -> EnrollmentView:
        """Change the legal name of an active partner of another organization.

        Every service shows the new name. Identity does not let an active partner change its name.
        """
        await readable(store, enrollment_id, caller)
        cause = change.cause(caller)
        command = ChangeLegalName(name=form.name, reviewer=caller.user_id, reviewer_organization=caller.organization_id)
        return await _run(handler, enrollment_id, command, cause)


async def _run(handler: Handler, enrollment_id: str, command: Command | IfRevision, cause: Cause) -> EnrollmentView:
    id = ENROLLMENT.id(enrollment_id)
    try:
        outcome = await handler.handle(ENROLLMENT, id, command, cause, answer=enrollment_answer)
    except TakenError as error:
        raise taken(error) from error
    return EnrollmentView.model_validate(outcome.answer)
