"""The company's name follows its work account while it is a draft, and changes by review once it is active."""

from dataclasses import replace

import pytest
from unit.enrollment.story import STATUSES, after, given, update

from enrollment.domain.enrollment.decide import decide
from enrollment.domain.enrollment.names import ChangeLegalName, FollowAccountName
from enrollment.domain.enrollment.own_facts import NameNoted
from enrollment.domain.enrollment.refusals import EnrollmentRefused
from enrollment.domain.enrollment.state import Enrollment
from kontor_contracts.enrollment import LegalNameChanged

NEW = "Müller Cloud SE"


def change(name: str = NEW, organization: str = "program") -> ChangeLegalName:
    return ChangeLegalName(name=name, reviewer="reviewer", reviewer_organization=organization)


def reason(command: ChangeLegalName, state: Enrollment) -> str:
    (refused,) = decide(command, state)
    assert isinstance(refused, EnrollmentRefused)
    return refused.reason


def test_a_draft_follows_the_work_account() -> None:
    draft = given("draft")
    untouched = replace(draft, company_name="Müller")
    assert after(FollowAccountName(NEW, "Müller"), untouched).company_name == NEW
    assert decide(FollowAccountName("GmbH", "Müller"), untouched) == [NameNoted(None)]


def test_a_name_that_the_company_wrote_itself_stays() -> None:
    written = after(update(company_name="Müller & Söhne IT GmbH"), given("draft"))
    assert decide(FollowAccountName(NEW, "Müller"), written) == []


@pytest.mark.parametrize("status", [status for status in STATUSES if status not in {"draft", "complete"}])
def test_what_was_submitted_does_not_follow(status: str) -> None:
    state = given(status)
    assert decide(FollowAccountName(NEW, state.company_name or ""), state) == []


def test_a_reviewer_changes_the_legal_name_of_an_active_partner() -> None:
    active = given("active")
    (changed,) = decide(change(), active)
    assert isinstance(changed, LegalNameChanged)
    assert (changed.partner.name, changed.previous_name) == (NEW, active.company_name)
    assert (changed.partner.partner_id, changed.country) == (active.partner_id, active.country)
    renamed = after(change(), active)
    assert renamed.company_name == NEW and renamed.status == "active"
    assert decide(change(), renamed) == []


def test_a_legal_name_is_not_changed_by_the_company_itself() -> None:
    active = given("active")
    assert reason(change(organization=active.organization_id), active) == "own-company"


@pytest.mark.parametrize("status", [status for status in STATUSES if status != "active"])
def test_only_an_active_partner_has_a_legal_name_to_change(status: str) -> None:
    assert reason(change(), given(status)) == "not-active"


def test_a_legal_name_is_a_companys_name() -> None:
    assert reason(change("GmbH"), given("active")) == "company-name-invalid"
