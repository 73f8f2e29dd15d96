"""A refused mailbox that an operator accepts, over HTTP."""

from typing import Any

import httpx2
import pytest
from harness.running import Running
from harness.tokens import Tokens
from service.enrollment.company import NUMBERS, Company, is_problem, new_company, operator

pytest_plugins = ("service.enrollment.fixtures",)


@pytest.fixture
async def company(enrollment: Running, tokens: Tokens) -> Company:
    company = new_company(enrollment, tokens)
    await company.start()
    return company


async def post(company: Company, path: str, headers: dict[str, str], **body: str) -> httpx2.Response:
    headers = headers | {"Idempotency-Key": f"mailbox-{next(NUMBERS)}"}
    path = f"/v1/reviews/{company.enrollment_id}/mailbox-exceptions{path}"
    return await company.running.client.post(path, json=body, headers=headers)


async def test_a_company_enters_a_mailbox_that_an_operator_accepted(company: Company, tokens: Tokens) -> None:
    email, why = f"info@{company.organization_id}.example", "The owner reads it alone."
    contact: dict[str, Any] = {"name": "Anna", "email": email, "phone": "+49 221 1234567", "culture": "de"}
    path = f"{company.path}/primary-contact"
    refused = await company.put(path, contact)
    is_problem(refused, 422, "role-mailbox", "email")
    assert "write to the program's staff" in refused.text
    staff = operator(tokens)
    granted = await post(company, "", staff, email=email, reason=why)
    assert granted.status_code == 200, granted.text
    entered = await company.put(path, contact)
    assert (entered.status_code, entered.json()["primary_contact"]["email"]) == (200, email)
    timeline = await company.get(f"{company.path}/timeline")
    assert [(one["email"], one["reason"]) for one in timeline["accepted_mailboxes"]] == [(email, why)]
    withdrawn = await post(company, "/withdraw", staff, email=email)
    assert withdrawn.json()["accepted_mailboxes"] == []
    is_problem(
        await company.put(path, contact | {"email": f"sales@{company.organization_id}.example"}),
        422,
        "role-mailbox",
        "email",
    )


async def test_only_staff_accept_a_mailbox_and_with_a_reason(company: Company, tokens: Tokens) -> None:
    email = f"info@{company.organization_id}.example"
    assert (await post(company, "", company.headers(), email=email, reason="Mine.")).status_code == 403
    is_problem(await post(company, "", operator(tokens), email=email), 422, "invalid", "reason")
    is_problem(await post(company, "", operator(tokens), email="info", reason="x"), 422, "invalid", "email")
    unneeded = await post(company, "", operator(tokens), email=company.email, reason="Not needed.")
    is_problem(unneeded, 422, "mailbox-exception-unneeded", "email")
