"""A change of a partner's primary contact over HTTP: ask, withdraw, and the correction by the program's staff."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Response

from chassis import Cause, Change, Handler, MongoStore, Once, Principal, new_router, require
from chassis.limits import SPENT
from enrollment.api.contact_links import ContactLinks
from enrollment.api.contacts import judged
from enrollment.api.forms import PrimaryContactForm
from enrollment.api.profile_rules import refuse_faults
from enrollment.api.views import EnrollmentView, enrollment_answer, enrollment_view
from enrollment.country_rules import phone_faults
from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment.contact_change import (
    ContactLinks as BothLinks,
)
from enrollment.domain.enrollment.contact_change import (
    CorrectContact,
    RequestContactChange,
    WithdrawContactChange,
)
from enrollment.domain.enrollment.state import Actor, Enrollment, PrimaryContact
from enrollment.lookups import Ender, ender_of, own, readable
from enrollment.mailboxes import MailboxRules
from kontor_contracts.enrollment import MailboxFault

Signer = Annotated[Principal, require("enrollment:sign-agreement")]
Reviewer = Annotated[Principal, require("enrollment:review")]
PAGE = "contact-change"


def router(store: MongoStore, handler: Handler, *, mailboxes: MailboxRules, links: ContactLinks) -> APIRouter:
    routes = new_router("/v1/enrollments/{enrollment_id}", tags=["partners"])

    @routes.post("/contact-change", responses=SPENT)
    async def request_contact_change(
        enrollment_id: str, form: PrimaryContactForm, once: Once, caller: Signer, response: Response
    ) -> EnrollmentView:
        """Name another primary contact for the caller's company, a partner of the program.

        The new contact confirms by mail; until then the present one stays. The present contact gets a mail, too, and may
        object for seven days. Another name, phone or language of the same mailbox holds at once. 409 `change-pending` while
        another contact is asked, `not-active` for a company that is no partner yet.
        """
        state, cause = await own(store, enrollment_id, caller), once.cause(caller)
        contact, fault = _contact(form, state, mailboxes)
        actor = Actor(user=caller.user_id, organization=caller.organization_id, at=cause.time)
        command = RequestContactChange(
            contact=contact, fault=fault, links=_links(links, state, contact, cause), actor=actor
        )
        known = state.primary_contact.email if state.primary_contact else None
        mailed = contact.email if contact.email != known else None
        await links.charge(state, mailed, command, cause=cause, caller=caller, response=response)
        outcome = await handler.handle(
            ENROLLMENT, ENROLLMENT.id(enrollment_id), command, cause, answer=enrollment_answer
        )
        return EnrollmentView.model_validate(outcome.answer)

    @routes.post("/contact-change/withdraw")
    async def withdraw_contact_change(enrollment_id: str, once: Once, caller: Ender) -> EnrollmentView:
        """Withdraw the change before the new contact has confirmed. The program's staff do the same.

        409 `already-confirmed` after that.
        """
        state, cause = await readable(store, enrollment_id, caller), once.cause(caller)
        command = WithdrawContactChange(actor=ender_of(caller, state, cause.time))
        outcome = await handler.handle(
            ENROLLMENT, ENROLLMENT.id(enrollment_id), command, cause, answer=enrollment_answer
        )
        return EnrollmentView.model_validate(outcome.answer)

    @routes.put("/contact-correction")
    async def correct_contact(
        enrollment_id: str, form: PrimaryContactForm, change: Change, caller: Reviewer
    ) -> EnrollmentView:
        """Set the primary contact of a partner of another organization. It holds at once, and ends a change under way."""
        state, cause = await readable(store, enrollment_id, caller), change.cause(caller)
        contact, fault = _contact(form, state, mailboxes)
        actor = Actor(user=caller.user_id, organization=caller.organization_id, staff=True, at=cause.time)
        command = CorrectContact(contact=contact, fault=fault, actor=actor)
        # No stored answer: the command is idempotent, and a repeated request may see the present state.
        outcome = await handler.handle(ENROLLMENT, ENROLLMENT.id(enrollment_id), command, cause)
        return enrollment_view(outcome.state)

    return routes


def _contact(
    form: PrimaryContactForm, state: Enrollment, mailboxes: MailboxRules
) -> tuple[PrimaryContact, MailboxFault | None]:
    """The same rules as for the contact of a draft."""
    refuse_faults(phone_faults(form.phone, state.country))
    mailbox = judged(mailboxes, form.email)
    return PrimaryContact(form.name, mailbox.address, form.phone, form.culture), mailbox.fault


def _links(links: ContactLinks, state: Enrollment, contact: PrimaryContact, cause: Cause) -> BothLinks:
    """For the new contact to confirm, and for the present one to object, each in the reader's language."""
    path = f"/{PAGE}/{state.enrollment_id}"
    present = state.primary_contact.culture if state.primary_contact else "en"
    confirm = links.links.new(path, expires_at=cause.time + links.lifetime, culture=contact.culture)
    until = cause.time + timedelta(days=state.waits.undo)
    objection = links.links.new(path, expires_at=until, culture=present)
    return BothLinks(
        confirm_hash=confirm.token_hash,
        sealed_link=confirm.sealed,
        expires_at=confirm.expires_at,
        object_hash=objection.token_hash,
        sealed_objection=objection.sealed,
    )
