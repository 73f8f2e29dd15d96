"""A company postpones its partner id over HTTP, and links it before it signs."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.enrollment.company import ADDRESS, SUPPORT, Mail, is_problem, judge, keep, new_company, press

Service = Callable[..., AbstractAsyncContextManager[Running]]


@pytest.fixture(scope="module")
async def running(service: Service) -> AsyncIterator[Running]:
    async with service("enrollment") as running:
        yield running


async def test_a_postponed_partner_id_blocks_the_agreement_alone(
    running: Running, tokens: Tokens, kafka: Topics, keys: Path
) -> None:
    company = new_company(running, tokens)
    await company.start()
    for path, body in {
        "profile": {"company_name": "Müller & Söhne IT GmbH", "address": ADDRESS, "registration_id": None},
        "primary-contact": {
            "name": "Anna Schäfer",
            "email": company.email,
            "phone": "+49 221 1234567",
            "culture": "de",
        },
        "support-contact": SUPPORT,
    }.items():
        assert (await company.put(f"{company.path}/{path}", body)).status_code == 200
    is_problem(await company.post(f"{company.path}/submit"), 422, "incomplete", "partner_id")
    postponed = await company.post(f"{company.path}/partner-id/postpone")
    assert (postponed.json()["partner_id_postponed"], postponed.json()["missing"]) == (True, [])
    assert (await company.post(f"{company.path}/submit")).json()["status"] == "contact-pending"
    (link,) = await Mail(running, kafka, keys).links(company)
    await press(running, link, "confirm")
    assert (await judge(running, tokens, company, decision="approve")).json()["status"] == "qualified"
    version = (await company.get("/v1/agreements/current"))["version"]
    signing = {"version": version, "accepted": True}
    is_problem(await company.post(f"{company.path}/agreement", signing), 409, "partner-id-missing", "partner_id")
    assert (await company.get(f"{company.path}/timeline"))["next_action"] == "link-partner-id"
    await keep(running, tokens, company.partner_id, company.entry())
    chosen = company.membership | {"partner_id": company.partner_id}
    assert (await company.put(f"{company.path}/partner-id", chosen)).json()["status"] == "qualified"
    assert (await company.post(f"{company.path}/agreement", signing)).json()["status"] == "active"


async def test_another_organization_postpones_nothing(running: Running, tokens: Tokens) -> None:
    company, other = new_company(running, tokens), new_company(running, tokens)
    await company.start()
    is_problem(await other.post(f"{company.path}/partner-id/postpone"), 404, "not-found")
