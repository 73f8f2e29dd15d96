"""A partner is suspended and reinstated over HTTP, which enrollment announces."""

from pathlib import Path
from typing import Any

import httpx2
import pytest
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.enrollment.company import NUMBERS, Company, Mail, is_problem, judge, new_company, operator, press
from support import eventually

pytest_plugins = ("service.enrollment.fixtures",)


@pytest.fixture(scope="module")
def running(enrollment: Running) -> Running:
    return enrollment


async def admitted(running: Running, tokens: Tokens, kafka: Topics, keys: Path) -> Company:
    """A company that has become a partner."""
    company = new_company(running, tokens)
    await company.submit()
    await press(running, (await Mail(running, kafka, keys).links(company))[0], "confirm")
    await judge(running, tokens, company, decision="approve")
    version = (await company.get("/v1/agreements/current"))["version"]
    signed = await company.post(f"{company.path}/agreement", {"version": version, "accepted": True})
    assert signed.json()["status"] == "active"
    return company


async def staff(company: Company, what: str, **body: Any) -> httpx2.Response:
    headers = operator(company.tokens) | {"Idempotency-Key": f"standing-{next(NUMBERS)}"}
    return await company.running.client.post(f"{company.path}/{what}", json=body, headers=headers)


async def test_a_partner_is_suspended_and_reinstated(
    running: Running, tokens: Tokens, kafka: Topics, keys: Path
) -> None:
    company = await admitted(running, tokens, kafka, keys)
    is_problem(await staff(company, "suspend", reason="dislike"), 422, "invalid", "reason")
    suspended = await staff(company, "suspend", reason="abuse", explanation="Spam in 40 invitations.")
    assert (suspended.json()["status"], suspended.json()["public_status"]) == ("suspended", "suspended")
    is_problem(await company.post("/v1/enrollments", {"program": "indirect-reseller"}), 409, "taken", "organization")
    reinstated = await staff(company, "reinstate", reason="suspended-in-error")
    assert reinstated.json()["status"] == "active"
    assert [step["reason"] for step in reinstated.json()["history"]][-2:] == ["abuse", "suspended-in-error"]

    async def told() -> list[Any]:
        events = await kafka.envelopes(running.topic("enrollment.events"))
        mine = [e for e in events if e.subject == f"enrollment:{company.enrollment_id}"]
        return mine if mine[-1].type.endswith("reinstated.v1") else []

    suspension, reinstatement = (await eventually(told))[-2:]
    assert suspension.data.explanation == "Spam in 40 invitations."
    assert suspension.tenantid == reinstatement.data.partner.organization_id == company.organization_id
    assert suspension.actor == "user:user-program"


async def test_a_partner_leaves_the_program_and_enrolls_again(
    running: Running, tokens: Tokens, kafka: Topics, keys: Path
) -> None:
    company = await admitted(running, tokens, kafka, keys)
    noticed = await company.post(f"{company.path}/notice", {})
    assert (noticed.json()["status"], noticed.json()["notice"]["staff"]) == ("active", False)
    taken_back = await company.post(f"{company.path}/notice/withdraw")
    assert taken_back.json()["notice"] is None
    early = await company.post(f"{company.path}/notice", {"at_once": True, "explanation": "Now."})
    is_problem(early, 422, "cause-missing", "explanation")
    is_problem(await staff(company, "notice", at_once=True), 422, "cause-missing", "explanation")
    await staff(company, "notice", at_once=True, explanation="Fraud.")

    async def ended() -> bool:
        return await company.status() == "ended"

    await eventually(ended)
    await company.submit()
    assert await company.status() == "contact-pending"
