"""Enrollments over HTTP from the submission on: submit, mail again, review, sign."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from chassis import SPENT, Cause, Change, Chassis, MailBudgets, Once, Principal, new_router, require
from enrollment.agreement import Agreement
from enrollment.api.forms import AgreementForm, LegalNameForm, ReviewForm
from enrollment.api.views import AgreementView, EnrollmentView, agreement_view, enrollment_answer
from enrollment.credentials import LinkMaker, NewLink
from enrollment.documents import ENROLLMENT
from enrollment.domain.admission import ResendVerification, Review, SignAgreement
from enrollment.domain.application import Submit
from enrollment.domain.enrollment import Command
from enrollment.domain.names import ChangeLegalName
from enrollment.domain.state import Enrollment
from enrollment.lookups import Reader, own, readable
from kontor_contracts.values import Culture

Submitter = Annotated[Principal, require("enrollment:submit")]
Reviewer = Annotated[Principal, require("enrollment:review")]
Signer = Annotated[Principal, require("enrollment:sign-agreement")]


def router(chassis: Chassis, *, links: LinkMaker, agreement: Agreement, budgets: MailBudgets) -> APIRouter:
    routes = new_router("/v1", tags=["enrollments"])
    _submission(routes, chassis, links, budgets)
    _review(routes, chassis)
    _legal_name(routes, chassis)
    _agreement(routes, chassis, agreement)
    return routes


def _submission(routes: APIRouter, chassis: Chassis, links: LinkMaker, budgets: MailBudgets) -> None:
    async def charge(state: Enrollment, command: Command, cause: Cause, caller: Principal, response: Response) -> None:
        """For the mail to the contact. Who enrolls is not verified yet, so it is the small budget."""
        id, contact = ENROLLMENT.id(state.enrollment_id), state.primary_contact
        if contact is None or not await chassis.handler.would_change(ENROLLMENT, id, command, cause):
            return
        headers = await budgets.by_organization(
            cause, organization_id=caller.organization_id, person=caller.user_id, proved=False
        )
        await budgets.by_addressee(cause, email=contact.email, purpose="contact")
        response.headers.update(headers)

    @routes.post("/enrollments/{enrollment_id}/submit", responses=SPENT)
    async def submit_enrollment(
        enrollment_id: str, once: Once, caller: Submitter, response: Response
    ) -> EnrollmentView:
        """Hand it in for review. A mail asks the primary contact to confirm."""
        state, cause = await own(chassis, enrollment_id, caller), once.cause(caller)
        link = _new_link(links, state, cause)
        command = Submit(
            token_hash=link.token_hash,
            sealed_link=link.sealed,
            expires_at=link.expires_at,
            submitted_by=caller.user_id,
            at=cause.time,
        )
        await charge(state, command, cause, caller, response)
        return await _run(chassis, enrollment_id, command, cause)

    @routes.post("/enrollments/{enrollment_id}/contact-verification/resend", responses=SPENT)
    async def resend_verification(
        enrollment_id: str, once: Once, caller: Submitter, response: Response
    ) -> EnrollmentView:
        """Mail the primary contact another link; links of older mails are void from then on."""
        state, cause = await own(chassis, enrollment_id, caller), once.cause(caller)
        link = _new_link(links, state, cause)
        command = ResendVerification(
            token_hash=link.token_hash, sealed_link=link.sealed, expires_at=link.expires_at, at=cause.time
        )
        await charge(state, command, cause, caller, response)
        return await _run(chassis, enrollment_id, command, cause)


def _review(routes: APIRouter, chassis: Chassis) -> None:
    @routes.post("/enrollments/{enrollment_id}/review")
    async def review_enrollment(enrollment_id: str, form: ReviewForm, once: Once, caller: Reviewer) -> EnrollmentView:
        """Approve or reject a company of another organization."""
        await readable(chassis, enrollment_id, caller)
        cause = once.cause(caller)
        command = Review(
            decision=form.decision,
            reason=form.reason,
            reviewer=caller.user_id,
            reviewer_organization=caller.organization_id,
            at=cause.time,
        )
        return await _run(chassis, enrollment_id, command, cause)


def _legal_name(routes: APIRouter, chassis: Chassis) -> None:
    @routes.put("/enrollments/{enrollment_id}/legal-name")
    async def change_legal_name(
        enrollment_id: str, form: LegalNameForm, change: Change, caller: Reviewer
    ) -> EnrollmentView:
        """Give an active partner of another organization the name it is registered with now.

        Every service shows the new name from then on; identity lets an active partner change its name nowhere else.
        """
        await readable(chassis, enrollment_id, caller)
        cause = change.cause(caller)
        command = ChangeLegalName(name=form.name, reviewer=caller.user_id, reviewer_organization=caller.organization_id)
        return await _run(chassis, enrollment_id, command, cause)


def _agreement(routes: APIRouter, chassis: Chassis, agreement: Agreement) -> None:
    @routes.get("/agreements/current")
    async def show_current_agreement(caller: Reader, lang: Annotated[Culture | None, Query()] = None) -> AgreementView:
        """The text to sign, in ``lang`` or the caller's language."""
        return agreement_view(agreement, lang or caller.culture)

    @routes.post("/enrollments/{enrollment_id}/agreement")
    async def sign_agreement(enrollment_id: str, form: AgreementForm, once: Once, caller: Signer) -> EnrollmentView:
        """Sign for the caller's own company, which is a partner of the program from then on."""
        await own(chassis, enrollment_id, caller)
        cause = once.cause(caller)
        command = SignAgreement(
            version=form.version,
            current_version=agreement.version,
            accepted=form.accepted,
            signer=caller.user_id,
            signer_organization=caller.organization_id,
            at=cause.time,
        )
        return await _run(chassis, enrollment_id, command, cause)


def _new_link(links: LinkMaker, state: Enrollment, cause: Cause) -> NewLink:
    culture = state.primary_contact.culture if state.primary_contact else "en"
    return links.make(state.enrollment_id, culture, cause.time)


async def _run(chassis: Chassis, enrollment_id: str, command: Command, cause: Cause) -> EnrollmentView:
    outcome = await chassis.handler.handle(
        ENROLLMENT, ENROLLMENT.id(enrollment_id), command, cause, answer=enrollment_answer
    )
    return EnrollmentView.model_validate(outcome.answer)
