"""The page behind the link in the mail to a primary contact."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.enrollment.company import Company, Form, Mail, is_problem, new_company, press

Service = Callable[..., AbstractAsyncContextManager[Running]]
Late = Callable[..., AbstractAsyncContextManager[Running]]


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


@pytest.fixture
def late(running: Running, beside: Service) -> Late:
    """Another instance whose clock is ahead."""
    return lambda **ahead: beside(running, KONTOR_CLOCK_SKEW=timedelta(**ahead).total_seconds())


async def test_opening_a_link_changes_nothing_and_leaks_nothing(running: Running, company: Company, mail: Mail) -> None:
    await company.submit()
    (link,) = await mail.links(company)
    for _ in range(3):
        page = await running.client.get(link)
        assert page.status_code == 200
    assert await company.status() == "contact-pending"
    assert "Müller &amp; Söhne IT GmbH" in page.text and "Anna Schäfer" in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-content-type-options"] == "nosniff"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert "<script" not in page.text and "http" not in re.sub(r"<!doctype.*?>", "", page.text)


async def test_a_page_speaks_the_links_language_else_the_browsers(
    running: Running, company: Company, mail: Mail
) -> None:
    await company.submit()
    (link,) = await mail.links(company)
    assert "Haben Sie Müller" in (await running.client.get(link)).text
    assert "Did you sign up" in (await running.client.get(link.replace("lang=de", "lang=en"))).text
    bare = link.replace("&lang=de", "")
    assert "Haben Sie" in (await running.client.get(bare, headers={"accept-language": "de-AT,en"})).text
    assert "Did you" in (await running.client.get(bare, headers={"accept-language": "fr"})).text


async def test_a_second_click_is_told_kindly_that_it_was_not_needed(
    running: Running, company: Company, mail: Mail
) -> None:
    await company.submit()
    (link,) = await mail.links(company)
    token = parse_qs(urlsplit(link).query)["token"][0]
    await press(running, link, "confirm")
    for page in (
        await running.client.get(link),
        await running.client.post(link, data={"token": token, "answer": "confirm"}),
        await running.client.post(link, data={"token": token, "answer": "deny"}),
    ):
        assert page.status_code == 200 and "Sie haben bereits bestätigt" in page.text
        assert "<form" not in page.text
    assert await company.status() == "in-review"


async def test_only_the_newest_link_works(running: Running, company: Company, mail: Mail, late: Late) -> None:
    await company.submit()
    is_problem(await company.post(f"{company.path}/contact-verification/resend"), 409, "resend-too-soon")
    async with late(minutes=2) as later:
        resent = await replace(company, running=later).post(f"{company.path}/contact-verification/resend")
        assert resent.status_code == 200, resent.text
    old, new = await mail.links(company, 2)
    page = await running.client.get(old)
    assert page.status_code == 410 and "neuere E-Mail" in page.text
    token = parse_qs(urlsplit(old).query)["token"][0]
    refused = await running.client.post(old, data={"token": token, "answer": "confirm"})
    assert refused.status_code == 410
    assert await company.status() == "contact-pending"
    assert "Danke" in (await press(running, new, "confirm")).text


async def test_an_old_link_is_too_old(running: Running, company: Company, mail: Mail, late: Late) -> None:
    await company.submit()
    (link,) = await mail.links(company)
    async with late(days=8) as later:
        there = link.replace(running.url, later.url)
        page = await later.client.get(there)
        assert page.status_code == 410 and "zu alt" in page.text
        token = parse_qs(urlsplit(link).query)["token"][0]
        posted = await later.client.post(there, data={"token": token, "answer": "confirm"})
        assert posted.status_code == 410
    assert await company.status() == "contact-pending"


@pytest.mark.parametrize("body", [b"", b"token=x&answer=confirm", b"\xff\xfe", b"answer=deny", b"a=1&" * 50])
async def test_whoever_guesses_gets_a_page_and_nothing_else(running: Running, company: Company, body: bytes) -> None:
    await company.submit()
    form = {"content-type": "application/x-www-form-urlencoded"}
    for enrollment_id in (company.enrollment_id, "there-is-none"):
        page = await running.client.post(f"/verify-contact/{enrollment_id}", content=body, headers=form)
        assert page.status_code == 404 and "This link does not work" in page.text
        shown = await running.client.get(f"/verify-contact/{enrollment_id}?token=guess")
        assert shown.status_code == 404 and "Müller" not in shown.text
    assert await company.status() == "contact-pending"


async def test_a_form_without_an_answer_asks_again(running: Running, company: Company, mail: Mail) -> None:
    await company.submit()
    (link,) = await mail.links(company)
    token = parse_qs(urlsplit(link).query)["token"][0]
    page = await running.client.post(link, data={"token": token, "answer": "perhaps"})
    assert page.status_code == 400 and Form(page.text).buttons == ["confirm", "deny", "deny-mailbox"]
    assert await company.status() == "contact-pending"
