"""Operators keep profiles of the membership registry one at a time: enter, change, search, read the history."""

from typing import Any

import pytest
from harness.documents import Documents
from harness.running import Running
from harness.tokens import Tokens
from service.enrollment.company import CODE, Company, is_problem, load, new_company, operator

from enrollment.documents import PROFILE

pytest_plugins = ("service.enrollment.fixtures",)
PROFILES = "/v1/partner-profiles"


@pytest.fixture(scope="module")
def running(enrollment: Running) -> Running:
    return enrollment


def entry(company: Company, **changes: Any) -> dict[str, Any]:
    facts = {"company_name": "Müller & Söhne IT GmbH", "country": "DE", "status": "active", "kind": "location"}
    return {**company.membership, **facts} | changes


async def keep(running: Running, tokens: Tokens, company: Company, **changes: Any) -> Any:
    path = f"{PROFILES}/{company.partner_id}"
    answer = await running.client.put(path, json=entry(company, **changes), headers=operator(tokens))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def listed(running: Running, tokens: Tokens, **query: str) -> list[str]:
    answer = await running.client.get(PROFILES, params=query, headers=operator(tokens))
    assert answer.status_code == 200, answer.text
    return [item["partner_id"] for item in answer.json()["items"]]


async def test_an_operator_enters_a_profile_that_its_company_can_link(running: Running, tokens: Tokens) -> None:
    company = new_company(running, tokens)
    kept = await keep(running, tokens, company)
    assert kept["has_access_code"] and "access_code" not in kept
    found = await running.client.post(f"{PROFILES}/lookup", json=company.membership, headers=company.headers())
    expected = entry(company) | {"partner_id": company.partner_id, "program_state": "none"}
    assert found.json()["items"] == [{k: v for k, v in expected.items() if k not in company.membership}]
    await company.start()
    await company.tell()


async def test_a_change_without_a_code_keeps_it_and_is_in_the_history(running: Running, tokens: Tokens) -> None:
    company = new_company(running, tokens)
    await load(running, tokens, company.row())
    await keep(running, tokens, company, company_name="Müller SE", access_code=None)
    same = await keep(running, tokens, company, company_name="Müller SE", access_code=None)
    newest, first = same["history"]
    assert newest["changes"] == [{"field": "company_name", "old": "Müller & Söhne IT GmbH", "new": "Müller SE"}]
    assert (newest["way"], first["way"]) == ("api", "file")
    assert newest["by"].startswith("user:")
    assert CODE not in str(same)
    found = await running.client.post(f"{PROFILES}/lookup", json=company.membership, headers=company.headers())
    assert found.status_code == 200, found.text


async def test_another_account_needs_its_own_code(running: Running, tokens: Tokens) -> None:
    company = new_company(running, tokens)
    await keep(running, tokens, company)
    other = f"moved-{company.membership['membership_account']}"
    moved = await keep(running, tokens, company, membership_account=other, access_code=None)
    assert not moved["has_access_code"]
    body = {"membership_account": other, "access_code": CODE}
    answer = await running.client.post(f"{PROFILES}/lookup", json=body, headers=company.headers())
    is_problem(answer, 403, "membership-sign-in-failed")


async def test_profiles_are_found_by_words_and_by_values(running: Running, tokens: Tokens) -> None:
    one, two = new_company(running, tokens), new_company(running, tokens)
    name = f"Zürcher {one.partner_id} Übersee"
    await keep(running, tokens, one, company_name=f"{name} AG", country="CH", program_state="enrolled")
    await keep(running, tokens, two, company_name=f"{name} GmbH", country="CH", status="inactive")
    both = [one.partner_id, two.partner_id]
    words = f"{one.partner_id} übersee"
    assert await listed(running, tokens, q=words) == both
    assert await listed(running, tokens, q=words, sort="-partner_id") == both[::-1]
    assert await listed(running, tokens, q=words, status="inactive") == both[1:]
    assert await listed(running, tokens, q=words, country="DE") == []
    assert await listed(running, tokens, program_state="enrolled", country="CH") == both[:1]
    assert await listed(running, tokens, membership_account=one.membership["membership_account"].upper()) == both[:1]


async def test_a_list_of_profiles_pages(running: Running, tokens: Tokens) -> None:
    one, two = new_company(running, tokens), new_company(running, tokens)
    for company in (one, two):
        await keep(running, tokens, company, company_name=f"Seiten {one.partner_id}")
    query = {"q": f"seiten {one.partner_id}", "limit": "1"}
    first = (await running.client.get(PROFILES, params=query, headers=operator(tokens))).json()
    assert [item["partner_id"] for item in first["items"]] == [one.partner_id]
    rest = await listed(running, tokens, **query, cursor=first["next_cursor"])
    assert rest == [two.partner_id]


async def test_a_bad_profile_names_all_its_fields(running: Running, tokens: Tokens) -> None:
    company = new_company(running, tokens)
    bad = entry(company, status="on", kind="branch", access_code="short", unknown=1)
    answer = await running.client.put(f"{PROFILES}/{company.partner_id}", json=bad, headers=operator(tokens))
    assert answer.status_code == 422, answer.text
    assert {e["field"] for e in answer.json()["errors"]} == {"status", "kind", "access_code", "unknown"}
    absent = await running.client.get(f"{PROFILES}/{company.partner_id}", headers=operator(tokens))
    is_problem(absent, 404, "not-found")


async def test_companies_do_not_keep_or_read_the_registry(running: Running, tokens: Tokens) -> None:
    company = new_company(running, tokens)
    path = f"{PROFILES}/{company.partner_id}"
    is_problem(await running.client.get(PROFILES, headers=company.headers()), 403, "forbidden")
    is_problem(await running.client.put(path, json=entry(company), headers=company.headers()), 403, "forbidden")


async def test_migrate_lists_profiles_of_older_releases(running: Running, tokens: Tokens, mongo: Documents) -> None:
    company = new_company(running, tokens)
    await keep(running, tokens, company)
    collection = mongo.collection(running)
    await collection.update_one({"_id": PROFILE.id(company.partner_id)}, {"$unset": {"ls": 1}})
    assert await listed(running, tokens, q=company.partner_id) == []
    await running.job("migrate")
    assert await listed(running, tokens, q=company.partner_id) == [company.partner_id]
