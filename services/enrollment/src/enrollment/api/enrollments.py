"""Enrollments over HTTP: start, read, fill in and correct."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from chassis import (
    Cause,
    Change,
    Handler,
    MongoStore,
    Once,
    Page,
    PageQuery,
    Principal,
    TakenError,
    new_router,
    require,
)
from chassis.limits import SPENT
from enrollment.api.contact_links import ContactLinks
from enrollment.api.contacts import judged, support_contact_of
from enrollment.api.drafts import copied_from
from enrollment.api.edition_forms import Version
from enrollment.api.forms import PartnerIdForm, PrimaryContactForm, ProfileForm, StartForm, SupportContactForm
from enrollment.api.membership import TOO_MANY, Membership
from enrollment.api.profile_rules import address_of, refuse_faults
from enrollment.api.review_views import TimelineView, timeline_view
from enrollment.api.revisions import CHANGED, ReadRevision, Revision, tag
from enrollment.api.taken import still_waiting, taken
from enrollment.api.views import EnrollmentView, enrollment_answer, enrollment_view
from enrollment.country_rules import phone_faults
from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment.application import (
    AssociatePartnerId,
    SetPrimaryContact,
    SetSupportContact,
    StartEnrollment,
    UpdateProfile,
)
from enrollment.domain.enrollment.decide import Command
from enrollment.domain.enrollment.revisions import IfRevision
from enrollment.domain.enrollment.state import PrimaryContact, Status
from enrollment.domain.enrollment.timeline import timeline
from enrollment.domain.enrollment.waits import Waits
from enrollment.lookups import REVIEW, Editor, Reader, actor_of, own, readable, waiting_enrollment
from enrollment.mailboxes import MailboxRules
from kontor_contracts.enrollment import Applicant
from kontor_contracts.markets import Markets

Submitter = Annotated[Principal, require("enrollment:submit")]

NOT_YOURS: dict[int | str, dict[str, Any]] = {404: {"description": "`copy_from` is no enrollment of the organization."}}


def router(
    store: MongoStore,
    handler: Handler,
    *,
    membership: Membership,
    markets: Markets,
    mailboxes: MailboxRules,
    links: ContactLinks,
    waits: Waits,
) -> APIRouter:
    routes = new_router("/v1/enrollments", tags=["enrollments"])
    _reading(routes, store)
    _starting(routes, store, handler, markets=markets, waits=waits, mailboxes=mailboxes)
    _company(routes, store, handler, membership)
    _contacts(routes, store, handler, mailboxes, links)
    return routes


def _reading(routes: APIRouter, store: MongoStore) -> None:
    @routes.get("")
    async def list_enrollments(
        caller: Reader,
        paging: PageQuery,
        status: Annotated[Status | None, Query()] = None,
        unaccepted: Annotated[
            Version | None, Query(description="only partners that are asked to accept this version of the agreement")
        ] = None,
    ) -> Page[EnrollmentView]:
        """The organization's own enrollments; all of them for reviewers. ``status=in-review`` is the review queue."""
        where: dict[str, Any] = {} if REVIEW in caller.permissions else {"tenant": caller.organization_id}
        if status is not None:
            where["state.status"] = status
        if unaccepted is not None:
            where |= {"state.acceptance.version": unaccepted, "state.acceptance.settled": False}
        found = await store.find(ENROLLMENT, where, limit=paging.limit + 1, after=paging.after)
        return paging.page([(id, enrollment_view(state)) for id, state in found])

    @routes.get("/{enrollment_id}")
    async def show_enrollment(enrollment_id: str, caller: Reader, response: Response) -> EnrollmentView:
        """An enrollment. Pass its ETag as If-Match with a change, so that the change overwrites no other one."""
        state = await readable(store, enrollment_id, caller)
        tag(response, state.revision)
        return enrollment_view(state)

    @routes.get("/{enrollment_id}/timeline")
    async def show_timeline(enrollment_id: str, caller: Reader) -> TimelineView:
        """The steps of an enrollment: which are done, which comes next, who has to act, and the due date."""
        state = await readable(store, enrollment_id, caller)
        return timeline_view(state, timeline(state))


