"""Enrollments over HTTP from the submission on: submit, mail again, review, change the name, sign."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response

from chassis import (
    SPENT,
    Cause,
    Change,
    Handler,
    MailBudgets,
    MongoStore,
    Once,
    PersonalLink,
    PersonalLinks,
    Principal,
    new_router,
    require,
)
from enrollment.agreement import Agreement
from enrollment.api.forms import AgreementForm, LegalNameForm, ReviewForm
from enrollment.api.views import AgreementView, EnrollmentView, agreement_view, enrollment_answer
from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment.admission import ResendVerification, Review, SignAgreement
from enrollment.domain.enrollment.application import Submit
from enrollment.domain.enrollment.decide import Command
from enrollment.domain.enrollment.names import ChangeLegalName
from enrollment.domain.enrollment.state import Enrollment
from enrollment.lookups import Reader, own, readable
from kontor_contracts.values import Culture

Submitter = Annotated[Principal, require("enrollment:submit")]
Reviewer = Annotated[Principal, require("enrollment:review")]
Signer = Annotated[Principal, require("enrollment:sign-agreement")]


@dataclass(frozen=True, slots=True)
class ContactLinks:
    """Makes the personal links on which a primary contact confirms."""

    links: PersonalLinks
    lifetime: timedelta

    def new(self, state: Enrollment, cause: Cause) -> PersonalLink:
        culture = state.primary_contact.culture if state.primary_contact else "en"
        path = f"/verify-contact/{state.enrollment_id}"
        return self.links.new(path, expires_at=cause.time + self.lifetime, culture=culture)


def router(
    store: MongoStore, handler: Handler, *, links: ContactLinks, agreement: Agreement, budgets: MailBudgets
) -> APIRouter:
    routes = new_router("/v1", tags=["enrollments"])
    _submission(routes, store, handler, links=links, budgets=budgets)
    _review(routes, store, handler)
    _legal_name(routes, store, handler)
    _agreement(routes, store, handler, agreement)
    return routes


def _submission(
    routes: APIRouter, store: MongoStore, handler: Handler, *, links: ContactLinks, budgets: MailBudgets
) -> None:
    async def charge(state: Enrollment, command: Command, cause: Cause, caller: Principal, response: Response) -> None:
        """Charges the mail to the contact. The company is not verified yet, so the small budget applies.

        The contact's budget is counted for each company alone, or strangers could use it up: an enrollment names a member
        of the registry, so there are not many that they can have.
        """
        id, contact = ENROLLMENT.id(state.enrollment_id), state.primary_contact
        if contact is None or not await handler.would_change(ENROLLMENT, id, command, cause):
            return
        headers = await budgets.by_organization(
            cause, organization_id=caller.organization_id, person=caller.user_id, proved=False
        )
        await budgets.by_addressee(
            cause, email=contact.email, purpose="contact", organization_id=caller.organization_id
        )
        response.headers.update(headers)

    @routes.post("/enrollments/{enrollment_id}/submit", responses=SPENT)
    async def submit_enrollment(
        enrollment_id: str, once: Once, caller: Submitter, response: Response
    ) -> EnrollmentView:
        """Submit the enrollment. A mail asks the primary contact to confirm."""
        state, cause = await own(store, enrollment_id, caller), once.cause(caller)
        link = links.new(state, cause)
        command = Submit(
            token_hash=link.token_hash,
            sealed_link=link.sealed,
            expires_at=link.expires_at,
            submitted_by=caller.user_id,
            at=cause.time,
        )
        await charge(state, command, cause, caller, response)
        return await _run(handler, enrollment_id, command, cause)

    @routes.post("/enrollments/{enrollment_id}/contact-verification/resend", responses=SPENT)
    async def resend_verification(
        enrollment_id: str, once: Once, caller: Submitter, response: Response
    ) -> EnrollmentView:
        """Mail the primary contact a new link. The links of older mails are void."""
        state, cause = await own(store, enrollment_id, caller), once.cause(caller)
        link = links.new(state, cause)
        command = ResendVerification(
            token_hash=link.token_hash, sealed_link=link.sealed, expires_at=link.expires_at, at=cause.time
        )
        await charge(state, command, cause, caller, response)
        return await _run(handler, enrollment_id, command, cause)


def _review(routes: APIRouter, store: MongoStore, handler: Handler) -> None:
    @routes.post("/enrollments/{enrollment_id}/review")
    async def review_enrollment(enrollment_id: str, form: ReviewForm, once: Once, caller: Reviewer) -> EnrollmentView:
        """Approve or reject an enrollment of another organization."""
        await readable(store, enrollment_id, caller)
        cause = once.cause(caller)
        command = Review(
            decision=form.decision,
            reason=form.reason,
            reviewer=caller.user_id,
            reviewer_organization=caller.organization_id,
            at=cause.time,
        )
        return await _run(handler, enrollment_id, command, cause)


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


def _agreement(routes: APIRouter, store: MongoStore, handler: Handler, agreement: Agreement) -> None:
    @routes.get("/agreements/current")
    async def show_current_agreement(caller: Reader, lang: Annotated[Culture | None, Query()] = None) -> AgreementView:
        """The agreement to sign, in ``lang`` or the caller's language."""
        return agreement_view(agreement, lang or caller.culture)

    @routes.post("/enrollments/{enrollment_id}/agreement")
    async def sign_agreement(enrollment_id: str, form: AgreementForm, once: Once, caller: Signer) -> EnrollmentView:
        """Sign for the caller's company. It is then an active partner of the program."""
        await own(store, enrollment_id, caller)
        cause = once.cause(caller)
        command = SignAgreement(
            version=form.version,
            current_version=agreement.version,
            accepted=form.accepted,
            signer=caller.user_id,
            signer_organization=caller.organization_id,
            at=cause.time,
        )
        return await _run(handler, enrollment_id, command, cause)


async def _run(handler: Handler, enrollment_id: str, command: Command, cause: Cause) -> EnrollmentView:
    outcome = await handler.handle(ENROLLMENT, ENROLLMENT.id(enrollment_id), command, cause, answer=enrollment_answer)
    return EnrollmentView.model_validate(outcome.answer)
