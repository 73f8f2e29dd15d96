"""A partner changes its primary contact: the new one confirms, the present one may object, the staff correct it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from unit.enrollment.story import (
    CONFIRM_LINK,
    CONTACT,
    NOW,
    OBJECT_LINK,
    OTHER,
    STATUSES,
    after,
    announced,
    answer_change,
    company,
    correct_contact,
    elapse_at,
    given,
    name_contact,
    notice,
    played,
    refusal,
    staff,
)

from enrollment.domain.enrollment.contact_change import WithdrawContactChange, contact_link_state
from enrollment.domain.enrollment.deadlines import next_due
from enrollment.domain.enrollment.decide import Command, decide
from enrollment.domain.enrollment.mailbox_exceptions import AcceptMailbox
from enrollment.domain.enrollment.state import Enrollment
from kontor_contracts.enrollment import ContactChangeEnded, ContactChangeRequested, PrimaryContactChanged

ASKED = NOW + timedelta(days=40)
END = ASKED + timedelta(days=7)


@pytest.fixture
def asked() -> Enrollment:
    return after(name_contact(), given("active"))


@pytest.fixture
def confirmed(asked: Enrollment) -> Enrollment:
    return after(answer_change(), asked)


def only(command: Command, state: Enrollment, kind: type[Any]) -> Any:
    (found,) = [fact for fact in decide(command, state) if isinstance(fact, kind)]
    return found


def people(state: Enrollment) -> str:
    assert state.contact_change
    return f"{state.contact_change.contact}{state.contact_change.previous}"


def test_the_present_contact_stays_until_the_new_one_confirms(asked: Enrollment) -> None:
    requested = only(name_contact(), given("active"), ContactChangeRequested)
    assert (requested.new_contact.email, requested.partner.contact.email) == (OTHER.email, CONTACT.email)
    assert asked.primary_contact == CONTACT
    assert decide(name_contact(), asked) == []


def test_a_confirmation_changes_the_contact(asked: Enrollment, confirmed: Enrollment) -> None:
    changed = only(answer_change(), asked, PrimaryContactChanged)
    assert (changed.partner.contact.email, changed.previous.email) == (OTHER.email, CONTACT.email)
    assert (changed.reason, changed.changed_by) == ("confirmed", "user-1")
    assert confirmed.primary_contact == OTHER
    assert confirmed.changes[-1].field == "primary_contact"
    assert decide(answer_change(), confirmed) == []


def test_a_declined_change_leaves_the_contact(asked: Enrollment) -> None:
    assert only(answer_change("decline"), asked, ContactChangeEnded).outcome == "declined"
    state = after(answer_change("decline"), asked)
    assert state.primary_contact == CONTACT
    assert OTHER.email not in people(state)
    assert refusal(answer_change(), state).reason == "link-superseded"


def test_an_objection_stops_a_change(asked: Enrollment) -> None:
    assert only(answer_change("object"), asked, ContactChangeEnded).outcome == "objected"
    assert after(answer_change("object"), asked).primary_contact == CONTACT


def test_an_objection_brings_the_contact_back(confirmed: Enrollment) -> None:
    changed = only(answer_change("object"), confirmed, PrimaryContactChanged)
    assert (changed.reason, changed.partner.contact.email, changed.previous.email) == (
        "objected",
        CONTACT.email,
        OTHER.email,
    )
    state = after(answer_change("object"), confirmed)
    assert state.primary_contact == CONTACT
    assert refusal(answer_change(), state).reason == "link-superseded"


def test_an_objection_comes_in_seven_days(confirmed: Enrollment) -> None:
    assert next_due(confirmed) == END
    assert refusal(answer_change("object", at=END), confirmed).reason == "link-superseded"
    settled = after(elapse_at(END), confirmed)
    assert settled.primary_contact == OTHER
    assert announced(elapse_at(END), confirmed) == []
    assert CONTACT.email not in people(settled)


def test_a_change_that_nobody_confirms_expires(asked: Enrollment) -> None:
    assert next_due(asked) == END
    assert refusal(answer_change(at=END), asked).reason == "link-expired"
    assert only(elapse_at(END), asked, ContactChangeEnded).outcome == "expired"
    state = after(elapse_at(END), asked)
    assert announced(name_contact(actor=company(END)), state) == ["ContactChangeRequested"]


@pytest.mark.parametrize("actor", [company(ASKED), staff(ASKED)])
def test_a_change_is_withdrawn_before_it_is_confirmed(asked: Enrollment, confirmed: Enrollment, actor: Any) -> None:
    withdraw = WithdrawContactChange(actor=actor)
    assert only(withdraw, asked, ContactChangeEnded).outcome == "withdrawn"
    assert decide(withdraw, after(withdraw, asked)) == []
    assert refusal(withdraw, confirmed).reason == "already-confirmed"


def test_one_change_is_under_way_at_a_time(asked: Enrollment, confirmed: Enrollment) -> None:
    another = name_contact(replace(OTHER, email="cora@mueller-soehne.example"))
    for state in (asked, confirmed):
        assert refusal(another, state).reason == "change-pending"


def test_the_same_mailbox_changes_at_once() -> None:
    command = name_contact(replace(CONTACT, phone="+49 221 1"))
    assert only(command, given("active"), PrimaryContactChanged).reason == "same-mailbox"
    assert after(command, given("active")).contact_change is None


@pytest.mark.parametrize("fault", ["webmail-address", "role-mailbox", "disposable-address", "webmail-lookalike"])
def test_a_mailbox_is_held_to_the_rules_of_drafts(fault: Any) -> None:
    for command in (name_contact(fault=fault), correct_contact(fault=fault)):
        refused = refusal(command, given("active"))
        assert (refused.reason, refused.field) == (fault, "email")


@pytest.mark.parametrize("where", ["active", "suspended"])
def test_an_accepted_mailbox_is_the_new_contacts(where: str) -> None:
    shared = replace(OTHER, email="info@mueller-soehne.example")
    accept = AcceptMailbox(email=shared.email, fault="role-mailbox", reason="The owner's.", actor=staff(ASKED))
    accepted = after(accept, given(where))
    requested = only(name_contact(shared, fault="role-mailbox"), accepted, ContactChangeRequested)
    assert requested.new_contact.email == shared.email
    assert after(correct_contact(shared, fault="role-mailbox"), accepted).primary_contact == shared
    refused = refusal(
        name_contact(replace(OTHER, email="sales@mueller-soehne.example"), fault="role-mailbox"), accepted
    )
    assert refused.reason == "role-mailbox" and "write to the program's staff" in refused.detail


def test_the_staff_correct_the_contact(asked: Enrollment, confirmed: Enrollment) -> None:
    right = replace(OTHER, email="cora@mueller-soehne.example")
    for state in (given("active"), given("suspended"), asked, confirmed):
        changed = only(correct_contact(right), state, PrimaryContactChanged)
        assert (changed.reason, changed.changed_by) == ("corrected", "user-9")
        corrected = after(correct_contact(right), state)
        assert corrected.primary_contact == right
        assert contact_link_state(corrected, CONFIRM_LINK, ASKED) in {"over", "unknown"}
        assert contact_link_state(corrected, OBJECT_LINK, ASKED) in {"over", "unknown"}


def test_the_staff_keep_the_present_contact(asked: Enrollment) -> None:
    assert only(correct_contact(CONTACT), asked, ContactChangeEnded).outcome == "withdrawn"


def test_the_staff_correct_no_contact_of_their_own_company(asked: Enrollment) -> None:
    assert refusal(correct_contact(actor=staff(ASKED, "org-1")), asked).reason == "own-company"


@pytest.mark.parametrize("where", [where for where in STATUSES if where not in {"active", "suspended"}])
def test_only_a_partner_changes_its_contact_so(where: str) -> None:
    assert refusal(name_contact(), given(where)).reason in {"not-active", "closed"}


def test_a_link_of_a_stranger_does_nothing(asked: Enrollment) -> None:
    for answer in ("confirm", "decline", "object"):
        assert refusal(answer_change(answer, "0" * 64), asked).reason == "link-unknown"
    assert refusal(answer_change("object", CONFIRM_LINK), asked).reason == "link-superseded"
    assert refusal(answer_change("confirm", OBJECT_LINK), asked).reason == "link-superseded"


def test_an_ended_partner_has_no_change_under_way(asked: Enrollment) -> None:
    leaving = played([notice(company(ASKED))], asked)
    state = after(elapse_at(ASKED + timedelta(days=31)), after(elapse_at(END), leaving))
    assert (state.status, state.contact_change) == ("ended", None)
