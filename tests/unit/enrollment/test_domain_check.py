"""The mail domain of a contact: proved by the organization, or a person reviews the employment."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from unit.enrollment.story import (
    CONTACT,
    FIRST_LINK,
    NOW,
    after,
    announced,
    appeal,
    contact,
    given,
    played,
    reject,
    review,
    staff,
)

from enrollment.domain import proved_domain
from enrollment.domain.enrollment.admission import ConfirmContact
from enrollment.domain.enrollment.decide import decide
from enrollment.domain.enrollment.domain_check import FollowDomain
from enrollment.domain.enrollment.state import Enrollment
from enrollment.domain.enrollment.timeline import timeline
from enrollment.domain.proved_domain import NoteProof, NoteRelease, proved_by

DOMAIN = "mueller-soehne.example"
PROVED, RELEASED = FollowDomain(DOMAIN, proved=True), FollowDomain(DOMAIN, proved=False)


def confirmed(*, proved: bool | None) -> Enrollment:
    return after(ConfirmContact(FIRST_LINK, NOW + timedelta(hours=2), (), proved), given("contact-pending"))


def employment(state: Enrollment) -> tuple[str, str | None]:
    step = next(step for step in timeline(state).steps if step.name == "employment")
    return step.state, step.reason


def test_a_proved_domain_passes_the_employment_step() -> None:
    state = confirmed(proved=True)
    assert (state.status, state.dossier.passed, state.dossier.proved_domain) == ("in-review", ("employment",), DOMAIN)
    assert employment(state) == ("done", "domain-proved")
    assert after(review(), state).status == "qualified"


def test_a_domain_that_is_not_proved_leaves_the_step_to_a_person() -> None:
    state = confirmed(proved=False)
    assert (state.dossier.passed, state.dossier.step) == ((), "employment")
    assert employment(state) == ("current", "domain-not-proved")


@pytest.mark.parametrize("proved", [True, False])
def test_the_check_is_announced(proved: bool) -> None:
    command = ConfirmContact(FIRST_LINK, NOW, (), proved)
    assert announced(command, given("contact-pending")) == ["ContactVerified", "DomainChecked"]


@pytest.mark.parametrize("where", ["in-review", "action-required"])
def test_a_proof_during_the_review_passes_the_step(where: str) -> None:
    state = after(PROVED, given(where))
    assert state.status == where and state.dossier.passed == ("employment",)
    assert decide(PROVED, state) == []


def test_a_domain_that_is_given_up_opens_the_step_again() -> None:
    state = played([RELEASED], confirmed(proved=True))
    assert (state.dossier.passed, state.dossier.proved_domain) == ((), None)
    assert decide(RELEASED, state) == []
    by_person = after(review(step="employment"), confirmed(proved=False))
    assert decide(RELEASED, by_person) == [], "a person has seen documents"


def test_another_domain_says_nothing_about_the_contact() -> None:
    for proved in (True, False):
        assert decide(FollowDomain("other.example", proved=proved), confirmed(proved=True)) == []


def test_another_contact_is_checked_again() -> None:
    other = contact(replace(CONTACT, email="zoe@other.example"), staff(NOW + timedelta(hours=4)))
    state = after(other, confirmed(proved=True))
    assert (state.status, state.dossier.passed, state.dossier.proved_domain) == ("contact-pending", (), None)


def test_an_appeal_has_all_reviewed_again() -> None:
    state = played([reject(), appeal()], confirmed(proved=True))
    assert (state.dossier.passed, state.dossier.proved_domain) == ((), None)


@pytest.mark.parametrize(
    ("facts", "holder"),
    [
        ("proof-1 a", "a"),
        ("proof-1 a, release-2 a", None),
        ("proof-1 a, release-2 b", "a"),
        ("proof-2 a, release-1 a", "a"),
        ("proof-1 a, release-2 a, proof-3 b", "b"),
        ("proof-3 b, proof-1 a, release-2 a", "b"),
    ],
)
def test_a_domain_is_its_newest_holders(facts: str, holder: str | None) -> None:
    state = proved_domain.State()
    for fact in facts.split(", "):
        kind, day, organization = fact.replace("-", " ").split()
        make = NoteProof if kind == "proof" else NoteRelease
        for changed in proved_domain.decide(make(organization, datetime(2026, 11, int(day), tzinfo=UTC)), state):
            state = proved_domain.evolve(state, changed)
    assert [one for one in "ab" if proved_by(state, one)] == ([holder] if holder else [])
