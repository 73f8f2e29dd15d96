"""A mailbox that the rules refuse, accepted by the program's staff for one enrollment."""

from dataclasses import replace
from datetime import timedelta

import pytest
from unit.enrollment.story import (
    CONTACT,
    NOW,
    STATUSES,
    after,
    announced,
    company,
    contact,
    erase,
    given,
    played,
    refusal,
    staff,
    status_of,
    withdraw,
)

from enrollment.api.drafts import faults_of
from enrollment.api.forms import DraftForm, PrimaryContactForm
from enrollment.api.review_views import review_file, timeline_view
from enrollment.domain.enrollment.decide import decide
from enrollment.domain.enrollment.mailbox_exceptions import AcceptMailbox, RefuseMailboxAgain
from enrollment.domain.enrollment.state import Enrollment
from enrollment.domain.enrollment.timeline import timeline
from enrollment.mailboxes import MailboxRules
from kontor_contracts.enrollment import MailboxExceptionGranted, MailboxFault

EMAIL = "info@mueller-soehne.example"
SHARED = replace(CONTACT, email=EMAIL)
FAULTS: tuple[MailboxFault, ...] = ("webmail-address", "webmail-lookalike", "role-mailbox", "disposable-address")
OPEN = ("draft", "complete", "contact-pending", "in-review", "action-required", "active", "suspended")


def accept(email: str = EMAIL, fault: MailboxFault | None = "role-mailbox") -> AcceptMailbox:
    return AcceptMailbox(email=email, fault=fault, reason="The owner reads it alone.", actor=staff())


def entered(fault: MailboxFault = "role-mailbox") -> object:
    return contact(SHARED, company(NOW + timedelta(hours=1)), fault=fault)


@pytest.mark.parametrize("fault", FAULTS)
def test_an_accepted_mailbox_is_entered(fault: MailboxFault) -> None:
    refused = refusal(entered(fault), given("complete"))  # type: ignore[arg-type]  # a command
    assert refused.reason == fault and "write to the program's staff" in refused.detail
    state = played([accept(fault=fault), entered(fault)], given("complete"))  # type: ignore[list-item]  # a command
    assert state.primary_contact == SHARED


@pytest.mark.parametrize("where", OPEN)
def test_a_mailbox_is_accepted_while_a_contact_can_be_named(where: str) -> None:
    state = after(accept(), given(where))
    (one,) = state.accepted_mailboxes
    assert (one.email, one.fault, one.reason, one.by) == (EMAIL, "role-mailbox", "The owner reads it alone.", "user-9")
    assert decide(accept(EMAIL.upper()), state) == []


@pytest.mark.parametrize("where", [where for where in STATUSES if where not in OPEN])
def test_an_approved_or_closed_enrollment_takes_no_exception(where: str) -> None:
    assert refusal(accept(), given(where)).reason in {"not-editable", "closed"}


def test_an_exception_is_for_one_address_alone() -> None:
    state = after(accept("sales@mueller-soehne.example"), given("complete"))
    assert refusal(entered(), state).reason == "role-mailbox"  # type: ignore[arg-type]  # a command


def test_an_address_that_is_not_refused_needs_no_exception() -> None:
    refused = refusal(accept(CONTACT.email, None), given("complete"))
    assert (refused.reason, refused.field, status_of(refused)) == ("mailbox-exception-unneeded", "email", 422)


def test_an_exception_is_taken_back() -> None:
    again = RefuseMailboxAgain(email=EMAIL.upper(), actor=staff())
    state = played([accept(), again], given("complete"))
    assert state.accepted_mailboxes == () and decide(again, state) == []
    assert refusal(entered(), state).reason == "role-mailbox"  # type: ignore[arg-type]  # a command
    kept = played([accept(), entered(), again], given("complete"))  # type: ignore[list-item]  # a command
    assert kept.primary_contact == SHARED


def test_no_operator_accepts_for_the_own_company() -> None:
    own = replace(staff(), organization="org-1")
    for command in (replace(accept(), actor=own), RefuseMailboxAgain(email=EMAIL, actor=own)):
        assert refusal(command, given("complete")).reason == "own-company"


def test_an_exception_is_announced_and_shown() -> None:
    draft = given("complete")
    assert announced(accept(), draft) == ["MailboxExceptionGranted"]
    (event,) = (fact for fact in decide(accept(), draft) if isinstance(fact, MailboxExceptionGranted))
    assert (event.address, event.fault, event.granted_by) == (EMAIL, "role-mailbox", "user-9")
    assert event.applicant and event.applicant.user_id == "user-1"
    state = after(accept(), draft)
    shown = timeline_view(state, timeline(state)).accepted_mailboxes
    assert [(one.email, one.reason) for one in shown] == [(EMAIL, "The owner reads it alone.")]
    assert review_file(state, []).accepted_mailboxes == shown


def test_a_draft_is_validated_with_the_exception() -> None:
    form = DraftForm(primary_contact=PrimaryContactForm(name="Anna", email=EMAIL, phone="+49 221 1234567"))

    def faults(state: Enrollment) -> list[str]:
        return [fault.field for fault in faults_of(form, state, MailboxRules())]

    assert faults(given("draft")) == ["primary_contact.email"]
    assert faults(after(accept(), given("draft"))) == []


def test_an_erased_enrollment_names_no_mailbox() -> None:
    state = played([accept(), withdraw(), erase()], given("complete"))
    assert state.accepted_mailboxes == ()
