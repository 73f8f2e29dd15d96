"""A partner accepts a new version of the agreement: asked, reminded, suspended after the date, and active again."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from unit.enrollment.story import (
    NOW,
    STATUSES,
    accept,
    after,
    announced,
    ask_acceptance,
    cancel_acceptance,
    company,
    elapse_at,
    given,
    move_acceptance,
    notice,
    played,
    refusal,
    reinstate,
    sign,
    staff,
    suspend,
)

from enrollment.domain.enrollment.deadlines import next_due
from enrollment.domain.enrollment.decide import Command, decide
from enrollment.domain.enrollment.state import Enrollment
from enrollment.domain.enrollment.timeline import timeline
from kontor_contracts.enrollment import (
    AcceptanceRequested,
    AgreementAccepted,
    AgreementSigned,
    EnrollmentReinstated,
    EnrollmentSuspended,
)

ASKED = NOW + timedelta(days=40)
UNTIL = ASKED + timedelta(days=60)
SECOND = timedelta(seconds=1)


@pytest.fixture
def asked() -> Enrollment:
    return after(ask_acceptance(), given("active"))


@pytest.fixture
def suspended(asked: Enrollment) -> Enrollment:
    return after(elapse_at(UNTIL), asked)


def only(command: Command, state: Enrollment, kind: type[Any]) -> Any:
    (found,) = [fact for fact in decide(command, state) if isinstance(fact, kind)]
    return found


def test_a_partner_is_asked_once(asked: Enrollment) -> None:
    request = only(ask_acceptance(), given("active"), AcceptanceRequested)
    assert (request.agreement_version, request.accept_until, request.reminder) == ("2027-06", UNTIL, 0)
    assert decide(ask_acceptance(), asked) == []


@pytest.mark.parametrize("where", [where for where in STATUSES if where not in {"active", "suspended"}])
def test_only_partners_are_asked(where: str) -> None:
    assert decide(ask_acceptance(), given(where)) == []


def test_a_partner_that_signed_the_version_is_not_asked() -> None:
    assert decide(ask_acceptance("2026-11"), given("active")) == []
    signed_first = after(accept(ASKED - SECOND), given("active"))
    assert decide(ask_acceptance(), signed_first) == []


def test_a_late_request_gives_the_whole_notice() -> None:
    late = UNTIL - timedelta(days=10)
    command = ask_acceptance(at=late, published_at=ASKED, accept_until=UNTIL)
    assert only(command, given("active"), AcceptanceRequested).accept_until == late + timedelta(days=30)


def test_reminders_come_30_7_and_1_days_before(asked: Enrollment) -> None:
    state, seen = asked, []
    for days in (30, 7, 1):
        moment = UNTIL - timedelta(days=days)
        assert next_due(state) == moment
        assert decide(elapse_at(moment - SECOND), state) == []
        seen.append(only(elapse_at(moment), state, AcceptanceRequested).reminder)
        state = after(elapse_at(moment), state)
    assert seen == [1, 2, 3]
    assert next_due(state) == UNTIL


def test_after_the_date_the_timer_suspends(asked: Enrollment, suspended: Enrollment) -> None:
    fact = only(elapse_at(UNTIL), asked, EnrollmentSuspended)
    assert (fact.reason, fact.suspended_by) == ("agreement-not-accepted", "service:enrollment")
    assert suspended.status == "suspended"
    shown = timeline(suspended)
    assert (shown.next_actor, shown.next_action) == ("company", "accept-agreement")


def test_an_acceptance_is_signed_and_ends_the_request(asked: Enrollment) -> None:
    assert announced(accept(), asked) == ["AgreementSigned", "AgreementAccepted"]
    signature = only(accept(), asked, AgreementSigned)
    assert (signature.agreement_version, signature.text_sha256) == ("2027-06", "c" * 64)
    said = only(accept(), asked, AgreementAccepted)
    assert (said.previous_version, said.reinstated) == ("2026-11", False)
    state = after(accept(), asked)
    assert state.agreement_version == "2027-06"
    assert [one.version for one in state.signatures] == ["2026-11", "2027-06"]
    assert decide(elapse_at(UNTIL), state) == []
    assert decide(accept(), state) == []


def test_a_late_acceptance_ends_the_suspension(suspended: Enrollment) -> None:
    late = accept(UNTIL + timedelta(days=5))
    assert only(late, suspended, EnrollmentReinstated).reason == "agreement-accepted"
    assert only(late, suspended, AgreementAccepted).reinstated
    assert after(late, suspended).active


def test_an_acceptance_ends_no_suspension_for_another_cause(asked: Enrollment) -> None:
    state = played([suspend(reason="abuse"), accept()], asked)
    assert state.status == "suspended"
    assert state.agreement_version == "2027-06"


def test_a_suspended_partner_is_not_suspended_again(asked: Enrollment) -> None:
    state = after(suspend(at=ASKED + timedelta(days=1)), asked)
    for days in (30, 7, 1):
        state = after(elapse_at(UNTIL - timedelta(days=days)), state)
    # The yearly confirmation comes next.
    assert (next_due(state) or NOW) > UNTIL


@pytest.mark.parametrize("reason", ["abuse", "agreement-not-accepted"])
def test_a_reinstatement_after_the_date_gives_new_time(asked: Enrollment, reason: Any) -> None:
    state = after(elapse_at(UNTIL), asked)
    if reason == "abuse":
        state = after(suspend(reason="abuse", at=ASKED + timedelta(days=1)), asked)
    back = reinstate(at=UNTIL + timedelta(days=9))
    again = only(back, state, AcceptanceRequested)
    assert (again.accept_until, again.reminder) == (UNTIL + timedelta(days=39), 0)
    state = after(back, state)
    assert state.active
    assert decide(elapse_at(UNTIL + timedelta(days=10)), state) == []
    assert after(elapse_at(UNTIL + timedelta(days=39)), state).status == "suspended"


def test_a_reinstatement_before_the_date_keeps_it(asked: Enrollment) -> None:
    state = played([suspend(at=ASKED + timedelta(days=1)), reinstate(at=ASKED + timedelta(days=2))], asked)
    assert state.acceptance == asked.acceptance


def test_the_staff_move_the_date(asked: Enrollment) -> None:
    later = UNTIL + timedelta(days=20)
    assert announced(move_acceptance(later), asked) == ["AcceptanceMoved"]
    state = after(move_acceptance(later), asked)
    assert next_due(state) == later - timedelta(days=30)
    assert decide(move_acceptance(later), state) == []


@pytest.mark.parametrize("until", [NOW, NOW + timedelta(days=45.5), NOW + timedelta(days=3 * 365)])
def test_the_new_date_is_in_the_next_two_years(asked: Enrollment, until: datetime) -> None:
    refused = refusal(move_acceptance(until), asked)
    assert (refused.reason, refused.field) == ("due-date-invalid", "accept_until")


def test_the_staff_move_no_date_of_their_own_company(asked: Enrollment) -> None:
    command = move_acceptance(UNTIL, staff(ASKED, "org-1"))
    assert refusal(command, asked).reason == "own-company"


def test_a_date_that_has_passed_is_not_moved(suspended: Enrollment) -> None:
    command = move_acceptance(UNTIL + timedelta(days=30), staff(UNTIL + timedelta(days=1)))
    refused = refusal(command, suspended)
    assert refused.reason == "not-active" and "reinstate" in refused.detail


def test_a_withdrawn_version_asks_for_nothing(asked: Enrollment) -> None:
    assert announced(cancel_acceptance(), asked) == ["AcceptanceCancelled"]
    state = after(cancel_acceptance(), asked)
    assert decide(elapse_at(UNTIL), state) == []
    assert decide(cancel_acceptance(), state) == []
    assert decide(cancel_acceptance("another"), asked) == []


def test_a_withdrawn_version_ends_its_suspensions(suspended: Enrollment) -> None:
    command = cancel_acceptance(at=UNTIL + timedelta(days=1))
    assert only(command, suspended, EnrollmentReinstated).reason == "agreement-withdrawn"
    assert after(command, suspended).active


def test_a_withdrawn_version_stays_signed_where_it_was_accepted(asked: Enrollment) -> None:
    state = after(accept(), asked)
    assert decide(cancel_acceptance(at=NOW + timedelta(days=60)), state) == []
    assert state.agreement_version == "2027-06"


def test_a_newer_version_replaces_the_pending_one(asked: Enrollment) -> None:
    newer = ask_acceptance("2027-07", ASKED + timedelta(days=1))
    state = after(newer, asked)
    assert state.acceptance and state.acceptance.version == "2027-07"
    older = ask_acceptance("2027-06", ASKED + timedelta(days=2), published_at=ASKED)
    assert decide(older, state) == []


def test_a_newer_version_is_asked_for_after_an_accepted_one(asked: Enrollment) -> None:
    newer = ask_acceptance("2027-07", ASKED + timedelta(days=20))
    assert announced(newer, after(accept(), asked)) == ["AcceptanceRequested"]


def test_a_partner_under_notice_is_not_reminded(asked: Enrollment) -> None:
    leaving = notice(company(ASKED + timedelta(days=1)))
    state = after(leaving, asked)
    assert state.notice and next_due(state) == state.notice.ends_at
    assert after(elapse_at(state.notice.ends_at), state).acceptance is None


def test_an_outdated_version_is_not_accepted(asked: Enrollment) -> None:
    refused = refusal(sign(version="2026-01", current_version="2027-06", at=ASKED), asked)
    assert refused.reason == "agreement-outdated"


def test_a_document_of_an_older_release_asks_for_nothing() -> None:
    assert replace(given("active"), acceptance=None) == given("active")
