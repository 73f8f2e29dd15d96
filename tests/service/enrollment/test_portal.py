"""A company's way through the portal's pages of enrollment, walked by a browser without scripts."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from harness.browser import Browser
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.enrollment.company import Company, Mail, judge, keep, load, new_company, press
from service.enrollment.papers import PDF, ask_for, in_review
from service.enrollment.portal import PROFILE, SUPPORT, of_company, path

pytest_plugins = ("service.enrollment.fixtures",)


@pytest.fixture(scope="module")
def running(enrollment: Running) -> Running:
    return enrollment


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with Browser() as browser:
        yield browser


@pytest.fixture
def mail(running: Running, kafka: Topics, keys: Path) -> Mail:
    return Mail(running, kafka, keys)


@pytest.fixture
async def company(running: Running, tokens: Tokens) -> Company:
    company = new_company(running, tokens)
    await load(running, tokens, company.row())
    return company


async def begun(browser: Browser, company: Company) -> Browser:
    """A draft, begun on the welcome page."""
    await of_company(browser, company).open("/enrollment?lang=en")
    assert path(browser) == "/enrollment/welcome" and "What you need in DE" in browser.text
    await browser.submit("/enrollment/welcome")
    company.enrollment_id = path(browser).rpartition("/")[2]
    return browser


async def test_a_company_goes_from_the_welcome_page_to_its_signature(
    browser: Browser, company: Company, mail: Mail, running: Running, tokens: Tokens
) -> None:
    await begun(browser, company)
    base = f"/enrollment/{company.enrollment_id}"
    await browser.click(f"{base}/partner-id")
    await browser.submit(f"{base}/partner-id", **company.membership)
    assert f"{company.partner_id}: Müller" in browser.text
    await browser.submit(f"{base}/partner-id", partner_id=company.partner_id)
    assert path(browser) == f"{base}/profile" and "Saved." in browser.text
    await browser.submit(f"{base}/profile", **PROFILE)
    assert path(browser) == f"{base}/primary-contact"
    contact = {"name": "Anna Schäfer", "email": company.email, "phone": "+49 221 1234567", "culture": "de"}
    await browser.submit(f"{base}/primary-contact", **contact)
    await browser.submit(f"{base}/support-contact", **SUPPORT)
    assert path(browser) == f"{base}/check" and "Köln" in browser.text
    await browser.submit(f"{base}/submit")
    assert (
        path(browser) == base
        and "The enrollment is submitted" in browser.text
        and "Your primary contact" in browser.text
    )
    await press(running, (await mail.links(company))[0], "confirm")
    assert "The program&#39;s staff" in (await browser.open(base)).text
    await judge(running, tokens, company, decision="approve")
    await browser.open("/enrollment")
    assert path(browser) == base
    await browser.open(f"{base}/agreement")
    await browser.submit(f"{base}/agreement", accepted="")
    assert (
        browser.page.status_code in {409, 422} and 'id="accepted"' in browser.text and "<title>Error: " in browser.text
    )
    await browser.submit(f"{base}/agreement", accepted="true")
    assert "The agreement is signed" in browser.text and await company.status() == "active"
    evidence = await browser.client.get(f"{running.url}{base}/agreement.txt")
    assert "SHA-256" in evidence.text and "attachment" in evidence.headers["content-disposition"]


async def test_all_faults_of_a_step_are_shown_at_their_fields(browser: Browser, company: Company) -> None:
    await begun(browser, company)
    base = f"/enrollment/{company.enrollment_id}"
    await browser.open(f"{base}/profile?lang=de")
    typed = {**PROFILE, "address.postal_code": "1", "address.city": "", "address.line1": ""}
    await browser.submit(f"{base}/profile", **typed)
    assert browser.page.status_code == 422
    for name in ("address.postal_code", "address.city", "address.line1"):
        assert f'id="{name}-fault"' in browser.text and f'href="#{name}"' in browser.text
    assert 'value="Müller &amp; Söhne IT GmbH"' in browser.text


async def test_a_colleague_s_change_is_shown_before_it_is_overwritten(browser: Browser, company: Company) -> None:
    await begun(browser, company)
    base = f"/enrollment/{company.enrollment_id}"
    await browser.open(f"{base}/profile?lang=en")
    async with Browser() as other:
        colleague = await of_company(other, company, user="colleague").open(f"{base}/profile?lang=en")
        await colleague.submit(f"{base}/profile", **{**PROFILE, "address.line1": "Südstraße 1"})
    await browser.submit(f"{base}/profile", **PROFILE)
    assert browser.page.status_code == 412 and "Südstraße 1" in browser.text and "Nordstraße 12" in browser.text
    assert "Somebody else has changed this enrollment" in browser.text
    assert (await company.get(company.path))["address"]["line1"] == "Südstraße 1"
    await browser.submit(f"{base}/profile")
    assert (await company.get(company.path))["address"]["line1"] == "Nordstraße 12"


async def test_a_wrong_access_code_is_refused_on_its_page(browser: Browser, company: Company) -> None:
    await begun(browser, company)
    base = f"/enrollment/{company.enrollment_id}"
    await browser.open(f"{base}/partner-id")
    await browser.submit(f"{base}/partner-id", **{**company.membership, "access_code": "wrong-code-of-nobody"})
    assert browser.page.status_code == 403 and company.membership["membership_account"] in browser.text
    assert "wrong-code-of-nobody" not in browser.text
    await browser.submit(f"{base}/postpone")
    assert path(browser) == f"{base}/profile" and "postponed" in browser.text


async def test_a_known_company_gives_its_support_contact_alone(
    browser: Browser, company: Company, running: Running, tokens: Tokens
) -> None:
    await keep(running, tokens, company.partner_id, company.entry(program_state="enrolled"))
    await begun(browser, company)
    base = f"/enrollment/{company.enrollment_id}"
    await browser.open(f"{base}/partner-id")
    await browser.submit(f"{base}/partner-id", **company.membership)
    await browser.submit(f"{base}/partner-id", partner_id=company.partner_id)
    assert "Already in the program" in browser.text
    await browser.submit(f"{base}/join", **{**SUPPORT, "phone": "1"})
    assert 'id="phone-fault"' in browser.text
    await browser.submit(f"{base}/join", **{**SUPPORT, **company.membership, "partner_id": company.partner_id})
    assert "The account is open" in browser.text and await company.status() == "active"


async def test_documents_are_uploaded_and_the_review_goes_on(
    browser: Browser, running: Running, tokens: Tokens, mail: Mail
) -> None:
    company = await in_review(running, tokens, mail)
    await ask_for(company, "registry-record")
    base = f"/enrollment/{company.enrollment_id}"
    await of_company(browser, company).open(f"{base}/documents?lang=en")
    await browser.attach(f"{base}/documents/1", "file", ("notes.txt", b"no document"))
    assert browser.page.status_code == 422 and 'id="file-1-fault"' in browser.text
    await browser.attach(f"{base}/documents/1", "file", ("Auszug.pdf", PDF))
    assert "The review goes on" in browser.text and "Auszug.pdf" in browser.text
    await browser.open(f"{base}/documents")
    found = await browser.client.get(running.url + next(one for one in links(browser, f"{base}/documents/1/files/")))
    assert found.content == PDF and found.headers["content-disposition"].startswith("attachment")


def links(browser: Browser, beginning: str) -> list[str]:
    return [part.partition('"')[0] for part in browser.text.split('href="') if part.startswith(beginning)]


async def test_a_rejection_is_appealed_with_its_remaining_number(
    browser: Browser, running: Running, tokens: Tokens, mail: Mail
) -> None:
    company = await in_review(running, tokens, mail)
    await judge(running, tokens, company, decision="reject", reason="business-not-verified")
    base = f"/enrollment/{company.enrollment_id}"
    await of_company(browser, company).open(f"{base}?lang=en")
    assert "The business could not be verified" in browser.text and "Appeals left</dt><dd>3<" in browser.text
    await browser.open(f"{base}/appeal")
    await browser.submit(f"{base}/appeal", statement="Our entry in the register is new.")
    assert "The appeal is received" in browser.text and await company.status() == "in-review"


async def test_an_enrollment_is_withdrawn_and_copied(
    browser: Browser, running: Running, tokens: Tokens, mail: Mail
) -> None:
    company = new_company(running, tokens)
    await company.submit()
    base = f"/enrollment/{company.enrollment_id}"
    await of_company(browser, company).open(f"{base}/withdraw?lang=en")
    await browser.submit(f"{base}/withdraw")
    assert "The enrollment is withdrawn" in browser.text
    await browser.click("/enrollment/welcome?copy=")
    await browser.submit("/enrollment/welcome")
    copied = path(browser)
    assert copied != base and "Köln" in browser.text
    await browser.open(f"{copied}/delete")
    await browser.submit(f"{copied}/delete")
    assert "The draft is deleted" in browser.text


async def test_another_company_s_enrollment_is_not_found(
    browser: Browser, running: Running, tokens: Tokens, mail: Mail
) -> None:
    company = await in_review(running, tokens, mail)
    of_company(browser, new_company(running, tokens))
    for page in ("", "/profile", "/primary-contact", "/documents", "/agreement", "/withdraw", "/check", "/partner-id"):
        await browser.open(f"/enrollment/{company.enrollment_id}{page}")
        assert browser.page.status_code == 404 and "Müller" not in browser.text, page


async def test_a_reader_sees_the_enrollment_and_whom_to_ask(browser: Browser, company: Company) -> None:
    await company.start()
    await of_company(browser, company, "enrollment:read").open(f"/enrollment/{company.enrollment_id}?lang=en")
    assert browser.page.status_code == 200 and "See who can do this" in browser.text
    await browser.open(f"/enrollment/{company.enrollment_id}/profile")
    assert browser.page.status_code == 403


async def test_an_invitation_is_offered_again_from_the_enrollment(browser: Browser, company: Company) -> None:
    await company.start()
    of_company(browser, company)
    await browser.open("/enrollment?lang=en&invitation=%2Finvitations%2Fone%3Ftoken%3Dsecret")
    assert 'href="/invitations/one?token=secret"' in browser.text
    browser.client.cookies.delete("kontor_invitation")
    await browser.open("/enrollment?invitation=https%3A%2F%2Felsewhere.example%2Finvitations%2Fone")
    assert "elsewhere" not in browser.text and 'id="invitation"' not in browser.text


async def test_the_public_page_says_what_a_country_asks_for(browser: Browser, running: Running) -> None:
    await browser.open(f"{running.url}/enroll?country=PL&kind=provider&lang=de")
    assert "Was Sie in PL brauchen" in browser.text and 'value="provider" required checked' in browser.text
    assert 'href="/open?to=%2Fenrollment%2Fwelcome"' in browser.text
    await browser.open("/enroll?country=KP&lang=en")
    assert "not offered in KP" in browser.text
