"""Automatic checks of a company: what each finds, what a failure becomes, and what follows from the results."""

import asyncio
import json
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from unit.enrollment.story import (
    ADDRESS,
    NAME,
    NOW,
    after,
    announced,
    appeal,
    company,
    confirm_checking,
    elapse,
    given,
    played,
    refusal,
    reject,
    review,
    staff,
    update,
)

from chassis import UnavailableError
from enrollment.api.review_views import queue_item, review_file
from enrollment.checks.business_checks import BusinessChecks
from enrollment.checks.registration_id import RegistrationIdCheck
from enrollment.checks.watch_list import WatchList, WatchListCheck, matches
from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment.check_results import MOST_RELATED, MOST_RESULTS, CheckResult, merged
from enrollment.domain.enrollment.checking import (
    CheckedCompany,
    RecordChecks,
    RepeatChecks,
    checked_company,
    outstanding,
)
from enrollment.domain.enrollment.company_keys import company_keys, name_key, number_key
from enrollment.domain.enrollment.queue import FLAGGED, HIGH_RISK
from enrollment.domain.enrollment.state import Enrollment
from kontor_contracts.enrollment import BusinessChecked, CheckOutcome

COMPANY = CheckedCompany(
    enrollment_id="e-1",
    organization_id="org-1",
    country="PL",
    company_name=NAME,
    address=ADDRESS,
    registration_id="526-025-02-74",
    partner_id="4711001",
    registry_name=NAME,
)


@dataclass(frozen=True, slots=True)
class Answering:
    """A check that does what its test says."""

    does: Any
    name: str = "external"
    slow: bool = True

    async def run(self, company: CheckedCompany) -> CheckResult:
        if isinstance(self.does, Exception):
            raise self.does
        if self.does == "sleeps":
            await asyncio.Event().wait()
        return CheckResult(check=self.name, outcome=self.does, detail=company.company_name)


def checking(outcome: CheckOutcome = "pending") -> Enrollment:
    return played([confirm_checking(outcome)], given("contact-pending"))


def found(state: Enrollment, outcome: CheckOutcome = "flagged", **facts: Any) -> RecordChecks:
    result = CheckResult(check="external", outcome=outcome, **facts)
    return RecordChecks(company=checked_company(state), results=(result,))


def outcomes(state: Enrollment) -> dict[str, str]:
    return {one.check: one.outcome for one in state.dossier.checks}


@pytest.mark.parametrize(
    ("country", "number", "outcome"),
    [
        ("PL", "526-025-02-74", "passed"),
        ("PL", "526-025-02-75", "flagged"),
        ("PL", None, "unknown"),
        ("DE", "HRB 12345", "unknown"),
        ("BR", "11.222.333/0001-81", "passed"),
        ("BR", "11.222.333/0001-82", "flagged"),
    ],
)
async def test_a_registration_id_is_held_to_its_country(country: str, number: str | None, outcome: str) -> None:
    result = await RegistrationIdCheck().run(replace(COMPANY, country=country, registration_id=number))
    assert (result.check, result.outcome) == ("registration-id", outcome)


@pytest.mark.parametrize(
    ("listed", "kinds"),
    [
        ({}, []),
        ({"countries": ["KP"], "names": ["Schulze AG"], "registration_ids": ["1"]}, []),
        ({"countries": ["PL"]}, ["country"]),
        ({"names": ["Ganz anders AG", "Mueller und Soehne IT"]}, ["name"]),
        ({"registration_ids": ["5260250274"]}, ["registration id"]),
        (
            {"countries": ["PL"], "names": [NAME], "registration_ids": ["526 025 02 74"]},
            ["country", "name", "registra"],
        ),
    ],
)
def test_a_watch_list_matches_country_name_and_number(listed: dict[str, Any], kinds: list[str]) -> None:
    words = matches(COMPANY, WatchList.model_validate(listed))
    assert [word.startswith(f"the {kind}") for word, kind in zip(words, kinds, strict=True)] == [True] * len(kinds)


async def test_a_watch_list_is_read_again_for_each_check(tmp_path: Path) -> None:
    file = tmp_path / "watch.json"
    file.write_text(json.dumps({"countries": ["KP"]}))
    check = WatchListCheck(file)
    assert (await check.run(COMPANY)).outcome == "passed"
    file.write_text(json.dumps({"countries": ["PL"]}))
    result = await check.run(COMPANY)
    assert (result.outcome, result.high_risk) == ("flagged", True)


@pytest.mark.parametrize("text", ["", "[]", '{"countries": ["Poland"]}', '{"nations": ["PL"]}'])
async def test_a_broken_watch_list_gives_no_result(tmp_path: Path, text: str) -> None:
    file = tmp_path / "watch.json"
    file.write_text(text)
    with pytest.raises(ValidationError):
        await WatchListCheck(file).run(COMPANY)
    checks = BusinessChecks([WatchListCheck(file)], 5)
    (result,) = await checks.carry_out(COMPANY, (CheckResult(check="watch-list", outcome="pending"),))
    assert (result.outcome, result.high_risk) == ("unavailable", False)


@pytest.mark.parametrize("fault", [UnavailableError("status 500"), ValueError("x"), KeyError("y"), "sleeps"])
async def test_a_failing_check_leaves_the_decision_to_a_person(fault: Any) -> None:
    checks = BusinessChecks([Answering(fault), Answering("passed", "second", slow=False)], 0.05)
    begun = await checks.begin(COMPANY)
    assert {one.check: one.outcome for one in begun} == {"external": "pending", "second": "passed"}
    (result,) = await checks.carry_out(COMPANY, begun)
    assert (result.check, result.outcome) == ("external", "unavailable")


