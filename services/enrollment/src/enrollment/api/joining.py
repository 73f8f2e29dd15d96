"""Other ways with the partner id over HTTP: a company of the program joins with it, another one postpones it."""

from typing import Annotated

from fastapi import APIRouter

from chassis import Handler, MongoStore, Once, Principal, TakenError, new_router, require
from enrollment.api.contacts import support_contact_of
from enrollment.api.forms import JoinForm
from enrollment.api.membership import TOO_MANY, Membership
from enrollment.api.revisions import CHANGED, Revision
from enrollment.api.taken import taken
from enrollment.api.views import EnrollmentView, enrollment_answer
from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment.joining import JoinAsEnrolled
from enrollment.domain.enrollment.postponing import PostponePartnerId
from enrollment.lookups import actor_of, own
from enrollment.mailboxes import MailboxRules

Submitter = Annotated[Principal, require("enrollment:submit")]


def router(store: MongoStore, handler: Handler, *, membership: Membership, mailboxes: MailboxRules) -> APIRouter:
    routes = new_router("/v1/enrollments", tags=["enrollments"])

    @routes.post("/{enrollment_id}/join", responses={**TOO_MANY, **CHANGED})
    async def join_program(
        enrollment_id: str,
        form: JoinForm,
        once: Once,
        caller: Submitter,
        read: Revision,
    ) -> EnrollmentView:
        """Open the account of a company that is in the program already: only the support contact is asked.

        The membership account proves the company, and gets a mail. The account is active at once. 409 `not-in-program` if
        the registry does not know the profile as `enrolled`, `not-editable` unless the enrollment is a draft.
        """
        state, cause = await own(store, enrollment_id, caller), once.cause(caller)
        support = support_contact_of(form.support_contact, state.country, mailboxes)
        profiles = await membership.sign_in(form, caller, cause)
        command = JoinAsEnrolled(
            partner_id=form.partner_id,
            profile=next((profile for profile in profiles if profile.partner_id == form.partner_id), None),
            support=support,
            culture=caller.culture,
            actor=actor_of(caller, state, cause.time),
        )
        id = ENROLLMENT.id(enrollment_id)
        try:
            outcome = await handler.handle(ENROLLMENT, id, read.guards(command), cause, answer=enrollment_answer)
        except TakenError as error:
            raise taken(error) from error
        return EnrollmentView.model_validate(outcome.answer)

    @routes.post("/{enrollment_id}/partner-id/postpone", responses=CHANGED)
    async def postpone_partner_id(enrollment_id: str, once: Once, caller: Submitter, read: Revision) -> EnrollmentView:
        """Submit later without a partner id. Before the agreement is signed, it has to be linked.

        409 `not-editable` unless the enrollment is a draft without a partner id.
        """
        state, cause = await own(store, enrollment_id, caller), once.cause(caller)
        command = read.guards(PostponePartnerId(actor=actor_of(caller, state, cause.time)))
        id = ENROLLMENT.id(enrollment_id)
        outcome = await handler.handle(ENROLLMENT, id, command, cause, answer=enrollment_answer)
        return EnrollmentView.model_validate(outcome.answer)

    return routes
