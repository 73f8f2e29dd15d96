"""The staff's pages of enrollment in the portal: queue, case, registry."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from harness.browser import Browser
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.enrollment.company import Company, Mail, new_company, operator
from service.enrollment.papers import PDF, in_review, upload
from service.enrollment.portal import of_company, of_staff, path

from enrollment.registry import COLUMNS

pytest_plugins = ("service.enrollment.fixtures",)


@pytest.fixture(scope="module")
def running(enrollment: Running) -> Running:
    return enrollment


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with Browser() as browser:
        yield browser


@pytest.fixture
async def company(running: Running, tokens: Tokens, kafka: Topics, keys: Path) -> Company:
    return await in_review(running, tokens, Mail(running, kafka, keys))


def base(company: Company) -> str:
    return f"/reviews/{company.enrollment_id}"


async def test_a_reviewer_finds_claims_and_approves_a_case(browser: Browser, company: Company, tokens: Tokens) -> None:
    await of_staff(browser, company, tokens, "reviewer-1").open("/reviews?country=DE&sort=-due&lang=en")
    assert f'href="{base(company)}"' in browser.text and 'aria-sort="descending"' in browser.text
    await browser.open(f"{base(company)}/claim")
    await browser.submit(f"{base(company)}/claim")
    assert "The review is yours" in browser.text and "by you" in browser.text
    await browser.open("/reviews?claimed=mine")
    assert f'href="{base(company)}"' in browser.text and "Reviews: 1" in browser.text
    await browser.open(f"{base(company)}/note")
    await browser.submit(f"{base(company)}/note", text="Called the register.")
    assert "Called the register." in browser.text
    await browser.open(f"{base(company)}/approve")
    await browser.submit(f"{base(company)}/approve", step="", explanation="")
    assert "The approval is saved" in browser.text and await company.status() == "qualified"


async def test_a_decision_about_another_revision_is_shown_again(
    browser: Browser, company: Company, tokens: Tokens
) -> None:
    await of_staff(browser, company, tokens).open(f"{base(company)}/reject?lang=en")
    await company.put(f"{company.path}/support-contact", {"email": "neu@firma.example", "phone": "+49 221 1234567"})
    await browser.submit(f"{base(company)}/reject", reason="not-eligible", explanation="Too small.")
    assert browser.page.status_code == 412 and "Too small." in browser.text and await company.status() == "in-review"
    await browser.submit(f"{base(company)}/reject", reason="not-eligible")
    assert "The enrollment is rejected" in browser.text and await company.status() == "rejected"


async def test_a_rejection_needs_a_reason_of_the_list(browser: Browser, company: Company, tokens: Tokens) -> None:
    await of_staff(browser, company, tokens).open(f"{base(company)}/reject?lang=en")
    await browser.submit(f"{base(company)}/reject", reason="", explanation="Because.")
    assert browser.page.status_code == 422 and 'id="reason-fault"' in browser.text and "Because." in browser.text
    assert await company.status() == "in-review"


async def test_documents_are_asked_for_and_read(browser: Browser, company: Company, tokens: Tokens) -> None:
    await of_staff(browser, company, tokens).open(f"{base(company)}/documents?lang=en")
    await browser.submit(f"{base(company)}/documents", kind=["lease", "other"], step="business")
    assert browser.page.status_code == 422 and "Ask for documents" in browser.text
    await browser.submit(f"{base(company)}/documents", kind=["lease"], step="business")
    assert "The documents are asked for" in browser.text and await company.status() == "action-required"
    await upload(company, PDF)
    await browser.open(base(company))
    link = next(part.partition('"')[0] for part in browser.text.split('href="') if "/files/" in part.partition('"')[0])
    file = await browser.client.get(f"{company.running.url}{link}")
    assert file.content == PDF


async def test_a_case_is_corrected_by_the_staff(browser: Browser, company: Company, tokens: Tokens) -> None:
    await of_staff(browser, company, tokens).open(f"{base(company)}/profile?lang=en")
    await browser.submit(f"{base(company)}/profile", **{"address.line1": "Westweg 9"})
    assert path(browser) == base(company) and "The information is corrected" in browser.text
    assert "by the program&#39;s staff" in browser.text and "Westweg 9" in browser.text


async def test_a_partner_is_suspended_and_reinstated(
    browser: Browser, company: Company, tokens: Tokens, running: Running
) -> None:
    staff = of_staff(browser, company, tokens)
    await staff.open(f"{base(company)}/approve?lang=en")
    await staff.submit(f"{base(company)}/approve")
    version = (await company.get("/v1/agreements/current"))["version"]
    await company.post(f"{company.path}/agreement", {"version": version, "accepted": True})
    await staff.open(f"{base(company)}/suspend")
    await staff.submit(f"{base(company)}/suspend", reason="invoices-overdue", explanation="See our letter.")
    assert "The partner is suspended" in browser.text and await company.status() == "suspended"
    async with Browser() as other:
        await of_company(other, company).open("/enrollment?lang=en")
        assert "Invoices are overdue" in other.text and "Your company is suspended" in other.text
    await browser.open(f"{base(company)}/reinstate")
    await browser.submit(f"{base(company)}/reinstate", reason="cause-cleared")
    assert "The partner is reinstated" in browser.text and await company.status() == "active"


async def test_a_company_sees_no_page_of_the_staff(browser: Browser, company: Company) -> None:
    of_company(browser, company, "enrollment:read", "enrollment:review", "profiles:import")
    for page in (
        "/reviews",
        base(company),
        "/reviews/changes",
        "/reviews/enrollments",
        "/registry",
        "/registry/import",
    ):
        assert (await browser.open(page)).page.status_code == 403, page


async def test_the_registry_shows_the_faults_of_a_file_row_by_row(
    browser: Browser, company: Company, tokens: Tokens, running: Running
) -> None:
    known = new_company(running, tokens)
    rows = "\n".join([",".join(COLUMNS), known.row(), known.row(partner_id="1", country="Germany"), "", ""])
    await of_staff(browser, company, tokens).open("/registry/import?lang=en")
    await browser.attach("/registry/import", "file", ("profiles.csv", rows.encode()))
    assert "Result of the import" in browser.text and "give 4 to 12 digits" in browser.text
    assert "two capital letters" in browser.text and ">imported<" in browser.text
    await browser.open("/registry/import")
    await browser.attach("/registry/import", "file", ("profiles.csv", b"a,b\n1,2\n"))
    assert browser.page.status_code == 422 and 'id="file-fault"' in browser.text


async def test_a_profile_is_found_entered_and_changed(
    browser: Browser, company: Company, tokens: Tokens, running: Running
) -> None:
    new = new_company(running, tokens)
    await of_staff(browser, company, tokens).open("/registry/add?lang=en")
    facts = {**new.entry(), "partner_id": new.partner_id, "program_state": "none"}
    await browser.submit("/registry/add", **{**facts, "partner_id": "x"})
    assert 'id="partner_id-fault"' in browser.text
    await browser.submit("/registry/add", **facts)
    assert path(browser) == f"/registry/{new.partner_id}" and "The profile is saved" in browser.text
    await browser.submit(f"/registry/{new.partner_id}", status="inactive")
    assert "status: active" in browser.text
    await browser.open(f"/registry?q={new.partner_id}&status=inactive")
    assert f'href="/registry/{new.partner_id}"' in browser.text
    answer = await running.client.get(f"/v1/partner-profiles/{new.partner_id}", headers=operator(tokens))
    assert answer.json()["has_access_code"]
