"""A partner changes its primary contact over HTTP, with the links of the mails opened."""

from pathlib import Path
from typing import Any

import httpx2
import pytest
from harness.browser import Browser
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.enrollment.company import NUMBERS, Company, Form, Mail, is_problem, judge, new_company, operator
from service.enrollment.papers import in_review
from service.enrollment.portal import of_company, of_staff
from service.enrollment.portal import path as path_of
from support import eventually

from chassis.crypto.sealing import Sealer
from kontor_local.keys import SEALING_PRIVATE

pytest_plugins = ("service.enrollment.fixtures",)


@pytest.fixture(scope="module")
def running(enrollment: Running) -> Running:
    return enrollment


@pytest.fixture
async def partner(running: Running, tokens: Tokens, kafka: Topics, keys: Path) -> Company:
    company = await in_review(running, tokens, Mail(running, kafka, keys))
    await judge(running, tokens, company, decision="approve")
    version = (await company.get("/v1/agreements/current"))["version"]
    signed = await company.post(f"{company.path}/agreement", {"version": version, "accepted": True})
    assert signed.json()["status"] == "active"
    return company


def contact(company: Company, name: str = "bela.weiss") -> dict[str, str]:
    mailbox = f"{name}@{company.organization_id}.example"
    return {"name": "Béla Weiß", "email": mailbox, "phone": "+49 221 1234568", "culture": "de"}


async def told(company: Company, kafka: Topics, kind: str, number: int = 1) -> list[Any]:
    """The announcements of a kind, once there are as many."""

    async def found() -> list[Any]:
        events = await kafka.envelopes(company.running.topic("enrollment.events"))
        mine = [e.data for e in events if e.subject == f"enrollment:{company.enrollment_id}" and f".{kind}." in e.type]
        return mine if len(mine) >= number else []

    return await eventually(found)


async def links(company: Company, kafka: Topics, keys: Path) -> tuple[str, str]:
    """Of the new contact, and of the present one."""
    (asked, *_) = await told(company, kafka, "contact-change-requested")
    sealer = Sealer(keys / SEALING_PRIVATE)
    return sealer.open(asked.sealed_link), sealer.open(asked.sealed_objection)


async def press(running: Running, link: str, button: str) -> httpx2.Response:
    form = Form((await running.client.get(link)).text)
    assert button in form.buttons
    return await running.client.post(httpx2.URL(link).join(form.action), data=form.fields | {"answer": button})


async def test_the_new_contact_confirms(running: Running, partner: Company, kafka: Topics, keys: Path) -> None:
    asked = await partner.post(f"{partner.path}/contact-change", contact(partner))
    assert asked.status_code == 200, asked.text
    assert asked.json()["contact_change"]["status"] == "asked"
    assert asked.json()["primary_contact"]["email"] == partner.email
    confirm, _ = await links(partner, kafka, keys)
    page = await running.client.get(confirm)
    assert page.status_code == 200 and "Sind Sie der neue Hauptansprechpartner" in page.text
    assert (await partner.get(partner.path))["primary_contact"]["email"] == partner.email
    assert "Danke" in (await press(running, confirm, "confirm")).text
    shown = await partner.get(partner.path)
    assert shown["primary_contact"]["email"] == contact(partner)["email"]
    (changed,) = await told(partner, kafka, "primary-contact-changed")
    assert (changed.partner.contact.email, changed.previous.email) == (contact(partner)["email"], partner.email)
    assert "Sie sind jetzt" in (await running.client.get(confirm)).text


async def test_the_present_contact_objects_after_the_confirmation(
    running: Running, partner: Company, kafka: Topics, keys: Path
) -> None:
    await partner.post(f"{partner.path}/contact-change", contact(partner))
    confirm, objection = await links(partner, kafka, keys)
    await press(running, confirm, "confirm")
    assert "Ihr Widerspruch gilt" in (await press(running, objection, "object")).text
    assert (await partner.get(partner.path))["primary_contact"]["email"] == partner.email
    _, back = await told(partner, kafka, "primary-contact-changed", 2)
    assert back.reason == "objected"
    for link in (confirm, objection):
        assert (await running.client.get(link)).status_code == 410


async def test_a_declined_change_leaves_the_contact(
    running: Running, partner: Company, kafka: Topics, keys: Path
) -> None:
    await partner.post(f"{partner.path}/contact-change", contact(partner))
    confirm, _ = await links(partner, kafka, keys)
    assert "bleibt" in (await press(running, confirm, "decline")).text
    (ended,) = await told(partner, kafka, "contact-change-ended")
    assert ended.outcome == "declined"
    shown = await partner.get(partner.path)
    assert (shown["primary_contact"]["email"], shown["contact_change"]) == (partner.email, None)


async def test_a_change_is_withdrawn_or_replaced_by_the_staff(
    running: Running, tokens: Tokens, partner: Company, kafka: Topics
) -> None:
    await partner.post(f"{partner.path}/contact-change", contact(partner))
    again = await partner.post(f"{partner.path}/contact-change", contact(partner, "cora.zander"))
    is_problem(again, 409, "change-pending")
    withdrawn = await partner.post(f"{partner.path}/contact-change/withdraw")
    assert withdrawn.json()["contact_change"] is None
    right = contact(partner, "cora.zander")
    path = f"{partner.path}/contact-correction"
    corrected = await running.client.put(path, json=right, headers=operator(tokens))
    assert corrected.json()["primary_contact"]["email"] == right["email"], corrected.text
    (changed,) = await told(partner, kafka, "primary-contact-changed")
    assert changed.reason == "corrected"


