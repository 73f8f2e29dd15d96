"""The yearly re-authorization of a reseller: notice, reminders, confirmation, what follows a missed one, corrections by staff."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

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
    propose,
    reconfirm,
    refusal,
    staff,
    start,
)

from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment.deadlines import next_due
from enrollment.domain.enrollment.decide import decide
from enrollment.domain.enrollment.legal_change import JudgeLegalChange
from enrollment.domain.enrollment.reauthorization import (
    CONFIRMATIONS,
    EndWait,
    MoveReauthorization,
    confirmable_from,
    due_at,
)
from enrollment.domain.enrollment.state import Enrollment
from enrollment.domain.enrollment.waits import Waits
from kontor_contracts.enrollment import (
    EnrollmentEnded,
    PartnerReauthorized,
    ReauthorizationMoved,
    ReauthorizationNoticed,
    WaitEnded,
)

YEAR, SECOND = timedelta(days=365), timedelta(seconds=1)
ACTIVE_AT = NOW + timedelta(days=3)
DUE = ACTIVE_AT + YEAR
OPENS = DUE - timedelta(days=90)


def event(command: Any, state: Enrollment, kind: type[Any]) -> Any:
    (found,) = [fact for fact in decide(command, state) if isinstance(fact, kind)]
    return found


def noticed(where: str = "active") -> Enrollment:
    return after(elapse_at(OPENS), given(where))


def missed() -> Enrollment:
    return after(elapse_at(DUE), noticed())


def move(due: datetime, at: datetime = OPENS, organization: str = "program") -> MoveReauthorization:
    return MoveReauthorization(due_at=due, explanation="As asked.", actor=staff(at, organization))


def test_a_partner_gets_a_notice_and_three_reminders() -> None:
    state, told = given("active"), []
    for before in (90, 30, 7, 1):
        at = DUE - timedelta(days=before)
        assert next_due(state) == at and decide(elapse_at(at - SECOND), state) == []
        told.append(event(elapse_at(at), state, ReauthorizationNoticed))
        state = after(elapse_at(at), state)
        assert decide(elapse_at(at), state) == []
    assert [(each.reminder, each.due_at, each.applicant) for each in told] == [
        (number, DUE, APPLICANT) for number in range(4)
    ]
    assert (state.status, next_due(state)) == ("active", DUE)


def test_a_confirmation_holds_for_another_year() -> None:
    confirmed = event(reconfirm(company(OPENS)), noticed(), PartnerReauthorized)
    assert (confirmed.confirmed, confirmed.next_due_at) == (CONFIRMATIONS, DUE + YEAR)
    state = after(reconfirm(company(OPENS)), noticed())
    assert (state.status, next_due(state)) == ("active", OPENS + YEAR)
    assert decide(elapse_at(DUE), state) == []
    assert refusal(reconfirm(company(OPENS + SECOND)), state).reason == "not-due"


def test_it_is_confirmed_only_when_the_time_is_open() -> None:
    state = given("active")
    assert (due_at(state), confirmable_from(state)) == (DUE, OPENS)
    assert refusal(reconfirm(company(OPENS - SECOND)), state).reason == "not-due"
    assert announced(reconfirm(company(OPENS)), state) == ["PartnerReauthorized"], "the timer may be late"


@pytest.mark.parametrize("gap", CONFIRMATIONS)
def test_every_confirmation_is_needed(gap: str) -> None:
    confirmed = tuple(each for each in CONFIRMATIONS if each != gap)
    refused = refusal(reconfirm(company(OPENS), confirmed), noticed())
    assert (refused.reason, refused.field) == ("confirmation-missing", "confirmed") and gap in refused.detail


def test_an_unsettled_change_is_settled_before_the_confirmation() -> None:
    pending = after(propose(company(OPENS)), noticed())
    assert announced(reconfirm(company(OPENS)), pending) == ["PartnerReauthorized"], "a pending one delays nothing"
    reject = JudgeLegalChange(decision="reject", reason="not-verified", actor=staff(OPENS))
    assert refusal(reconfirm(company(OPENS)), after(reject, pending)).reason == "change-pending"


@pytest.mark.parametrize("where", ["active", "suspended"])
def test_a_missed_confirmation_ends_the_agreement_for_a_year(where: str) -> None:
    ended = event(elapse_at(DUE), noticed(where), EnrollmentEnded)
    assert (ended.reason, ended.enroll_again_from, ended.by_staff) == ("not-reauthorized", DUE + YEAR, True)
    state = after(elapse_at(DUE), noticed(where))
    assert (state.status, state.wait_until, next_due(state)) == ("ended", DUE + YEAR, DUE + YEAR)
    assert ENROLLMENT.claims(state) == {"organization": "org-1", "partner_id": state.partner_id}


def test_the_wait_ends_by_itself_and_is_announced() -> None:
    state = missed()
    assert decide(elapse_at(DUE + YEAR - SECOND), state) == []
    over = event(elapse_at(DUE + YEAR), state, WaitEnded)
    assert (over.by_staff, over.applicant, over.organization_id) == (False, APPLICANT, "org-1")
    free = after(elapse_at(DUE + YEAR), state)
    assert (free.wait_until, ENROLLMENT.claims(free)) == (None, {})


def test_the_staff_end_the_wait() -> None:
    end = EndWait(explanation="A mistake of ours.", actor=staff(DUE + SECOND))
    over = event(end, missed(), WaitEnded)
    assert (over.by_staff, over.explanation) == (True, "A mistake of ours.")
    free = after(end, missed())
    assert ENROLLMENT.claims(free) == {} and decide(end, free) == []
    assert refusal(replace(end, actor=staff(DUE, "org-1")), missed()).reason == "own-company"


def test_nobody_loses_the_partnership_without_the_whole_notice() -> None:
    late = DUE + timedelta(days=200)
    told = event(elapse_at(late), given("active"), ReauthorizationNoticed)
    assert told.due_at == late + timedelta(days=90)
    state = after(elapse_at(late), given("active"))
    assert state.active and decide(elapse_at(late + SECOND), state) == []
    assert after(elapse_at(told.due_at), state).status == "ended"


def test_missed_reminders_are_sent_as_one() -> None:
    at = DUE - timedelta(days=5)
    state = after(elapse_at(at), noticed())
    assert event(elapse_at(at), noticed(), ReauthorizationNoticed).reminder == 1
    assert next_due(state) == DUE - timedelta(days=1)


def test_the_staff_move_the_date() -> None:
    later = DUE + timedelta(days=60)
    moved = event(move(later), noticed(), ReauthorizationMoved)
    assert (moved.due_at, moved.explanation) == (later, "As asked.")
    state = after(move(later), noticed())
    assert (due_at(state), next_due(state)) == (later, later - timedelta(days=90)), "a far date is announced again"
    assert decide(move(later), state) == []
    soon = after(move(OPENS + timedelta(days=20)), noticed())
    assert next_due(soon) == OPENS + timedelta(days=13), "reminders that have passed are left out"
    assert after(elapse_at(OPENS + timedelta(days=20)), soon).status == "ended"


def test_a_near_date_that_was_never_announced_is_announced_first() -> None:
    state = after(move(ACTIVE_AT + timedelta(days=10), ACTIVE_AT), given("active"))
    at = next_due(state)
    assert at and at <= ACTIVE_AT + timedelta(days=10)
    told = event(elapse_at(ACTIVE_AT), state, ReauthorizationNoticed)
    assert told.due_at == ACTIVE_AT + timedelta(days=90)


@pytest.mark.parametrize("due", [OPENS, OPENS - YEAR, OPENS + 3 * YEAR])
def test_a_date_in_the_past_or_far_away_is_refused(due: datetime) -> None:
    refused = refusal(move(due), noticed())
    assert (refused.reason, refused.field) == ("due-date-invalid", "due_at")


def test_the_staff_move_no_date_of_their_own_company() -> None:
    assert refusal(move(DUE + YEAR, organization="org-1"), noticed()).reason == "own-company"


def test_a_provider_is_not_reauthorized() -> None:
    state = replace(given("active"), program="indirect-provider")
    assert (due_at(state), next_due(state)) == (None, None)
    assert refusal(reconfirm(), state).reason == "not-active"


def test_an_agreement_that_ends_before_is_not_reauthorized() -> None:
    state = after(notice(company(OPENS - timedelta(days=1))), given("active"))
    assert next_due(state) == OPENS + timedelta(days=29)
    assert announced(elapse_at(OPENS + timedelta(days=29)), state) == ["EnrollmentEnded"]


@pytest.mark.parametrize("status", [status for status in STATUSES if status not in {"active", "suspended"}])
def test_only_a_partner_confirms(status: str) -> None:
    assert refusal(reconfirm(), given(status)).reason == ("not-active" if given(status).open else "closed")


def test_the_operator_sets_the_times() -> None:
    waits = Waits(reauthorization=100, reauthorization_notice=20, enroll_again=10)
    state = replace(given("active"), waits=after(start(waits=waits), Enrollment()).waits)
    first = ACTIVE_AT + timedelta(days=80)
    assert next_due(state) == first
    state = after(elapse_at(first), state)
    assert next_due(state) == ACTIVE_AT + timedelta(days=93), "a reminder before the notice is left out"
    assert after(elapse_at(ACTIVE_AT + timedelta(days=100)), state).wait_until == ACTIVE_AT + timedelta(days=110)
