"""A partner is suspended and reinstated by the program's staff."""

import pytest
from unit.enrollment.story import NAME, STATUSES, after, announced, given, refusal, reinstate, sign, status_of, suspend

from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment.decide import decide
from kontor_contracts.enrollment import EnrollmentReinstated, EnrollmentSuspended


def test_a_suspension_says_who_why_and_what_to_do() -> None:
    facts = decide(suspend(), given("active"))
    suspended = facts[0]
    assert isinstance(suspended, EnrollmentSuspended)
    assert (suspended.reason, suspended.explanation) == ("invoices-overdue", "Three invoices are late.")
    assert (suspended.partner.name, suspended.partner.partner_id, suspended.suspended_by) == (NAME, "4711001", "user-9")
    state = after(suspend(), given("active"))
    assert (state.active, state.partner, state.open) == (False, True, True)
    assert (state.history[-1].status, state.history[-1].reason) == ("suspended", "invoices-overdue")


def test_a_suspended_partner_keeps_its_partner_id() -> None:
    assert ENROLLMENT.claims(given("suspended")) == ENROLLMENT.claims(given("active"))


def test_a_suspension_is_undone_once() -> None:
    state = given("suspended")
    assert next(type(fact) for fact in decide(reinstate(), state)) is EnrollmentReinstated
    active = after(reinstate(), state)
    assert active.active and decide(reinstate(), active) == []
    assert after(suspend(), active).status == "suspended"


@pytest.mark.parametrize("where", [where for where in STATUSES if where not in {"active", "suspended"}])
def test_who_is_no_partner_is_neither_suspended_nor_reinstated(where: str) -> None:
    assert refusal(suspend(), given(where)).reason == "not-active"
    assert refusal(reinstate(), given(where)).reason == "not-suspended"


def test_no_reviewer_judges_the_own_company() -> None:
    for command in (suspend(organization="org-1"), reinstate(organization="org-1")):
        assert status_of(refusal(command, given("suspended"))) == 403


def test_a_suspended_partner_has_signed_already() -> None:
    assert announced(sign(), given("suspended")) == []