async def test_a_new_contact_is_held_to_the_rules_of_drafts(partner: Company) -> None:
    for email, code in (
        ("bela@gmail.com", "webmail-address"),
        (f"info@{partner.organization_id}.example", "role-mailbox"),
    ):
        answer = await partner.post(f"{partner.path}/contact-change", contact(partner) | {"email": email})
        is_problem(answer, 422, code, "email")


@pytest.mark.parametrize("answer", ["confirm", "decline", "object", "perhaps", ""])
async def test_a_guessed_link_shows_nothing(running: Running, partner: Company, answer: str) -> None:
    await partner.post(f"{partner.path}/contact-change", contact(partner))
    page = await running.client.get(f"/contact-change/{partner.enrollment_id}?token=guess")
    assert page.status_code == 404 and "Béla" not in page.text
    posted = await running.client.post(
        f"/contact-change/{partner.enrollment_id}", data={"token": "guess", "answer": answer}
    )
    assert posted.status_code == 404


async def test_a_mailbox_that_the_staff_accepted_is_the_new_contacts(partner: Company, tokens: Tokens) -> None:
    shared = contact(partner) | {"email": f"info@{partner.organization_id}.example"}
    refused = await partner.post(f"{partner.path}/contact-change", shared)
    is_problem(refused, 422, "role-mailbox", "email")
    assert "write to the program's staff" in refused.text
    keyed = operator(tokens) | {"Idempotency-Key": f"exception-{next(NUMBERS)}"}
    exception = {"email": shared["email"], "reason": "The owner reads it alone."}
    path = f"/v1/reviews/{partner.enrollment_id}/mailbox-exceptions"
    granted = await partner.running.client.post(path, json=exception, headers=keyed)
    assert granted.status_code == 200, granted.text
    asked = await partner.post(f"{partner.path}/contact-change", shared)
    assert asked.json()["contact_change"]["email"] == shared["email"], asked.text


async def test_a_partner_changes_its_contact_in_the_portal(partner: Company, kafka: Topics, keys: Path) -> None:
    base, other = f"/enrollment/{partner.enrollment_id}", contact(partner)
    async with Browser() as browser:
        await of_company(browser, partner).open(f"{base}?lang=en")
        await browser.click(f"{base}/contact-change")
        assert partner.email in browser.text
        await browser.submit(f"{base}/contact-change", **other | {"email": "bela@gmail.com"})
        assert browser.page.status_code == 422 and 'id="email-fault"' in browser.text
        await browser.submit(f"{base}/contact-change", **other)
        assert path_of(browser) == base and "Béla Weiß is asked to be your primary contact" in browser.text
        await browser.open(f"{base}/contact-change")
        assert other["email"] in browser.text and "The new contact confirms until" in browser.text
        await browser.click(f"{base}/contact-change-withdraw")
        await browser.submit(f"{base}/contact-change-withdraw")
        assert "The change is withdrawn" in browser.text and "is asked to be" not in browser.text
        await browser.open(f"{base}/contact-change")
        await browser.submit(f"{base}/contact-change", **other | {"email": partner.email})
        assert "The primary contact is changed." in browser.text and "Béla Weiß" in browser.text
    (ended,) = await told(partner, kafka, "contact-change-ended")
    assert ended.outcome == "withdrawn"


async def test_the_pages_show_a_confirmed_change_and_the_staff_correct_it(
    running: Running, tokens: Tokens, partner: Company, kafka: Topics, keys: Path
) -> None:
    base, case = f"/enrollment/{partner.enrollment_id}", f"/reviews/{partner.enrollment_id}"
    await partner.post(f"{partner.path}/contact-change", contact(partner))
    confirm, _ = await links(partner, kafka, keys)
    async with Browser() as browser:
        await of_staff(browser, partner, tokens).open(f"{case}?lang=en")
        assert "the new contact is asked" in browser.text and f"{case}/contact-change-withdraw" in browser.text
        await press(running, confirm, "confirm")
        await of_company(browser, partner).open(f"{base}/contact-change?lang=en")
        assert "The new contact has confirmed" in browser.text and "contact-change-withdraw" not in browser.text
        await of_staff(browser, partner, tokens).open(f"{case}?lang=en")
        assert "the new contact has confirmed" in browser.text
        await browser.click(f"{case}/contact-correction")
        assert contact(partner)["email"] in browser.text
        right = contact(partner, "cora.zander") | {"name": "Cora Zander"}
        await browser.submit(f"{case}/contact-correction", **right)
        assert path_of(browser) == case and "The contact is corrected" in browser.text
    shown = await partner.get(partner.path)
    assert (shown["primary_contact"]["email"], shown["contact_change"]) == (right["email"], None)


async def test_others_change_no_contact(running: Running, tokens: Tokens, partner: Company) -> None:
    other = new_company(running, tokens)
    keyed = other.headers() | {"Idempotency-Key": f"other-{next(NUMBERS)}"}
    for path in ("contact-change", "contact-change/withdraw"):
        foreign = await running.client.post(f"{partner.path}/{path}", json=contact(partner), headers=keyed)
        is_problem(foreign, 404, "not-found")
    own = await partner.put(f"{partner.path}/contact-correction", contact(partner))
    is_problem(own, 403, "forbidden")
