"""Mailboxes that the rules refuse, over HTTP: the program's staff accept one for an enrollment, or take that back."""

from typing import Annotated

from fastapi import APIRouter

from chassis import Handler, MongoStore, Once, Principal, UnsafeRequest, new_router, require
from enrollment.api.contacts import judged
from enrollment.api.forms import MailboxExceptionForm, MailboxForm
from enrollment.api.review_views import TimelineView, timeline_view
from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment.mailbox_exceptions import AcceptMailbox, MailboxCommand, RefuseMailboxAgain
from enrollment.domain.enrollment.state import Actor
from enrollment.domain.enrollment.timeline import timeline
from enrollment.lookups import readable
from enrollment.mailboxes import MailboxRules

Reviewer = Annotated[Principal, require("enrollment:review")]


def router(store: MongoStore, handler: Handler, *, mailboxes: MailboxRules) -> APIRouter:
    routes = new_router("/v1/reviews", tags=["reviews"])

    async def staff(enrollment_id: str, once: UnsafeRequest, caller: Principal) -> Actor:
        await readable(store, enrollment_id, caller)
        return Actor(user=caller.user_id, organization=caller.organization_id, staff=True, at=once.cause(caller).time)

    async def carry_out(
        enrollment_id: str, command: MailboxCommand, once: UnsafeRequest, caller: Principal
    ) -> TimelineView:
        # The answer is not stored: a repeated request may see the present timeline.
        outcome = await handler.handle(ENROLLMENT, ENROLLMENT.id(enrollment_id), command, once.cause(caller))
        return timeline_view(outcome.state, timeline(outcome.state))

    @routes.post("/{enrollment_id}/mailbox-exceptions")
    async def accept_mailbox(
        enrollment_id: str, form: MailboxExceptionForm, once: Once, caller: Reviewer
    ) -> TimelineView:
        """Accept a mailbox that the rules refuse. The applicant gets a mail, and enters it as the primary contact's.

        A partner names another contact with it. 422 `mailbox-exception-unneeded` if the rules accept it. 409 `not-editable`
        between the approval and the signature.
        """
        mailbox = judged(mailboxes, form.email)
        command = AcceptMailbox(
            email=mailbox.address,
            fault=mailbox.fault,
            reason=form.reason,
            actor=await staff(enrollment_id, once, caller),
        )
        return await carry_out(enrollment_id, command, once, caller)

    @routes.post("/{enrollment_id}/mailbox-exceptions/withdraw")
    async def withdraw_mailbox_exception(
        enrollment_id: str, form: MailboxForm, once: Once, caller: Reviewer
    ) -> TimelineView:
        """Refuse the mailbox again. A contact who has it already stays; correct the contact to change that."""
        email = judged(mailboxes, form.email).address
        command = RefuseMailboxAgain(email=email, actor=await staff(enrollment_id, once, caller))
        return await carry_out(enrollment_id, command, once, caller)

    return routes