async def test_a_check_that_is_gone_is_pending_no_more() -> None:
    (result,) = await BusinessChecks([], 1).carry_out(COMPANY, (CheckResult(check="old", outcome="pending"),))
    assert result.outcome == "unavailable"


class TestResults:
    def test_a_review_begins_with_results_and_waits_for_the_others(self) -> None:
        state = checking()
        assert outcomes(state) == {"registration-id": "passed", "external": "pending"}
        assert outstanding(state) and ENROLLMENT.due(state) == state.history[-1].at
        recorded = after(found(state), state)
        assert not outstanding(recorded) and ENROLLMENT.due(recorded) > NOW  # type: ignore[operator]

    def test_results_are_announced_without_what_is_pending(self) -> None:
        confirmed = given("contact-pending")
        (event,) = (
            fact for fact in ENROLLMENT.decide(confirm_checking(), confirmed) if isinstance(fact, BusinessChecked)
        )
        assert [(one.check, one.outcome) for one in event.results] == [("registration-id", "passed")]
        assert announced(found(checking()), checking()) == ["BusinessChecked"]

    @pytest.mark.parametrize("outcome", ["passed", "flagged", "unknown", "unavailable"])
    def test_no_result_decides(self, outcome: CheckOutcome) -> None:
        state = checking()
        recorded = after(found(state, outcome), state)
        assert (recorded.status, recorded.dossier.passed) == ("in-review", ())
        assert after(review(), recorded).status == "qualified"

    def test_a_high_risk_takes_a_second_reviewer(self) -> None:
        state = checking()
        command = found(state, high_risk=True)
        assert announced(command, state) == ["BusinessChecked", "ReviewFileChanged"]
        recorded = after(command, state)
        assert ENROLLMENT.listed and HIGH_RISK in ENROLLMENT.listed(recorded).keys  # type: ignore[union-attr]
        assert after(review(), recorded).status == "in-review"
        assert played([review(), review(reviewer="user-8")], recorded).status == "qualified"

    def test_a_result_of_older_data_is_dropped(self) -> None:
        state = checking()
        old = found(state)
        corrected = after(update(company_name="Müller AG", actor=company(NOW)), state)
        assert ENROLLMENT.decide(old, corrected) == []
        assert outcomes(corrected) == {"registration-id": "pending", "external": "pending"}

    def test_another_contact_needs_no_other_checks(self) -> None:
        state = checking("passed")
        corrected = after(update(actor=company(NOW)), state)
        assert outcomes(corrected) == outcomes(state)

    def test_an_appeal_keeps_the_results(self) -> None:
        state = played([reject(), appeal()], checking("flagged"))
        assert outcomes(state) == {"registration-id": "passed", "external": "flagged"}

    def test_a_reviewer_has_the_checks_carried_out_again(self) -> None:
        state = checking("unavailable")
        again = RepeatChecks(
            actor=staff(),
            company=checked_company(state),
            results=(CheckResult(check="new", outcome="passed"), CheckResult(check="external", outcome="pending")),
        )
        repeated = after(again, state)
        assert outcomes(repeated)["external"] == "pending" and outstanding(repeated)
        assert ENROLLMENT.decide(again, after(again, repeated)) == []
        assert refusal(replace(again, actor=replace(staff(), organization="org-1")), state).reason == "own-company"
        corrected = after(update(company_name="Müller AG", actor=company(NOW)), state)
        assert ENROLLMENT.decide(again, corrected) == []

    def test_a_result_leaves_the_revision_that_a_reviewer_has_read(self) -> None:
        state = checking()
        recorded = reduce(ENROLLMENT.evolve, ENROLLMENT.decide(found(state), state), state)
        assert (recorded.revision, outcomes(recorded)["external"]) == (state.revision, "flagged")

    def test_a_late_review_is_escalated_while_a_check_is_pending(self) -> None:
        assert after(elapse(9), checking()).escalations == 1

    def test_flagged_reviews_have_a_list_and_say_why(self) -> None:
        state = checking("flagged")
        assert ENROLLMENT.listed and FLAGGED in ENROLLMENT.listed(state).keys  # type: ignore[union-attr]
        assert queue_item(state).flagged_checks == ["external"]
        assert [one.outcome for one in review_file(state, []).checks] == ["passed", "flagged"]
        assert FLAGGED not in ENROLLMENT.listed(checking("passed")).keys  # type: ignore[union-attr]

    def test_results_have_a_cap(self) -> None:
        many = tuple(CheckResult(check=f"c-{n}", outcome="passed", related=("e",) * 9) for n in range(99))
        kept = merged((), many)
        assert (len(kept), len(kept[0].related)) == (MOST_RESULTS, MOST_RELATED)


@pytest.mark.parametrize(
    ("where", "keys"),
    [
        ("draft", 0),
        ("complete", 0),
        ("contact-pending", 1),
        ("in-review", 1),
        ("active", 1),
        ("ended", 0),
        ("rejected", 0),
    ],
)
def test_a_company_is_found_by_name_while_it_is_enrolled(where: str, keys: int) -> None:
    assert len(company_keys(given(where))) == keys


def test_spellings_of_a_name_or_number_have_one_key() -> None:
    assert name_key("DE", NAME) == name_key("DE", "Mueller und Soehne IT AG") != name_key("AT", NAME)
    assert number_key("DE", "HRB 12345") == number_key("DE", "hrb-12345")
    state = played([update(registration_id="HRB 1")], given("contact-pending"))
    assert company_keys(state) == (name_key("DE", NAME), number_key("DE", "HRB 1"))
