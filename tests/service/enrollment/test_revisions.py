"""Two people work on one enrollment: neither overwrites the other's change, and nobody approves what was not read."""

from typing import Any

import httpx2
import pytest
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.enrollment.company import SUPPORT, Company, Mail, is_problem, new_company, operator, press

pytest_plugins = ("service.enrollment.fixtures",)


@pytest.fixture(scope="module")
def running(enrollment: Running) -> Running:
    return enrollment


async def read(company: Company) -> str:
    answer = await company.running.client.get(company.path, headers=company.headers())
    assert answer.headers["etag"] == f'"{answer.json()["revision"]}"'
    return str(answer.headers["etag"])


async def support(company: Company, phone: str, tag: str | None) -> httpx2.Response:
    headers = company.headers() | ({"If-Match": tag} if tag else {})
    body: dict[str, Any] = SUPPORT | {"phone": phone}
    return await company.running.client.put(f"{company.path}/support-contact", json=body, headers=headers)


async def test_of_two_changes_of_one_revision_the_second_is_refused(running: Running, tokens: Tokens) -> None:
    company = new_company(running, tokens)
    await company.start()
    tag = await read(company)
    first = await support(company, "+49 221 7654321", tag)
    assert first.status_code == 200, first.text
    assert first.headers["etag"] == await read(company) != tag
    is_problem(await support(company, "+49 221 7654322", tag), 412, "changed-meanwhile")
    again = await support(company, "+49 221 7654322", first.headers["etag"])
    assert (again.status_code, again.json()["support_contact"]["phone"]) == (200, "+49 221 7654322")


@pytest.mark.parametrize("tag", ["*", None])
async def test_without_a_revision_the_last_change_holds(running: Running, tokens: Tokens, tag: str | None) -> None:
    company = new_company(running, tokens)
    await company.start()
    assert (await support(company, "+49 221 7654321", tag)).status_code == 200
    assert (await support(company, "+49 221 7654322", tag)).status_code == 200


async def test_a_tag_that_is_none_of_ours_matches_nothing(running: Running, tokens: Tokens) -> None:
    company = new_company(running, tokens)
    await company.start()
    is_problem(await support(company, "+49 221 7654321", '"abc"'), 412, "changed-meanwhile")


async def test_an_approval_names_what_was_read(running: Running, tokens: Tokens, kafka: Topics, keys: Any) -> None:
    company = new_company(running, tokens)
    await company.submit()
    (link,) = await Mail(running, kafka, keys).links(company)
    assert (await press(running, link, "confirm")).status_code == 200
    staff = operator(tokens)
    file = await running.client.get(f"/v1/reviews/{company.enrollment_id}", headers=staff)
    tag = file.headers["etag"]
    assert (await support(company, "+49 221 7654322", None)).status_code == 200

    async def approve(tag: str) -> httpx2.Response:
        headers = staff | {"If-Match": tag, "Idempotency-Key": f"approve-{tag.strip(chr(34))}"}
        return await running.client.post(f"{company.path}/review", json={"decision": "approve"}, headers=headers)

    is_problem(await approve(tag), 412, "changed-meanwhile")
    assert await company.status() == "in-review"
    now = (await running.client.get(f"/v1/reviews/{company.enrollment_id}", headers=staff)).headers["etag"]
    approved = await approve(now)
    assert (approved.status_code, approved.json()["status"]) == (200, "qualified")
