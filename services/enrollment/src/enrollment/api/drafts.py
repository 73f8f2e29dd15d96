"""Drafts over HTTP: checked without saving, deleted, and begun as a copy of a closed enrollment."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter

from chassis import (
    Change,
    FormFault,
    Handler,
    MongoStore,
    Principal,
    ProblemError,
    Unkeyed,
    new_router,
    not_found,
    require,
)
from chassis.http.addresses import InvalidAddressError
from enrollment.api.contacts import german_mailbox_fault
from enrollment.api.forms import DraftForm, ProfileForm
from enrollment.api.profile_rules import profile_faults, refuse_faults
from enrollment.api.revisions import CHANGED, Revision
from enrollment.api.views import CheckedView, EnrollmentView, enrollment_view
from enrollment.country_rules import phone_faults
from enrollment.documents import ENROLLMENT, UPLOAD
from enrollment.domain.enrollment.application import EXCEPTION, MAILBOX_REMEDIES, Copied
from enrollment.domain.enrollment.company import company_name_fault, missing
from enrollment.domain.enrollment.erasing import EraseEnrollment
from enrollment.domain.enrollment.mailbox_exceptions import is_accepted
from enrollment.domain.enrollment.state import Address, Enrollment, PrimaryContact, SupportContact
from enrollment.domain.upload import EraseUpload
from enrollment.lookups import Editor, actor_of, own, readable
from enrollment.mailboxes import MailboxRules

Submitter = Annotated[Principal, require("enrollment:submit")]


def router(store: MongoStore, handler: Handler, *, mailboxes: MailboxRules) -> APIRouter:
    routes = new_router("/v1/enrollments", tags=["enrollments"])

    @routes.post("/{enrollment_id}/validate")
    async def validate_enrollment(enrollment_id: str, form: DraftForm, _: Unkeyed, caller: Submitter) -> CheckedView:
        """Check information of an enrollment as its submission would, and save nothing. Any part may be left out.

        422 `invalid` with all faults at once. 200 says which fields the submission would still need.
        """
        state = await own(store, enrollment_id, caller)
        refuse_faults(faults_of(form, state, mailboxes))
        return CheckedView(missing=list(missing(_filled(form, state))))

    @routes.delete("/{enrollment_id}", responses=CHANGED)
    async def erase_enrollment(enrollment_id: str, change: Change, caller: Editor, read: Revision) -> EnrollmentView:
        """Delete a draft, or erase what a closed enrollment holds about people, with its documents.

        Signatures, dates and the company's own data stay. 409 `not-editable` while the enrollment is open: withdraw it first,
        or end the agreement.
        """
        state, cause = await readable(store, enrollment_id, caller), change.cause(caller)
        command = read.guards(EraseEnrollment(actor=actor_of(caller, state, cause.time)))
        id = ENROLLMENT.id(enrollment_id)
        if await handler.would_change(ENROLLMENT, id, command, cause):
            # First of all: if this breaks off, the same request again goes on.
            async for file, upload in store.find_all(UPLOAD, {"tenant": state.organization_id}):
                if upload.enrollment_id == enrollment_id:
                    await handler.handle(UPLOAD, file, EraseUpload(cause.time), cause)
        outcome = await handler.handle(ENROLLMENT, id, command, cause)
        return enrollment_view(outcome.state)

    return routes


async def copied_from(store: MongoStore, enrollment_id: str, caller: Principal, mailboxes: MailboxRules) -> Copied:
    """What a new draft takes over. Raises ProblemError for an enrollment that is not the organization's, or is not closed."""
    state = await store.get(ENROLLMENT, ENROLLMENT.id(enrollment_id))
    if state is None or state.organization_id != caller.organization_id:
        raise not_found("enrollment")
    if state.open:
        detail = "only a closed enrollment is copied; withdraw this one first, or go on with it"
        raise ProblemError(409, "not-editable", detail, field="copy_from")
    same_country = state.country == caller.country
    contact = state.primary_contact
    accepted = contact if contact and mailboxes.judge(contact.email).fault is None else None
    return Copied(
        company_name=state.company_name,
        address=state.address if same_country else None,
        registration_id=state.registration_id if same_country else None,
        primary_contact=accepted,
        support_contact=state.support_contact,
    )


def faults_of(form: DraftForm, state: Enrollment, mailboxes: MailboxRules) -> list[FormFault]:
    country = state.country
    faults = _within("profile", _of_profile(form.profile, country)) if form.profile else []
    for name, contact in (("primary_contact", form.primary_contact), ("support_contact", form.support_contact)):
        if contact:
            personal = name == "primary_contact" and not is_accepted(state, contact.email)
            of_mailbox = _of_mailbox(contact.email, mailboxes, personal=personal)
            faults += _within(name, [*of_mailbox, *phone_faults(contact.phone, country)])
    return faults


def _of_profile(form: ProfileForm, country: str) -> list[FormFault]:
    faults = profile_faults(form, country)
    alone = company_name_fault(form.company_name) if not faults else None
    if alone is None:
        return faults
    german = "Geben Sie den vollständigen eingetragenen Namen des Unternehmens an."
    return [FormFault("company_name", f"{alone[0].upper()}{alone[1:]}.", german)]


def _of_mailbox(email: str, mailboxes: MailboxRules, *, personal: bool) -> list[FormFault]:
    try:
        fault = mailboxes.judge(email).fault
    except InvalidAddressError as error:
        return [FormFault("email", f"{error}.", "Geben Sie eine vollständige Mailadresse an.")]
    if fault is None or not personal:
        return []
    return [FormFault("email", f"The address {MAILBOX_REMEDIES[fault]}; {EXCEPTION}.", german_mailbox_fault(fault))]


def _within(part: str, faults: list[FormFault]) -> list[FormFault]:
    return [replace(fault, field=f"{part}.{fault.field}") for fault in faults]


def _filled(form: DraftForm, state: Enrollment) -> Enrollment:
    """The enrollment as it would be."""
    if form.profile:
        address = form.profile.address.model_dump() | {"postal_code": form.profile.address.postal_code or ""}
        state = replace(
            state,
            company_name=form.profile.company_name,
            address=Address(**address),
            registration_id=form.profile.registration_id,
        )
    if form.primary_contact:
        state = replace(state, primary_contact=PrimaryContact(**form.primary_contact.model_dump()))
    if form.support_contact:
        state = replace(state, support_contact=SupportContact(**form.support_contact.model_dump()))
    return state
