"""Drafts over HTTP: checked without saving, deleted, copied; a closed enrollment is erased on request."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from harness.documents import Documents
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.enrollment.company import ADDRESS, SUPPORT, Company, Mail, is_problem, judge, new_company
from service.enrollment.papers import PDF, ask_for, in_review, upload
from support import eventually

Service = Callable[..., AbstractAsyncContextManager[Running]]
PERSON = "Anna Schäfer"


@pytest.fixture(scope="module")
async def running(service: Service) -> AsyncIterator[Running]:
    async with service("enrollment") as running:
        yield running


@pytest.fixture
def company(running: Running, tokens: Tokens) -> Company:
    return new_company(running, tokens)


async def erase(company: Company, by: Company | None = None) -> Any:
    by = by or company
    return await company.running.client.delete(company.path, headers=by.headers())


async def test_a_draft_is_checked_and_nothing_is_saved(company: Company) -> None:
    await company.start()
    before = await company.get(company.path)
    contact = {"name": PERSON, "email": "anna@gmail.com", "phone": "+49 221 1234567", "culture": "de"}
    profile = {"company_name": "GmbH", "address": ADDRESS | {"postal_code": "1234"}, "registration_id": None}
    checked = await company.post(f"{company.path}/validate", {"profile": profile, "primary_contact": contact})
    assert checked.status_code == 422, checked.text
    fields = [error["field"] for error in checked.json()["errors"]]
    assert fields == ["profile.company_name", "profile.address.postal_code", "primary_contact.email"]
    good = contact | {"email": company.email}
    checked = await company.post(f"{company.path}/validate", {"primary_contact": good, "support_contact": SUPPORT})
    assert checked.json() == {"missing": ["partner_id", "address"]}
    assert await company.get(company.path) == before


async def test_a_deleted_draft_is_free_and_empty(running: Running, company: Company, mongo: Documents) -> None:
    await company.start()
    await company.tell()
    deleted = await erase(company)
    assert (deleted.status_code, deleted.json()["status"], deleted.json()["primary_contact"]) == (
        200,
        "withdrawn",
        None,
    )
    assert (await erase(company)).json() == deleted.json()

    async def empty() -> bool:
        return PERSON not in str(await mongo.one(running, f"enrollment:{company.enrollment_id}"))

    assert await eventually(empty)
    await company.start()


async def test_a_new_start_copies_a_rejected_enrollment(running: Running, tokens: Tokens, company: Company) -> None:
    await company.submit()
    first = company.enrollment_id
    again = {"program": "indirect-reseller", "copy_from": first}
    is_problem(await company.post("/v1/enrollments", again), 409, "not-editable", "copy_from")
    await judge(running, tokens, company, decision="reject", reason="not-eligible")
    old = await company.get(company.path)
    started = (await company.post("/v1/enrollments", again)).json()
    assert (started["status"], started["missing"]) == ("draft", ["partner_id"])
    for part in ("company_name", "address", "primary_contact", "support_contact"):
        assert started[part] == old[part]
    other = new_company(running, tokens)
    is_problem(await other.post("/v1/enrollments", again), 404, "not-found")


async def test_a_withdrawn_enrollment_is_erased_with_its_documents(
    running: Running, tokens: Tokens, kafka: Topics, keys: Path, mongo: Documents
) -> None:
    company = await in_review(running, tokens, Mail(running, kafka, keys))
    await ask_for(company, "lease", "registry-record")
    assert (await upload(company, PDF)).status_code == 200
    is_problem(await erase(company), 409, "not-editable")
    is_problem(await erase(company, new_company(running, tokens)), 404, "not-found")
    shown = (await company.get(f"{company.path}/documents"))["documents"][0]
    file_id = shown["files"][0]["file_id"]
    assert (await company.post(f"{company.path}/withdraw", {})).status_code == 200
    erased = await erase(company)
    assert (erased.status_code, erased.json()["primary_contact"]) == (200, None)

    async def deleted() -> bool:
        document = await mongo.one(running, f"upload:{file_id}")
        return bool(document and document["state"].get("deleted"))

    assert await eventually(deleted)
