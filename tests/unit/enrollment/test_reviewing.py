"""The reviewers' file: claims, steps, two pairs of eyes, notes; where a review stands in the queue."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from unit.enrollment.story import (
    CONTACT,
    NOW,
    STATUSES,
    after,
    announced,
    associate,
    claim,
    company,
    contact,
    elapse,
    given,
    played,
    refusal,
    reject,
    review,
    staff,
    status_of,
    update,
)

from enrollment.api.review_views import name_differs
from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment.company import same_name
from enrollment.domain.enrollment.decide import decide
from enrollment.domain.enrollment.queue import (
    ALL,
    HIGH_RISK,
    OVERDUE,
    UNCLAIMED,
    claimed_key,
    country_key,
    program_key,
    step_key,
)
from enrollment.domain.enrollment.reviewing import AddNote, MarkRisk, ReleaseReview
from enrollment.domain.enrollment.state import Actor
from kontor_contracts.enrollment import ReviewFileChanged

COLLEAGUE = Actor(user="user-8", organization="program", staff=True, at=NOW + timedelta(hours=5))
OWN = Actor(user="user-7", organization="org-1", staff=True, at=NOW)


def keys(state: Any) -> set[str]:
    """The lists of reviews that it stands in."""
    listing = ENROLLMENT.listed(state) if ENROLLMENT.listed else None
    return {key for key in listing.keys if key.startswith(ALL)} if listing else set()


class TestClaims:
    def test_a_claimed_review_is_decided_by_its_reviewer(self) -> None:
        state = after(claim(), given("in-review"))
        assert state.dossier.claimed_by == "user-9" and decide(claim(), state) == []
        for command in (review(reviewer="user-8"), reject(reviewer="user-8")):
            assert (refusal(command, state).reason, status_of(refusal(command, state))) == ("claimed", 409)
        assert announced(review(reviewer="user-9"), state) == ["EnrollmentApproved"]

    def test_a_claim_is_taken_over_or_released(self) -> None:
        state = after(claim(), given("in-review"))
        assert refusal(claim(COLLEAGUE), state).reason == "claimed"
        assert after(claim(COLLEAGUE, take_over=True), state).dossier.claimed_by == "user-8"
        released = after(ReleaseReview(actor=COLLEAGUE), state)
        assert released.dossier.claimed_by is None
        assert announced(review(reviewer="user-8"), released) == ["EnrollmentApproved"]

    @pytest.mark.parametrize("where", [where for where in STATUSES if where != "in-review"])
    def test_only_what_is_in_review_is_claimed(self, where: str) -> None:
        assert refusal(claim(), given(where)).reason in {"not-in-review", "closed"}

    def test_no_reviewer_keeps_the_file_of_the_own_company(self) -> None:
        for command in (claim(OWN), AddNote(actor=OWN, text="x"), MarkRisk(actor=OWN, high=False)):
            assert refusal(command, given("in-review")).reason == "own-company"


class TestSteps:
    def test_a_step_is_passed_alone(self) -> None:
        state = after(review(step="employment"), given("in-review"))
        assert (state.status, state.dossier.passed, state.dossier.step) == ("in-review", ("employment",), "business")
        assert decide(review(step="employment"), state) == []
        assert announced(review(step="business"), state) == ["EnrollmentApproved"]

    def test_the_company_does_not_change_what_was_reviewed(self) -> None:
        state = after(review(step="business"), given("in-review"))
        for command in (update(company_name="Müller AG"), associate(partner_id="4711009")):
            assert refusal(command, state).reason == "already-reviewed"
        other = contact(replace(CONTACT, email="zoe@mueller-soehne.example"), company(NOW + timedelta(hours=3)))
        assert after(other, state).status == "contact-pending"
        asked = after(review(step="employment"), given("in-review"))
        assert refusal(other, asked).reason == "already-reviewed"

    def test_what_the_staff_corrects_is_reviewed_again(self) -> None:
        passed = after(review(step="business"), given("in-review"))
        state = after(update(company_name="Müller AG", actor=staff(NOW + timedelta(hours=4))), passed)
        assert (state.company_name, state.dossier.passed) == ("Müller AG", ())


class TestHighRisk:
    def test_a_high_risk_takes_two_reviewers(self) -> None:
        state = after(MarkRisk(actor=COLLEAGUE, high=True), given("in-review"))
        first = after(review(reviewer="user-9"), state)
        assert (first.status, first.dossier.approvals) == ("in-review", ("user-9",))
        assert decide(review(reviewer="user-9"), first) == []
        assert announced(review(reviewer="user-8"), first) == ["EnrollmentApproved"]

    def test_a_correction_takes_both_approvals_again(self) -> None:
        first = played([MarkRisk(actor=COLLEAGUE, high=True), review(reviewer="user-9")], given("in-review"))
        state = after(update(company_name="Müller AG", actor=staff(NOW + timedelta(hours=4))), first)
        assert state.dossier.approvals == ()
        assert after(review(reviewer="user-8"), state).status == "in-review"

    def test_who_takes_the_mark_away_does_not_approve_alone(self) -> None:
        marks = [MarkRisk(actor=COLLEAGUE, high=True), MarkRisk(actor=staff(NOW), high=False)]
        state = played(marks, given("in-review"))
        assert not state.dossier.high_risk
        first = after(review(reviewer="user-9"), state)
        assert (first.status, decide(review(reviewer="user-9"), first)) == ("in-review", [])
        assert announced(review(reviewer="user-8"), state) == ["EnrollmentApproved"]
        assert announced(review(reviewer="user-8"), first) == ["EnrollmentApproved"]

    def test_one_reviewer_rejects_a_high_risk(self) -> None:
        state = after(MarkRisk(actor=COLLEAGUE, high=True), given("in-review"))
        assert announced(reject(), state) == ["EnrollmentRejected"]


class TestNotes:
    def test_a_note_is_kept_once(self) -> None:
        note = AddNote(actor=staff(NOW), text="Called the company.")
        state = after(note, given("in-review"))
        assert [one.text for one in state.dossier.notes] == ["Called the company."]
        assert decide(note, state) == []

    @pytest.mark.parametrize("where", [where for where in STATUSES if where != "draft"])
    def test_a_note_is_written_in_every_state(self, where: str) -> None:
        assert after(AddNote(actor=staff(NOW), text="x"), given(where)).dossier.notes


class TestQueue:
    def test_a_review_stands_under_each_filter(self) -> None:
        state = given("in-review")
        assert keys(state) == {
            ALL,
            country_key("DE"),
            program_key("indirect-reseller"),
            UNCLAIMED,
            step_key("employment"),
        }
        claimed = played([claim(), MarkRisk(actor=staff(NOW), high=True), review(step="employment")], state)
        assert keys(claimed) - keys(state) == {claimed_key("user-9"), HIGH_RISK, step_key("business")}
        assert UNCLAIMED not in keys(claimed)

    def test_a_late_review_is_overdue(self) -> None:
        assert OVERDUE in keys(after(elapse(8), given("in-review")))

    def test_the_queue_is_ordered_by_waiting_time(self) -> None:
        listing = ENROLLMENT.listed(given("in-review")) if ENROLLMENT.listed else None
        assert listing and listing.order == "2026-11-02T11:00:00+00:00\te-1"

    @pytest.mark.parametrize("where", [where for where in STATUSES if where != "in-review"])
    def test_what_is_not_in_review_is_in_no_queue(self, where: str) -> None:
        assert keys(given(where)) == set()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Müller & Söhne IT GmbH", "MÜLLER SÖHNE IT", True),
        ("3M", "3M Deutschland GmbH", False),
        ("A. B. Handel Ltd.", "AB Handel", False),
        ("Nord-Süd AG", "Nord Süd", True),
    ],
)
def test_names_are_compared_without_case_punctuation_and_legal_form(one: str, other: str, *, same: bool) -> None:
    assert same_name(one, other) is same


def test_a_name_unlike_the_registrys_is_shown_to_the_reviewer() -> None:
    state = given("in-review")
    assert not name_differs(state)
    assert name_differs(after(update(company_name="Ganz anders AG", actor=company(NOW)), state))


class TestActivity:
    """Reviewers' work is announced for the activity log of the staff."""

    def test_a_claim_names_both_reviewers(self) -> None:
        state = after(claim(), given("in-review"))
        other = claim(COLLEAGUE, take_over=True)
        (changed,) = (fact for fact in decide(other, state) if isinstance(fact, ReviewFileChanged))
        assert (changed.change, changed.old, changed.new) == ("claimed", "user-9", COLLEAGUE.user)

    def test_a_risk_names_old_and_new(self) -> None:
        (changed,) = (
            f
            for f in decide(MarkRisk(actor=COLLEAGUE, high=True), given("in-review"))
            if isinstance(f, ReviewFileChanged)
        )
        assert (changed.change, changed.old, changed.new) == ("risk", "normal", "high")
