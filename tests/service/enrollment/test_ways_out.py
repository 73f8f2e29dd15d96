"""A company corrects, takes back and undoes over HTTP; a forgotten enrollment ends by its timer."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.enrollment.company import ADDRESS, NUMBERS, Company, Mail, is_problem, new_company, operator, press
from support import eventually

Service = Callable[..., AbstractAsyncContextManager[Running]]


@pytest.fixture(scope="module")
async def running(service: Service) -> AsyncIterator[Running]:
    async with service("enrollment") as running:
        yield running


@pytest.fixture
def company(running: Running, tokens: Tokens) -> Company:
    return new_company(running, tokens)


@pytest.fixture
def mail(running: Running, kafka: Topics, keys: Path) -> Mail:
    return Mail(running, kafka, keys)


def person(company: Company, local: str) -> dict[str, str]:
    email = f"{local}@{company.organization_id}.example"
    return {"name": "Anna Schäfer", "email": email, "phone": "+49 221 1234567", "culture": "de"}


async def staff(company: Company, method: str, path: str, body: Any) -> httpx2.Response:
    headers = operator(company.tokens) | {"Idempotency-Key": f"staff-{next(NUMBERS)}"}
    return await company.running.client.request(method, f"{company.path}/{path}", json=body, headers=headers)


async def test_a_mistyped_contact_is_corrected_after_the_submission(
    running: Running, company: Company, mail: Mail
) -> None:
    await company.submit()
    (wrong,) = await mail.links(company)
    corrected = await company.put(f"{company.path}/primary-contact", person(company, "anna.schafer"))
    assert (corrected.status_code, corrected.json()["status"]) == (200, "contact-pending")
    _, right = await mail.links(company, 2)
    assert (await running.client.get(wrong)).status_code == 404
    await press(running, right, "confirm")
    assert await company.status() == "in-review"
    webmail = person(company, "anna") | {"email": "anna@gmail.com"}
    is_problem(await company.put(f"{company.path}/primary-contact", webmail), 422, "webmail-address", "email")
    profile = {"company_name": "Müller AG", "address": ADDRESS, "registration_id": None}
    by_staff = await staff(company, "PUT", "profile", profile)
    assert (by_staff.status_code, by_staff.json()["company_name"]) == (200, "Müller AG")


async def test_a_denial_is_undone_by_a_new_link(running: Running, company: Company, mail: Mail) -> None:
    await company.submit()
    (link,) = await mail.links(company)
    await press(running, link, "deny")
    assert await company.status() == "cancelled"
    undone = await company.put(f"{company.path}/primary-contact", person(company, "zoe"))
    assert undone.json()["status"] == "contact-pending"
    _, newer = await mail.links(company, 2)
    await press(running, newer, "confirm")
    assert await company.status() == "in-review"


async def test_a_mailbox_that_is_not_the_contacts_is_corrected(running: Running, company: Company, mail: Mail) -> None:
    await company.submit()
    (link,) = await mail.links(company)
    await press(running, link, "deny-mailbox")
    last = (await company.get(company.path))["history"][-1]
    assert (last["status"], last["reason"]) == ("cancelled", "mailbox-not-the-companys")
    corrected = await company.put(f"{company.path}/primary-contact", person(company, "anna.schafer"))
    assert corrected.json()["status"] == "contact-pending"


async def test_a_denial_is_not_undone_once_another_enrollment_is_open(
    running: Running, company: Company, mail: Mail
) -> None:
    await company.submit()
    await press(running, (await mail.links(company))[0], "deny")
    cancelled = company.path
    await company.start()
    answer = await company.put(f"{cancelled}/primary-contact", person(company, "zoe"))
    is_problem(answer, 409, "taken", "organization")


async def test_an_enrollment_is_withdrawn_and_another_one_started(company: Company) -> None:
    await company.submit()
    withdrawn = await company.post(f"{company.path}/withdraw", {})
    assert (withdrawn.json()["status"], withdrawn.json()["public_status"]) == ("withdrawn", "none")
    is_problem(await company.post(f"{company.path}/submit"), 409, "closed")
    await company.submit()
    by_staff = await staff(company, "POST", "withdraw", {"explanation": "Asked for by phone."})
    assert by_staff.json()["status"] == "withdrawn"


async def test_a_forgotten_enrollment_reminds_and_ends(
    running: Running, company: Company, kafka: Topics, mail: Mail, beside: Service
) -> None:
    await company.submit()
    await mail.links(company)

    async def told(kind: str) -> list[Any]:
        events = await kafka.envelopes(running.topic("enrollment.events"))
        mine = [e for e in events if e.subject == f"enrollment:{company.enrollment_id}"]
        return [event.data for event in mine if event.type.endswith(f"{kind}.v1")]

    async with beside(running, KONTOR_CLOCK_SKEW=timedelta(days=8).total_seconds()):
        (reminded,) = await eventually(lambda: told("enrollment-reminded"))
    assert (reminded.status, reminded.applicant.user_id) == ("contact-pending", f"user-{company.organization_id}")
    async with beside(running, KONTOR_CLOCK_SKEW=timedelta(days=31).total_seconds()):
        (expired,) = await eventually(lambda: told("enrollment-expired"))
    assert expired.status == "contact-pending"
    assert await company.status() == "expired"
    await company.submit()