def _starting(
    routes: APIRouter,
    store: MongoStore,
    handler: Handler,
    *,
    markets: Markets,
    waits: Waits,
    mailboxes: MailboxRules,
) -> None:
    @routes.post("", status_code=201, responses=NOT_YOURS)
    async def start_enrollment(form: StartForm, once: Once, caller: Submitter) -> EnrollmentView:
        """Start an enrollment for the caller's organization. It may have one at a time.

        `copy_from` names a closed one of the organization: the new one takes over its information, but not its partner id.
        404 `not-found` for another organization's, 409 `not-editable` for an open one.

        409 `waiting` in the year after a missed re-authorization; the enrollment says until when.
        """
        cause, enrollment_id = once.cause(caller), once.scope(caller)
        copied = await copied_from(store, form.copy_from, caller, mailboxes) if form.copy_from else None
        command = StartEnrollment(
            enrollment_id=enrollment_id,
            program=form.program,
            organization_id=caller.organization_id,
            organization_name=caller.organization_name,
            organization_kind=caller.organization_kind,
            country=caller.country,
            region=markets.region_of(caller.country),
            registration_id_mandatory=caller.country in markets.registration_id_mandatory,
            started_by=caller.user_id,
            applicant=Applicant(user_id=caller.user_id, name=caller.name, email=caller.email, culture=caller.culture),
            waits=waits,
            copied=copied,
            at=cause.time,
        )
        id = ENROLLMENT.id(enrollment_id)
        try:
            outcome = await handler.handle(ENROLLMENT, id, command, cause, answer=enrollment_answer)
        except TakenError as error:
            waiting = await waiting_enrollment(store, caller.organization_id)
            raise still_waiting(waiting) if waiting else taken(error) from error
        return EnrollmentView.model_validate(outcome.answer)


def _company(routes: APIRouter, store: MongoStore, handler: Handler, membership: Membership) -> None:
    @routes.put("/{enrollment_id}/partner-id", responses={**TOO_MANY, **CHANGED})
    async def associate_partner_id(
        enrollment_id: str, form: PartnerIdForm, change: Change, caller: Submitter, read: Revision
    ) -> EnrollmentView:
        """Link an organization profile of a membership account that the caller can sign in to."""
        state, cause = await own(store, enrollment_id, caller), change.cause(caller)
        profiles = await membership.sign_in(form, caller, cause)
        chosen = next((profile for profile in profiles if profile.partner_id == form.partner_id), None)
        command = AssociatePartnerId(form.partner_id, chosen, actor_of(caller, state, cause.time))
        return await _change(handler, enrollment_id, read.guards(command), cause, read)

    @routes.put("/{enrollment_id}/profile", responses=CHANGED)
    async def update_profile(
        enrollment_id: str, form: ProfileForm, change: Change, caller: Editor, read: Revision
    ) -> EnrollmentView:
        """The legal business profile. It can be corrected until the program has decided, also by the program's staff."""
        state, cause = await readable(store, enrollment_id, caller), change.cause(caller)
        actor = actor_of(caller, state, cause.time)
        command = UpdateProfile(form.company_name, address_of(form, state.country), form.registration_id, actor)
        return await _change(handler, enrollment_id, read.guards(command), cause, read)


def _contacts(
    routes: APIRouter, store: MongoStore, handler: Handler, mailboxes: MailboxRules, links: ContactLinks
) -> None:
    @routes.put("/{enrollment_id}/primary-contact", responses={**SPENT, **CHANGED})
    async def set_primary_contact(
        enrollment_id: str, form: PrimaryContactForm, change: Change, caller: Editor, read: Revision
    ) -> EnrollmentView:
        """The person who answers for the company, with a personal mailbox at the company's own domain.

        It can be corrected until the program has decided. Another mailbox after the submission gets a mail with a new link,
        and has to confirm; older links are void. 409 `resend-limit-reached` after five mails a day.
        """
        state, cause = await readable(store, enrollment_id, caller), change.cause(caller)
        refuse_faults(phone_faults(form.phone, state.country))
        mailbox = judged(mailboxes, form.email)
        contact = PrimaryContact(form.name, mailbox.address, form.phone, form.culture)
        mailing = links.new(enrollment_id, contact.culture, cause)
        command = SetPrimaryContact(contact, mailbox.fault, actor_of(caller, state, cause.time), mailing)
        known = state.primary_contact.email if state.primary_contact else None
        mailed = state.status != "draft" and contact.email != known
        await links.charge(
            state, contact.email if mailed else None, command, cause=cause, caller=caller, response=read.response
        )
        return await _change(handler, enrollment_id, read.guards(command), cause, read)

    @routes.put("/{enrollment_id}/support-contact", responses=CHANGED)
    async def set_support_contact(
        enrollment_id: str, form: SupportContactForm, change: Change, caller: Editor, read: Revision
    ) -> EnrollmentView:
        """Where the company's customers get help. A role mailbox is allowed here. It can be changed at any time."""
        state, cause = await readable(store, enrollment_id, caller), change.cause(caller)
        contact = support_contact_of(form, state.country, mailboxes)
        command = SetSupportContact(contact, actor_of(caller, state, cause.time))
        return await _change(handler, enrollment_id, read.guards(command), cause, read)


async def _change(
    handler: Handler, enrollment_id: str, command: Command | IfRevision, cause: Cause, read: ReadRevision
) -> EnrollmentView:
    # No stored answer: these commands are idempotent, and a repeated request may see the present state.
    try:
        outcome = await handler.handle(ENROLLMENT, ENROLLMENT.id(enrollment_id), command, cause)
    except TakenError as error:
        raise taken(error) from error
    read.tag(outcome.state.revision)
    return enrollment_view(outcome.state)
