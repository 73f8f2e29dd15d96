"""A company that is in the program already gives only its support contact."""

from typing import Any

import pytest
from unit.enrollment.story import (
    NAME,
    SUPPORT,
    after,
    announced,
    associate,
    given,
    join,
    played,
    refusal,
    sign,
    staff,
    start,
    update,
)

from enrollment.domain.enrollment.addressing import known
from enrollment.domain.enrollment.decide import decide
from enrollment.domain.enrollment.joining import JoinAsEnrolled
from enrollment.domain.enrollment.timeline import timeline
from kontor_contracts.enrollment import EnrollmentActivated


def test_a_known_company_is_a_partner_at_once() -> None:
    state = after(join(company_name="Müller IT GmbH"), given("draft"))
    assert (state.status, state.partner_id, state.company_name) == ("active", "4711001", "Müller IT GmbH")
    assert state.support_contact == SUPPORT
    assert {step.state for step in timeline(state).steps} == {"done"}


def test_the_activation_goes_to_the_known_contact_and_the_applicant() -> None:
    (activated,) = [each for each in decide(join(), given("draft")) if isinstance(each, EnrollmentActivated)]
    assert activated.already_in_program
    assert activated.partner.contact.email == "mueller@membership.example"
    assert activated.partner.contact.name == NAME
    assert activated.applicant and activated.applicant.user_id == "user-1"


def test_the_known_contact_gets_later_mails() -> None:
    contact = known(after(join(), given("draft")))["contact"]
    assert contact and contact.email == "mueller@membership.example"


def test_a_chosen_profile_of_the_program_says_what_is_left() -> None:
    chosen = played((start(), associate(program_state="enrolled")))
    assert (timeline(chosen).next_actor, timeline(chosen).next_action) == ("company", "join-program")
    assert announced(join(), chosen) == ["EnrollmentActivated"], "the partner id is announced already"
    other = after(associate(partner_id="4711002"), chosen)
    assert timeline(other).next_action == "complete-and-submit"


def test_joining_replaces_what_the_draft_says() -> None:
    state = after(join(), played((start(), update(company_name="Another AG"))))
    assert state.company_name == NAME


def test_joining_again_changes_nothing() -> None:
    joined = after(join(), given("draft"))
    assert decide(join(), joined) == []
    assert refusal(join(partner_id="4711002"), joined).reason == "not-editable"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"program_state": "none"}, "not-in-program"),
        ({"status": "inactive"}, "partner-id-inactive"),
        ({"kind": "global"}, "partner-id-not-a-location"),
        ({"country": "AT"}, "partner-id-other-country"),
    ],
)
def test_a_profile_that_does_not_fit_opens_no_account(changes: dict[str, Any], reason: str) -> None:
    assert refusal(join(**changes), given("draft")).reason == reason


def test_a_partner_id_of_another_account_opens_none() -> None:
    command = join()
    foreign = JoinAsEnrolled(partner_id="4711009", profile=None, support=SUPPORT, culture="de", actor=command.actor)
    assert refusal(foreign, given("draft")).reason == "partner-id-unknown"


def test_staff_do_not_open_an_account_of_their_own_company() -> None:
    assert refusal(join(staff(organization="org-1")), given("draft")).reason == "own-company"


def test_a_joined_company_still_signs_nothing_by_itself() -> None:
    assert refusal(sign(), after(join(), given("draft"))).reason == "not-qualified"
