"""An enrollment whose work account is corrected or erased."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import reduce
from typing import Any

import pytest

from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment.account import EndWithAccount, FollowCorrection
from enrollment.domain.enrollment.decide import decide
from enrollment.domain.enrollment.evolve import evolve
from enrollment.domain.enrollment.state import Enrollment, PrimaryContact, SupportContact

NOW = datetime(2026, 11, 27, tzinfo=UTC)
OPEN = ("draft", "contact-pending", "in-review", "qualified")


def after(status: Any, command: Any) -> Enrollment:
    state = Enrollment(status=status, organization_id="o1", partner_id="4711001")
    return reduce(evolve, decide(command, state), state)  # type: ignore[arg-type]


@pytest.mark.parametrize("status", OPEN)
def test_an_enrollment_ends_with_its_account_and_frees_the_partner_id(status: str) -> None:
    ended = after(status, EndWithAccount(NOW))
    assert ended.status == "cancelled" and ENROLLMENT.claims(ended) == {}


@pytest.mark.parametrize("status", ["active", "rejected", "cancelled"])
def test_what_is_decided_stays(status: str) -> None:
    assert after(status, EndWithAccount(NOW)).status == status


@pytest.mark.parametrize("status", [*OPEN, "rejected", "cancelled"])
def test_the_contacts_of_an_enrollment_go_with_its_account(status: Any) -> None:
    person = PrimaryContact(name="Jürgen", email="juergen@mueller.example", phone="+49 30 1", culture="de")
    help_desk = SupportContact(email="help@mueller.example", phone="+49 30 2")
    state = Enrollment(status=status, organization_id="o1", primary_contact=person, support_contact=help_desk)
    left = reduce(evolve, decide(EndWithAccount(NOW), state), state)  # type: ignore[arg-type]
    assert "mueller.example" not in str(ENROLLMENT.dump(left))
    assert decide(EndWithAccount(NOW), left) == []
    active = replace(state, status="active")
    assert decide(EndWithAccount(NOW), active) == [], "an active partner's account is not erased"


def test_only_a_draft_follows_a_correction() -> None:
    assert after("draft", FollowCorrection(NOW)).status == "cancelled"
    for status in (*OPEN[1:], "active"):
        assert after(status, FollowCorrection(NOW)).status == status
