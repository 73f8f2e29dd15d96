"""The steps of an enrollment as the company sees them."""

from datetime import timedelta

import pytest
from unit.enrollment.course import in_every_state
from unit.enrollment.story import NOW, STATUSES, after, given, reject, resend, review

from enrollment.domain.enrollment.timeline import timeline


def shown(where: str) -> dict[str, str]:
    return {step.name: step.state for step in timeline(given(where)).steps}


NAMES = ("information", "contact", "employment", "business", "agreement")


@pytest.mark.parametrize(
    ("where", "states"),
    [
        ("draft", "current open open open open"),
        ("contact-pending", "done current open open open"),
        ("in-review", "done done current open open"),
        ("action-required", "done done current open open"),
        ("qualified", "done done done done current"),
        ("active", "done done done done done"),
        ("suspended", "done done done done done"),
        ("ended", "done done done done done"),
        ("cancelled", "done failed open open open"),
        ("rejected", "done done failed open open"),
        ("withdrawn", "done failed open open open"),
        ("expired", "done failed open open open"),
    ],
)
def test_a_timeline_shows_each_step_with_its_state(where: str, states: str) -> None:
    assert shown(where) == dict(zip(NAMES, states.split(), strict=True))


def test_a_passed_step_is_done_before_the_review_is() -> None:
    found = timeline(after(review(step="employment"), given("in-review")))
    assert [step.state for step in found.steps] == ["done", "done", "done", "current", "open"]


@pytest.mark.parametrize("where", STATUSES)
def test_a_timeline_says_who_has_to_act_and_until_when(where: str) -> None:
    found = timeline(given(where))
    waits = where not in {"active", "suspended", "withdrawn", "expired", "ended"}
    assert (found.due is not None) == waits
    assert (found.next_actor == "nobody") == (where == "active")


def test_a_failed_step_gives_the_reason() -> None:
    found = timeline(after(reject(), given("in-review")))
    assert next(step.reason for step in found.steps if step.state == "failed") == "business-not-verified"


def test_a_timeline_says_from_when_the_mail_is_sent_again() -> None:
    state = given("contact-pending")
    assert timeline(state).resend_from == NOW + timedelta(minutes=1)
    for number in range(5):
        state = after(resend(f"{number:064d}", NOW + timedelta(hours=number + 1)), state)
    assert timeline(state).resend_from == NOW + timedelta(hours=25)
    assert timeline(given("in-review")).resend_from is None
    assert timeline(given("cancelled")).resend_from is not None


@pytest.mark.parametrize(
    ("where", "next_step", "days"),
    [
        ("active", ("nobody", "none"), None),
        ("active-change", ("staff", "review-legal-change"), 17),
        ("active-unsettled", ("company", "settle-legal-change"), 41),
        ("active-due", ("company", "confirm-reauthorization"), 390),
        ("active-notice", ("nobody", "none"), 130),
        ("suspended-due", ("company", "clear-cause-of-suspension"), None),
        ("ended-waiting", ("nobody", "wait"), 500 + 365),
        ("ended", ("company", "start-again"), None),
    ],
)
def test_a_timeline_says_what_a_partner_has_to_do(where: str, next_step: tuple[str, str], days: int | None) -> None:
    found = timeline(in_every_state()[where])
    assert (found.next_actor, found.next_action) == next_step
    assert found.due == (NOW + timedelta(days=days) if days else None)
