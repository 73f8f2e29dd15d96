"""A company that is in the program already opens its account over HTTP with its support contact alone."""

from typing import Any

import pytest
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.enrollment.company import SUPPORT, Company, is_problem, keep, new_company
from support import eventually

from chassis.limits.lockout import FREE

pytest_plugins = ("service.enrollment.fixtures",)


@pytest.fixture(scope="module")
def running(enrollment: Running) -> Running:
    return enrollment


@pytest.fixture
async def company(running: Running, tokens: Tokens) -> Company:
    company = new_company(running, tokens)
    await company.start()
    await keep(running, tokens, company.partner_id, company.entry(program_state="enrolled"))
    return company


def joining(company: Company, **changes: Any) -> dict[str, Any]:
    return {**company.membership, "partner_id": company.partner_id, "support_contact": SUPPORT} | changes


async def test_a_known_company_is_active_at_once(running: Running, company: Company, kafka: Topics) -> None:
    looked_up = await company.post("/v1/partner-profiles/lookup", company.membership)
    assert [each["program_state"] for each in looked_up.json()["items"]] == ["enrolled"]
    joined = await company.post(f"{company.path}/join", joining(company), key="join")
    assert joined.status_code == 200, joined.text
    state = joined.json()
    assert (state["status"], state["partner_id"], state["missing"]) == ("active", company.partner_id, [])
    assert state["already_in_program"] and state["support_contact"] == SUPPORT
    assert state["primary_contact"]["email"] == company.membership["membership_account"]
    again = await company.post(f"{company.path}/join", joining(company), key="join")
    assert again.json() == state

    async def activated() -> list[Any]:
        found = await kafka.envelopes(running.topic("enrollment.events"))
        return [each for each in found if each.subject == f"enrollment:{company.enrollment_id}"][2:]

    (event,) = await eventually(activated)
    assert event.data.already_in_program
    assert event.data.partner.contact.email == company.membership["membership_account"]


async def test_a_wrong_access_code_opens_no_account(company: Company) -> None:
    wrong = await company.post(f"{company.path}/join", joining(company, access_code="wrong-code-of-nobody"))
    is_problem(wrong, 403, "membership-sign-in-failed")
    assert await company.status() == "draft"


async def test_wrong_access_codes_lock_the_account_here_too(company: Company) -> None:
    for n in range(FREE + 1):
        wrong = await company.post(f"{company.path}/join", joining(company, access_code=f"wrong code, number {n}"))
        is_problem(wrong, 403, "membership-sign-in-failed")
    is_problem(await company.post(f"{company.path}/join", joining(company)), 429, "too-many-attempts")


async def test_an_unenrolled_company_fills_in_the_enrollment(
    running: Running, tokens: Tokens, company: Company
) -> None:
    await keep(running, tokens, company.partner_id, company.entry(program_state="none"))
    refused = await company.post(f"{company.path}/join", joining(company))
    is_problem(refused, 409, "not-in-program", "partner_id")
    assert await company.status() == "draft"


async def test_another_companys_partner_id_is_taken(running: Running, tokens: Tokens, company: Company) -> None:
    assert (await company.post(f"{company.path}/join", joining(company))).status_code == 200
    second = new_company(running, tokens)
    await second.start()
    is_problem(await second.post(f"{second.path}/join", joining(company)), 409, "taken", "partner_id")
    foreign = await second.post(f"{company.path}/join", joining(second))
    is_problem(foreign, 404, "not-found")
