"""An enrollment whose work account is corrected or erased."""

from datetime import UTC, datetime
from functools import reduce
from typing import Any

import pytest

from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment.account import EndWithAccount, FollowCorrection
from enrollment.domain.enrollment.decide import decide, evolve
from enrollment.domain.enrollment.state import Enrollment

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


def test_only_a_draft_follows_a_correction() -> None:
    assert after("draft", FollowCorrection(NOW)).status == "cancelled"
    for status in (*OPEN[1:], "active"):
        assert after(status, FollowCorrection(NOW)).status == status
