"""The end of a partner agreement: notice, taking it back, the end."""

from datetime import timedelta

import pytest
from unit.enrollment.story import (
    APPLICANT,
    NOW,
    STATUSES,
    after,
    announced,
    company,
    elapse_at,
    given,
    notice,
    refusal,
    staff,
    start,
    suspend,
)

from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment.deadlines import next_due
from enrollment.domain.enrollment.decide import decide
from enrollment.domain.enrollment.ending import NOTICE, WithdrawNotice
from kontor_contracts.enrollment import EnrollmentEnded, NoticeGiven

AT = NOW + timedelta(days=100)
END = AT + NOTICE


def test_a_partner_ends_the_agreement_with_thirty_days_notice() -> None:
    (given_notice,) = decide(notice(), given("active"))
    assert isinstance(given_notice, NoticeGiven)
    assert (given_notice.ends_at, given_notice.by_staff, given_notice.applicant) == (END, False, APPLICANT)
    state = after(notice(), given("active"))
    assert state.active and next_due(state) == END, "until then nothing changes"
    assert decide(elapse_at(END - timedelta(seconds=1)), state) == []
    ended, _ = decide(elapse_at(END), state)
    assert isinstance(ended, EnrollmentEnded)
    former = after(elapse_at(END), state)
    assert former.status == "ended" and ENROLLMENT.claims(former) == {}


def test_a_second_notice_changes_nothing() -> None:
    state = after(notice(), given("active"))
    assert decide(notice(company(AT + timedelta(days=5))), state) == []
    assert decide(notice(), given("ended")) == []


def test_a_notice_is_taken_back_by_its_side() -> None:
    own = after(notice(), given("active"))
    assert announced(WithdrawNotice(actor=company(AT)), own) == ["NoticeWithdrawn"]
    assert after(WithdrawNotice(actor=staff(AT)), own).notice is None
    of_program = after(notice(staff(AT), explanation="Arrears."), given("active"))
    assert refusal(WithdrawNotice(actor=company(AT)), of_program).reason == "notice-of-program"
    goes_on = after(WithdrawNotice(actor=staff(AT)), of_program)
    assert goes_on.notice is None and decide(elapse_at(END), goes_on) == []


def test_only_the_program_ends_at_once_and_says_why() -> None:
    for command in (notice(at_once=True, explanation="x"), notice(staff(AT), at_once=True)):
        refused = refusal(command, given("active"))
        assert (refused.reason, refused.field) == ("cause-missing", "explanation")
    at_once = notice(staff(AT), at_once=True, explanation="Fraud.")
    under_notice = after(notice(), given("active"))
    for state in (given("active"), under_notice, given("suspended")):
        assert next_due(after(at_once, state)) == AT


def test_a_notice_outlives_a_suspension() -> None:
    state = after(suspend(), after(notice(), given("active")))
    assert after(elapse_at(END), state).status == "ended"


@pytest.mark.parametrize("where", [where for where in STATUSES if where not in {"active", "suspended", "ended"}])
def test_only_a_partner_has_an_agreement_to_end(where: str) -> None:
    for command in (notice(), WithdrawNotice(actor=company(AT))):
        assert refusal(command, given(where)).reason in {"not-active", "closed"}


def test_no_staff_ends_the_agreement_of_the_own_company() -> None:
    assert refusal(notice(staff(AT, organization="org-1")), given("active")).reason == "own-company"


def test_an_ended_enrollment_is_not_started_again() -> None:
    assert decide(start(), given("ended")) == []
