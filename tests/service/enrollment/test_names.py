"""A company's name in enrollment follows its work account, until it is the legal name of an active partner."""

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.enrollment.company import Company, Mail, is_problem, judge, new_company, operator, press
from support import eventually

from kontor_contracts import new_envelope
from kontor_contracts.identity import OrganizationUpdated

pytest_plugins = ("service.enrollment.fixtures",)


@pytest.fixture(scope="module")
def running(enrollment: Running) -> Running:
    return enrollment


@pytest.fixture
def company(running: Running, tokens: Tokens) -> Company:
    return new_company(running, tokens)


async def renamed(running: Running, kafka: Topics, company: Company, name: str, previous: str) -> None:
    event = OrganizationUpdated(
        organization_id=company.organization_id,
        name=name,
        culture="de",
        previous_name=previous,
        previous_culture="de",
    )
    envelope = new_envelope(
        event,
        id=secrets.token_hex(8),
        source="/kontor/identity",
        subject=f"organization:{company.organization_id}",
        time=datetime.now(UTC),
        sequence=1,
        correlationid="rename",
        tenantid=company.organization_id,
    )
    await kafka.produce(running.topic("identity.events"), envelope)


async def test_a_draft_follows_the_name_of_its_work_account(running: Running, kafka: Topics, company: Company) -> None:
    await company.start()
    before = (await company.get(company.path))["company_name"]
    await renamed(running, kafka, company, "Müller Cloud SE", before)

    async def followed() -> bool:
        return bool((await company.get(company.path))["company_name"] == "Müller Cloud SE")

    await eventually(followed)


async def legal_name(running: Running, tokens: Tokens, company: Company, name: str, **claims: Any) -> httpx2.Response:
    headers = operator(tokens, **claims)
    return await running.client.put(f"{company.path}/legal-name", json={"name": name}, headers=headers)


async def test_staff_change_the_legal_name_of_an_active_partner(
    running: Running, kafka: Topics, tokens: Tokens, keys: Path, company: Company
) -> None:
    await company.submit()
    is_problem(await legal_name(running, tokens, company, "Müller Cloud SE"), 409, "not-active")
    (link,) = await Mail(running, kafka, keys).links(company)
    assert (await press(running, link, "confirm")).status_code == 200
    assert (await judge(running, tokens, company, decision="approve")).status_code == 200
    agreement = await company.get("/v1/agreements/current")
    signed = await company.post(f"{company.path}/agreement", {"version": agreement["version"], "accepted": True})
    assert signed.status_code == 200, signed.text

    changed = await legal_name(running, tokens, company, "Müller Cloud SE")
    assert changed.status_code == 200 and changed.json()["company_name"] == "Müller Cloud SE", changed.text
    own = await running.client.put(f"{company.path}/legal-name", json={"name": "Mine"}, headers=company.headers())
    assert own.status_code == 403
    is_problem(await legal_name(running, tokens, company, "GmbH"), 422, "company-name-invalid", "name")

    async def announced() -> list[Any]:
        events = await kafka.envelopes(running.topic("enrollment.events"))
        mine = [e for e in events if e.subject == f"enrollment:{company.enrollment_id}"]
        return [e.data for e in mine if e.type.endswith("legal-name-changed.v1")]

    (event,) = await eventually(announced)
    assert (event.partner.name, event.previous_name) == ("Müller Cloud SE", "Müller & Söhne IT GmbH")
