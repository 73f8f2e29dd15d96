"""Before a company begins, and while it fills in the form: what its country asks for."""

from typing import Any

import pytest
from harness.running import Running
from harness.tokens import Tokens
from service.enrollment.company import ADDRESS, SUPPORT, is_problem, new_company

pytest_plugins = ("service.enrollment.fixtures",)
GERMAN = {"Accept-Language": "de"}


@pytest.fixture(scope="module")
def running(enrollment: Running) -> Running:
    return enrollment


async def test_anybody_reads_the_countries_of_the_program(running: Running) -> None:
    items = (await running.client.get("/v1/markets")).json()["items"]
    by_country = {item["country"]: item for item in items}
    assert by_country["DE"] == {"country": "DE", "region": "europe", "registration_id_mandatory": False}
    assert by_country["PL"]["registration_id_mandatory"]
    assert len(items) > 200 and "KP" not in by_country


async def test_a_checklist_says_what_the_country_asks_for(running: Running) -> None:
    polish = (await running.client.get("/v1/markets/PL/checklist")).json()
    assert {item["item"] for item in polish["items"] if item["required"]} >= {"registration_id", "partner_id"}
    assert polish["formats"]["registration_ids"] == ["NIP", "REGON"]
    assert polish["formats"]["postal_code_required"] and polish["formats"]["calling_code"] == "+48"
    american = (await running.client.get("/v1/markets/US/checklist", params={"program": "indirect-provider"})).json()
    assert {"code": "CA", "name": "California"} in american["formats"]["states"]
    assert not next(item for item in american["items"] if item["item"] == "registration_id")["required"]
    is_problem(await running.client.get("/v1/markets/KP/checklist"), 404, "not-found")


async def test_a_checklist_is_in_the_readers_language(running: Running) -> None:
    english = (await running.client.get("/v1/markets/DE/checklist")).json()["items"]
    german = (await running.client.get("/v1/markets/DE/checklist", headers=GERMAN)).json()["items"]
    assert all(one["text"] != other["text"] for one, other in zip(english, german, strict=True))


async def test_a_profile_names_all_its_faults_in_the_callers_language(running: Running, tokens: Tokens) -> None:
    company = new_company(running, tokens, country="PL")
    await company.start()
    wrong: dict[str, Any] = {
        "company_name": "GmbH",
        "address": ADDRESS | {"postal_code": "5066"},
        "registration_id": "8567346216",
    }
    path = f"{company.path}/profile"
    english = await company.put(path, wrong)
    german = await running.client.put(path, json=wrong, headers=company.headers() | GERMAN)
    fields = ["company_name", "address.postal_code", "registration_id"]
    for answer in (english, german):
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), answer.text
        assert [error["field"] for error in answer.json()["errors"]] == fields
    assert "NIP, REGON" in english.json()["errors"][-1]["message"]
    assert "Postleitzahl" in german.json()["errors"][1]["message"]
    good = wrong | {"company_name": "Müller Sp. z o.o.", "registration_id": "8567346215"}
    answer = await company.put(path, good | {"address": ADDRESS | {"postal_code": "00-950"}})
    assert answer.status_code == 200, answer.text


async def test_a_country_without_postal_codes_needs_none(running: Running, tokens: Tokens) -> None:
    company = new_company(running, tokens, country="AE")
    await company.start()
    address = {"line1": "Sheikh Zayed Road 1", "city": "Dubai", "state": "Dubai"}
    answer = await company.put(f"{company.path}/profile", {"company_name": "Müller FZ", "address": address})
    assert answer.status_code == 200, answer.text
    assert answer.json()["address"]["postal_code"] == ""


async def test_a_phone_number_is_one_of_the_country(running: Running, tokens: Tokens) -> None:
    company = new_company(running, tokens)
    await company.start()
    answer = await company.put(f"{company.path}/support-contact", SUPPORT | {"phone": "+999 123456"})
    is_problem(answer, 422, "invalid", "phone")
    assert "+49" in answer.json()["errors"][0]["message"]
