"""A rejected company appeals, a limited number of times and for a limited time."""

from datetime import timedelta

import pytest
from unit.enrollment.story import (
    NOW,
    STATUSES,
    TOLD,
    after,
    announced,
    appeal,
    company,
    confirm,
    given,
    played,
    refusal,
    reject,
    review,
    start,
    submit,
)

from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment.account import EndWithAccount
from enrollment.domain.enrollment.appeals import MOST_APPEALS, appeal_until
from enrollment.domain.enrollment.decide import decide
from enrollment.domain.enrollment.timeline import timeline
from enrollment.domain.enrollment.waits import USUAL
from kontor_contracts.enrollment import EnrollmentAppealed, EnrollmentRejected

APPEAL_TIME = timedelta(days=USUAL.appeal)
REJECTED_AT = NOW + timedelta(days=2)


def test_an_appeal_begins_the_review_again() -> None:
    rejected = played([review(step="employment"), reject()], given("in-review"))
    _, appealed, _ = decide(appeal(), rejected)
    assert isinstance(appealed, EnrollmentAppealed) and appealed.appeals_left == MOST_APPEALS - 1
    state = after(appeal(), rejected)
    assert (state.status, state.dossier.passed, state.dossier.claimed_by) == ("in-review", (), None)
    assert ENROLLMENT.claims(state) == {"organization": "org-1", "partner_id": "4711001"}
    assert decide(appeal(), state) == []
    assert announced(review(), state) == ["EnrollmentApproved"]


def test_a_rejection_says_until_when_and_how_often_it_can_be_appealed() -> None:
    (rejected, _) = decide(reject(), given("in-review"))
    assert isinstance(rejected, EnrollmentRejected)
    assert (rejected.appeal_until, rejected.appeals_left) == (REJECTED_AT + APPEAL_TIME, MOST_APPEALS)
    assert timeline(given("rejected")).next_action == "appeal"


def test_appeals_are_limited() -> None:
    state = given("rejected")
    for number in range(MOST_APPEALS):
        state = played([appeal(statement=f"{number}"), reject()], state)
    assert appeal_until(state) is None
    assert refusal(appeal(statement="again"), state).reason == "not-appealable"
    assert timeline(state).next_action == "start-again"


def test_an_appeal_is_possible_for_thirty_days() -> None:
    last = company(REJECTED_AT + APPEAL_TIME - timedelta(seconds=1))
    assert announced(appeal(last), given("rejected")) == ["EnrollmentAppealed"]
    late = refusal(appeal(company(REJECTED_AT + APPEAL_TIME)), given("rejected"))
    assert late.reason == "not-appealable" and "2026-12-04" in late.detail


def test_a_rejection_without_a_review_is_not_appealed() -> None:
    unasked = played([start(), *TOLD, submit(), reject()])
    assert refusal(appeal(), unasked).reason == "not-appealable"
    qualified = played([start(), *TOLD, submit(), confirm(), review(), reject()])
    assert announced(appeal(), qualified) == ["EnrollmentAppealed"]


def test_an_erased_account_has_no_appeal() -> None:
    erased = after(EndWithAccount(REJECTED_AT), given("rejected"))
    assert refusal(appeal(), erased).reason == "not-appealable"


@pytest.mark.parametrize("where", [where for where in STATUSES if where != "rejected"])
def test_only_a_rejection_is_appealed(where: str) -> None:
    assert refusal(appeal(), given(where)).reason in {"not-appealable", "closed"}
