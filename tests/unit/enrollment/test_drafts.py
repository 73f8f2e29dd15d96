"""A draft is deleted, a closed enrollment loses its people, and a new one begins as a copy."""

import pytest
from unit.enrollment.story import (
    ADDRESS,
    CONTACT,
    NAME,
    SUPPORT,
    after,
    announced,
    erase,
    given,
    refusal,
    staff,
    start,
    submit,
)

from enrollment.domain.enrollment.account import personal
from enrollment.domain.enrollment.application import Copied
from enrollment.domain.enrollment.company import missing
from enrollment.domain.enrollment.decide import decide
from enrollment.domain.enrollment.state import CLOSED, Enrollment


def test_a_deleted_draft_frees_everything_and_holds_no_people() -> None:
    deleted = after(erase(), given("complete"))
    assert (deleted.status, deleted.occupying, personal(deleted)) == ("withdrawn", False, False)
    assert announced(erase(), given("complete")) == ["EnrollmentWithdrawn", "EnrollmentErased"]


@pytest.mark.parametrize("where", CLOSED)
def test_a_closed_enrollment_loses_its_people_once(where: str) -> None:
    erased = after(erase(), given(where))
    assert (erased.status, personal(erased)) == (where, False)
    assert announced(erase(), given(where)) == ["EnrollmentErased"]
    assert decide(erase(), erased) == []


def test_an_ended_partner_keeps_its_signatures() -> None:
    erased = after(erase(), given("ended"))
    assert [each.version for each in erased.signatures] == ["2026-11"]


def test_an_open_enrollment_says_what_comes_first() -> None:
    assert "withdraw" in refusal(erase(), given("in-review")).detail
    assert "agreement" in refusal(erase(), given("active")).detail


def test_staff_erase_nothing_of_their_own_company() -> None:
    assert refusal(erase(staff(organization="org-1")), given("rejected")).reason == "own-company"


def test_a_copy_misses_only_the_partner_id() -> None:
    old = Copied(NAME, ADDRESS, "HRB 1", CONTACT, SUPPORT)
    draft = after(start(enrollment_id="e-2", copied=old), Enrollment())
    assert (draft.status, missing(draft)) == ("draft", ("partner_id",))
    assert (draft.address, draft.registration_id, draft.primary_contact) == (ADDRESS, "HRB 1", CONTACT)
    assert refusal(submit(), draft).field == "partner_id"


def test_a_copy_of_an_erased_enrollment_is_an_empty_draft() -> None:
    draft = after(start(copied=Copied(NAME, None, None, None, None)), Enrollment())
    assert missing(draft) == ("partner_id", "address", "primary_contact", "support_contact")
