"""A partner id that is postponed: submitted without, linked before the signature."""

from datetime import timedelta

from unit.enrollment.story import (
    NAME,
    NOW,
    UNLINKED,
    after,
    announced,
    associate,
    company,
    contact,
    given,
    played,
    postpone,
    refusal,
    review,
    sign,
    start,
    submit,
    support,
    update,
)

from enrollment.domain.enrollment.decide import decide
from enrollment.domain.enrollment.timeline import timeline
from kontor_contracts.enrollment import EnrollmentApproved

LATE = NOW + timedelta(days=3)


def test_a_draft_without_partner_id_is_submitted_once_it_is_postponed() -> None:
    draft = played((start(), update(), contact(), support()))
    assert refusal(submit(), draft).field == "partner_id"
    assert announced(submit(), after(postpone(), draft)) == [
        "EnrollmentSubmittedUnlinked",
        "ContactVerificationRequested",
    ]


def test_a_linked_partner_id_is_not_postponed() -> None:
    assert refusal(postpone(), given("complete")).reason == "not-editable"


def test_a_postponed_partner_id_may_be_linked_before_the_submission() -> None:
    draft = played((start(), postpone(), update(), contact(), support(), associate()))
    assert announced(submit(), draft) == ["EnrollmentSubmitted", "ContactVerificationRequested"]


def test_the_agreement_waits_for_the_partner_id() -> None:
    approved = played(UNLINKED)
    assert refusal(sign(), approved).reason == "partner-id-missing"
    assert (timeline(approved).next_actor, timeline(approved).next_action) == ("company", "link-partner-id")
    linked = after(associate(company(LATE)), approved)
    assert (linked.status, timeline(linked).next_action) == ("qualified", "sign-agreement")
    assert after(sign(at=LATE), linked).status == "active"


def test_the_approval_says_what_is_missing() -> None:
    (approved,) = [each for each in decide(review(), played(UNLINKED[:-1])) if isinstance(each, EnrollmentApproved)]
    assert approved.partner_id_missing
    (complete,) = [each for each in decide(review(), given("in-review")) if isinstance(each, EnrollmentApproved)]
    assert not complete.partner_id_missing


def test_a_profile_of_another_name_is_reviewed() -> None:
    linked = after(associate(company(LATE), company_name="Schulze Holding AG"), played(UNLINKED))
    assert (linked.status, linked.dossier.step, linked.dossier.registry_name) == (
        "in-review",
        "business",
        "Schulze Holding AG",
    )
    assert after(review(at=LATE), linked).status == "qualified"


def test_a_profile_of_the_same_name_is_linked_during_the_review() -> None:
    reviewed = played((*UNLINKED[:-1], review(step="employment"), review(step="business")))
    assert reviewed.status == "qualified"
    in_review = played((*UNLINKED[:-1], review(step="business")))
    linked = after(associate(company(LATE), company_name=NAME.upper()), in_review)
    assert (linked.status, linked.partner_id, linked.dossier.step) == ("in-review", "4711001", "employment")
    assert "business" not in linked.dossier.passed, "the profile is compared"
