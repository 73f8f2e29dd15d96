"""A partner changes its legal profile: proposal, review of what changed, rejection, withdrawal, suspension by the timer."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from unit.enrollment.story import (
    ADDRESS,
    APPLICANT,
    NAME,
    NOW,
    STATUSES,
    after,
    announced,
    company,
    elapse_at,
    given,
    notice,
    propose,
    refusal,
    reinstate,
    staff,
    suspend,
)

from enrollment.domain.enrollment.change_queue import OVERDUE, change_listing
from enrollment.domain.enrollment.decide import decide
from enrollment.domain.enrollment.legal_change import (
    JudgeLegalChange,
    WithdrawLegalChange,
    changed_fields,
    legal_change_due,
)
from enrollment.domain.enrollment.state import Enrollment
from enrollment.domain.enrollment.waits import USUAL
from kontor_contracts.enrollment import (
    EnrollmentSuspended,
    LegalChangeAccepted,
    LegalChangeProposed,
    LegalChangeRejected,
    LegalChangeWithdrawn,
    LegalNameChanged,
    ReviewDelayed,
)

TIME_TO_SETTLE = timedelta(days=USUAL.settle)
AT = NOW + timedelta(days=10)
LATER = AT + timedelta(days=1)
NEW = "Müller Cloud SE"
MOVED = replace(ADDRESS, line1="Südstraße 1")


def judge(decision: Any = "accept", **changes: Any) -> JudgeLegalChange:
    facts: dict[str, Any] = {"decision": decision, "actor": staff(LATER)}
    facts |= {"reason": "proof-missing", "explanation": "No entry."} if decision == "reject" else {}
    return JudgeLegalChange(**facts | changes)


def proposed(**changes: Any) -> Enrollment:
    return after(propose(**changes), given("active"))


def rejected() -> Enrollment:
    return after(judge("reject"), proposed())


def events(command: Any, state: Enrollment, kind: type[Any]) -> list[Any]:
    return [fact for fact in decide(command, state) if isinstance(fact, kind)]


def test_the_old_name_holds_until_the_change_is_accepted() -> None:
    (event,) = events(propose(), given("active"), LegalChangeProposed)
    assert (event.fields, event.partner.name, event.applicant) == (("company_name",), NAME, APPLICANT)
    state = proposed()
    assert (state.status, state.company_name) == ("active", NAME)
    assert state.legal_change and state.legal_change.company_name == NEW


def test_an_accepted_change_is_announced_and_holds() -> None:
    state = proposed(address=MOVED)
    assert announced(judge(), state) == ["LegalNameChanged", "LegalChangeAccepted"]
    (renamed,) = events(judge(), state, LegalNameChanged)
    (accepted,) = events(judge(), state, LegalChangeAccepted)
    assert (renamed.partner.name, renamed.previous_name, accepted.partner.name) == (NEW, NAME, NEW)
    assert accepted.fields == ("company_name", "address")
    now = after(judge(), state)
    assert (now.status, now.company_name, now.address, now.legal_change) == ("active", NEW, MOVED, None)
    assert [(change.field, change.new, change.staff) for change in now.changes] == [
        ("company_name", NEW, False),
        ("address", "Südstraße 1, 50667, Köln", False),
    ]
    assert now.dossier.passed == state.dossier.passed, "what was accepted is reviewed"


def test_a_change_of_the_address_alone_changes_no_name() -> None:
    state = proposed(company_name=NAME, address=MOVED)
    assert changed_fields(state) == ("address",)
    assert announced(judge(), state) == ["LegalChangeAccepted"]


def test_a_change_of_nothing_is_no_change() -> None:
    assert decide(propose(company_name=NAME), given("active")) == []
    assert decide(propose(), proposed()) == []


def test_one_change_is_under_review_at_a_time() -> None:
    assert refusal(propose(company_name="Other SE"), proposed()).reason == "change-pending"


@pytest.mark.parametrize("field", ["company_name", "registration_id"])
def test_a_change_keeps_what_the_country_requires(field: str) -> None:
    state = replace(given("active"), registration_id="HRB 1", registration_id_mandatory=True)
    value: Any = "GmbH" if field == "company_name" else None
    changes: dict[str, Any] = {"registration_id": "HRB 1", field: value}
    assert refusal(propose(**changes), state).field == field


def test_a_rejected_change_leaves_the_old_data_and_names_a_date() -> None:
    (event,) = events(judge("reject"), proposed(), LegalChangeRejected)
    assert (event.reason, event.settle_until, event.partner.name) == ("proof-missing", LATER + TIME_TO_SETTLE, NAME)
    state = rejected()
    assert (state.status, state.company_name, legal_change_due(state)) == ("active", NAME, LATER + TIME_TO_SETTLE)
    assert refusal(judge("reject", reason=None), proposed()).field == "reason"
    assert refusal(judge(), state).reason == "no-change-pending", "what was rejected is proposed again first"


def test_a_rejected_change_that_is_not_settled_suspends() -> None:
    state, end = rejected(), LATER + TIME_TO_SETTLE
    assert decide(elapse_at(end - timedelta(seconds=1)), state) == []
    (event,) = events(elapse_at(end), state, EnrollmentSuspended)
    assert (event.reason, event.suspended_by) == ("information-not-verified", "service:enrollment")
    suspended = after(elapse_at(end), state)
    assert (suspended.status, legal_change_due(suspended)) == ("suspended", None)
    again = after(reinstate(at=end + timedelta(days=1)), suspended)
    assert (again.status, again.legal_change, legal_change_due(again)) == ("active", None, None)


def test_a_suspended_partner_can_still_change_its_data() -> None:
    suspended = after(elapse_at(LATER + TIME_TO_SETTLE), rejected())
    late = company(LATER + TIME_TO_SETTLE + timedelta(days=1))
    state = after(judge(), after(propose(actor=late), suspended))
    assert (state.status, state.company_name) == ("suspended", NEW)
    assert after(reinstate(), state).active


@pytest.mark.parametrize("way", ["propose", "withdraw", "withdraw by staff"])
def test_a_rejected_change_is_settled_in_time(way: str) -> None:
    actor = staff(LATER) if way.endswith("staff") else company(LATER)
    command = propose(actor=actor) if way == "propose" else WithdrawLegalChange(actor=actor)
    state = after(command, rejected())
    assert (legal_change_due(state) or LATER + timedelta(days=6)) < LATER + TIME_TO_SETTLE
    assert after(elapse_at(LATER + TIME_TO_SETTLE), state).status == "active"


def test_a_withdrawn_change_is_gone() -> None:
    withdraw = WithdrawLegalChange(actor=company(LATER))
    (event,) = events(withdraw, proposed(), LegalChangeWithdrawn)
    assert (event.fields, event.by_staff) == (("company_name",), False)
    state = after(withdraw, proposed())
    assert state == replace(given("active"), legal_change=None)
    assert decide(withdraw, state) == []


def test_nobody_reviews_the_change_of_the_own_company() -> None:
    assert refusal(judge(actor=staff(LATER, "org-1")), proposed()).reason == "own-company"


@pytest.mark.parametrize("status", [status for status in STATUSES if status not in {"active", "suspended"}])
def test_only_a_partner_changes_its_data_by_review(status: str) -> None:
    state = given(status)
    assert refusal(propose(), state).reason == ("not-active" if state.open else "closed")


def test_a_late_review_of_a_change_is_escalated() -> None:
    state = proposed()
    due = legal_change_due(state)
    assert due
    (late,) = events(elapse_at(due), state, ReviewDelayed)
    assert (late.of_change, late.escalation, late.was_due) == (True, 1, due)
    state = after(elapse_at(due + timedelta(days=30)), state)
    assert decide(elapse_at(due + timedelta(days=30)), state) == [], "once, also if several dates were missed"
    listed = change_listing(state)
    assert listed and OVERDUE in listed[0]


def test_a_pending_change_is_in_the_reviewers_list() -> None:
    listed = change_listing(proposed())
    assert listed and listed[0] == ("change", "change|country=DE")
    for state in (given("active"), rejected(), after(judge(), proposed())):
        assert change_listing(state) is None


def test_the_end_of_the_agreement_ends_the_change() -> None:
    ending = after(notice(company(AT)), proposed())
    ended = after(elapse_at(AT + timedelta(days=30)), ending)
    assert (ended.status, ended.legal_change, change_listing(ended)) == ("ended", None, None)


def test_a_suspension_for_another_cause_stops_the_timer_of_a_rejection() -> None:
    state = after(suspend(at=LATER + timedelta(days=1)), rejected())
    assert legal_change_due(state) is None
    assert after(elapse_at(LATER + TIME_TO_SETTLE), state).legal_change is not None
