"""A partner changes its legal profile over HTTP: the old name holds until a reviewer of the program accepts the new one."""

from pathlib import Path
from typing import Any

import httpx2
import pytest
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.enrollment.company import ADDRESS, NUMBERS, Company, Mail, is_problem, judge, new_company, operator, press
from support import eventually

pytest_plugins = ("service.enrollment.fixtures",)
OLD, NEW = "Müller & Söhne IT GmbH", "Müller Cloud SE"
PROFILE = {"company_name": NEW, "address": ADDRESS, "registration_id": None}


@pytest.fixture(scope="module")
def running(enrollment: Running) -> Running:
    return enrollment


@pytest.fixture
async def partner(running: Running, tokens: Tokens, kafka: Topics, keys: Path) -> Company:
    company = new_company(running, tokens)
    await company.submit()
    await press(running, (await Mail(running, kafka, keys).links(company))[0], "confirm")
    await judge(running, tokens, company, decision="approve")
    version = (await company.get("/v1/agreements/current"))["version"]
    signed = await company.post(f"{company.path}/agreement", {"version": version, "accepted": True})
    assert signed.json()["status"] == "active"
    return company


async def staff(company: Company, body: dict[str, Any]) -> httpx2.Response:
    headers = operator(company.tokens) | {"Idempotency-Key": f"change-{next(NUMBERS)}"}
    return await company.running.client.post(f"{company.path}/legal-change/review", json=body, headers=headers)


async def listed(company: Company, **query: Any) -> list[Any]:
    answer = await company.running.client.get("/v1/legal-changes", params=query, headers=operator(company.tokens))
    assert answer.status_code == 200, answer.text
    return [item for item in answer.json()["items"] if item["enrollment_id"] == company.enrollment_id]


async def told(company: Company, kafka: Topics, kind: str) -> list[Any]:
    events = await kafka.envelopes(company.running.topic("enrollment.events"))
    mine = [e for e in events if e.subject == f"enrollment:{company.enrollment_id}"]
    return [event.data for event in mine if event.type.endswith(f"{kind}.v1")]


async def test_the_new_name_holds_once_it_is_accepted(partner: Company, kafka: Topics) -> None:
    proposed = await partner.put(f"{partner.path}/legal-change", PROFILE)
    assert (proposed.status_code, proposed.json()["company_name"]) == (200, OLD), proposed.text
    assert proposed.json()["legal_change"]["fields"] == ["company_name"]
    again = await partner.put(f"{partner.path}/legal-change", PROFILE)
    assert again.json()["legal_change"] == proposed.json()["legal_change"]
    is_problem(
        await partner.put(f"{partner.path}/legal-change", PROFILE | {"company_name": "A SE"}), 409, "change-pending"
    )
    (item,) = await listed(partner, country="DE", sort="-due")
    assert (item["change"]["company_name"], item["company_name"], item["name_differs"]) == (NEW, OLD, True)
    assert await listed(partner, country="AT") == await listed(partner, overdue=True) == []
    accepted = await staff(partner, {"decision": "accept"})
    assert (accepted.json()["company_name"], accepted.json()["legal_change"]) == (NEW, None), accepted.text
    assert await listed(partner) == []
    (renamed,) = await eventually(lambda: told(partner, kafka, "legal-name-changed"))
    assert (renamed.partner.name, renamed.previous_name) == (NEW, OLD)


async def test_the_country_is_not_changed(partner: Company) -> None:
    answer = await partner.put(f"{partner.path}/legal-change", PROFILE | {"country": "AT"})
    is_problem(answer, 422, "invalid", "country")


async def test_a_rejected_change_is_withdrawn(partner: Company, kafka: Topics) -> None:
    await partner.put(f"{partner.path}/legal-change", PROFILE)
    is_problem(await staff(partner, {"decision": "reject"}), 422, "reason-missing", "reason")
    rejected = await staff(partner, {"decision": "reject", "reason": "proof-missing", "explanation": "No entry."})
    change = rejected.json()["legal_change"]
    assert (change["status"], change["reason"], rejected.json()["company_name"]) == ("rejected", "proof-missing", OLD)
    is_problem(await staff(partner, {"decision": "accept"}), 409, "no-change-pending")
    withdrawn = await partner.post(f"{partner.path}/legal-change/withdraw")
    assert (withdrawn.json()["legal_change"], withdrawn.json()["status"]) == (None, "active")
    (event,) = await eventually(lambda: told(partner, kafka, "legal-change-rejected"))
    assert event.explanation == "No entry."


async def test_others_can_neither_propose_nor_review_a_change(partner: Company, running: Running) -> None:
    other = new_company(running, partner.tokens)
    answer = await running.client.put(f"{partner.path}/legal-change", json=PROFILE, headers=other.headers())
    is_problem(answer, 404, "not-found")
    keyed = {"Idempotency-Key": f"change-{next(NUMBERS)}"}
    by_itself = partner.headers("enrollment:review") | keyed
    await partner.put(f"{partner.path}/legal-change", PROFILE)
    own = await running.client.post(
        f"{partner.path}/legal-change/review", json={"decision": "accept"}, headers=by_itself
    )
    is_problem(own, 403, "own-company")
    mine = await running.client.get("/v1/legal-changes", headers=partner.headers())
    assert mine.status_code == 403
