"""Three years of a reseller in a minute: the clock of all services is moved, and every mail that this causes is sent once.

A forgotten draft, a mistyped contact, documents, a rejection and its appeal, activation, a partnership, another legal name, a
new version of the agreement, another primary contact and an objection, a year confirmed, a year forgotten, the wait, and a
new enrollment.
"""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from harness.clock import Clock
from harness.forkserver import fork
from support import eventually

from kontor_local.journey import connecting, enrolling
from kontor_local.journey.client import until
from kontor_local.journey.pages import read_forms
from kontor_local.journey.play import Stage, stage
from kontor_local.mails import Mail
from kontor_local.stack import Stack

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
NEW_NAME = "Müller Cloud SE"
OTHER_CONTACT = "bela.weiss@mueller-soehne.example"
WRONG_CONTACT = "anna.schafer@mueller-soehne.example"
# Nobody has an authenticator app here.
SETTINGS = {"SECOND_FACTOR_GRACE": str(10 * 365 * 24 * 3600)}

APPLICANT = {
    "address-verification": 1,
    "enrollment-reminder": 3,
    "invitation": 1,
    "review-started": 1,
    "documents-requested": 1,
    "documents-received": 1,
    "enrollment-rejected": 1,
    "appeal-received": 1,
    "enrollment-approved": 1,
    "enrollment-activated": 1,
    "legal-change-proposed": 1,
    "legal-change-accepted": 1,
    "agreement-to-accept": 1,
    "agreement-accepted": 1,
    "contact-changed": 2,
    "reauthorization-due": 5,
    "reauthorization-confirmed": 1,
    "reauthorization-missed": 1,
    "enrollment-possible-again": 1,
}
"""Mails to the user who enrolled the company, by template."""
CONTACT = {
    "contact-verification": 1,
    "review-started": 1,
    "enrollment-reminder": 1,
    "documents-requested": 1,
    "documents-received": 1,
    "enrollment-rejected": 1,
    "appeal-received": 1,
    "enrollment-approved": 1,
    "enrollment-activated": 1,
    "partnership-established": 1,
    "legal-change-proposed": 1,
    "legal-change-accepted": 1,
    "agreement-to-accept": 1,
    "agreement-accepted": 1,
    "contact-change-noticed": 1,
    "contact-changed": 2,
    "reauthorization-due": 5,
    "reauthorization-confirmed": 1,
    "partnership-ended": 1,
    "reauthorization-missed": 1,
    "enrollment-possible-again": 1,
}
"""To its primary contact."""
NEW_CONTACT = {"contact-change-confirm": 1, "contact-changed": 2}
"""To the contact that the reseller named, until the one before objected."""
PROVIDER = {
    "agreement-to-accept": 1,
    "agreement-accepted": 1,
    "reseller-reauthorization-due": 2,
    "reseller-reauthorized": 1,
    "partnership-established": 1,
    "partnership-ended": 1,
}
"""To the contact of its provider, beside the mails of the provider's own enrollment."""


class Years:
    """The stage, and the clock of its services."""

    def __init__(self, on: Stage, clock: Clock) -> None:
        self.on, self.clock = on, clock

    @property
    def path(self) -> str:
        return f"/v1/enrollments/{self.on.reseller.enrollment_id}"

    async def days(self, days: float) -> None:
        """Let time pass. Everybody signs in again: a token is valid for minutes."""
        self.clock.forward(days=days)
        for who in (self.on.operator, self.on.provider.admin, self.on.reseller.admin):
            if who.token:
                await self.on.sign_in(who)

    async def staff(self, method: str, path: str, body: Any) -> Any:
        api = self.on.api("enrollment", self.on.operator)
        return await (api.put(path, body) if method == "PUT" else api.post(path, body))

    async def company(self, method: str, what: str, body: Any = None) -> Any:
        api, path = self.on.api("enrollment", self.on.reseller.admin), f"{self.path}/{what}"
        return await (api.put(path, body) if method == "PUT" else api.post(path, body))

    async def status(self, wanted: str) -> None:
        api = self.on.api("enrollment", self.on.reseller.admin)
        await until(lambda: enrolling.enrollment_status(api, self.on.reseller), lambda seen: seen == wanted, wanted)

    async def mailed(self, to: str, template: str, number: int = 1) -> list[Mail]:
        """The mails of this template to the address, once there are as many."""

        def found() -> list[Mail]:
            mails = [mail for mail in self.on.stack.mailbox.mails() if to in mail.to and template_of(mail) == template]
            return mails if len(mails) >= number else []

        return await eventually(found)


@pytest.fixture
async def years(tmp_path: Path) -> AsyncIterator[Years]:
    clock = Clock(tmp_path / "clock")
    settings = SETTINGS | {"CLOCK_FILE": str(clock.file)}
    async with Stack(tmp_path / "stack", settings=settings, starter=fork) as stack, stage(stack) as on:
        yield Years(on, clock)


async def test_three_years_of_a_reseller_send_every_mail_once(years: Years) -> None:
    on = years.on
    await enrolling.operator_signs_in(on)
    await enrolling.registry_is_loaded(on)
    await enrolling.provider_is_enrolled(on)
    await a_forgotten_draft_and_a_mistyped_contact(years)
    await documents_a_rejection_and_its_appeal(years)
    await enrolling.operator_approves_and_company_signs(on, on.reseller)
    await connecting.provider_invites_reseller(on)
    await connecting.reseller_authorizes_provider(on)
    await another_legal_name(years)
    await a_new_version_of_the_agreement(years)
    await another_contact_and_an_objection(years)
    await a_confirmed_year(years)
    await a_forgotten_year_and_the_wait(years)
    await enrolling.start_enrollment(on, on.reseller)
    await years.status("draft")
    reseller, provider = on.reseller, on.provider
    assert await templates(years, reseller.admin.email, APPLICANT) == APPLICANT
    assert await templates(years, reseller.contact_email, CONTACT) == CONTACT
    assert await templates(years, WRONG_CONTACT, {}) == {"contact-verification": 1}
    assert await templates(years, OTHER_CONTACT, NEW_CONTACT) == NEW_CONTACT
    assert PROVIDER.items() <= (await templates(years, provider.contact_email, PROVIDER)).items()
    sent = [mail.message_id for mail in on.stack.mailbox.mails()]
    assert len(sent) == len(set(sent))


async def a_forgotten_draft_and_a_mistyped_contact(years: Years) -> None:
    on, reseller = years.on, years.on.reseller
    await enrolling.sign_up(on, reseller)
    await enrolling.start_enrollment(on, reseller)
    await years.days(24)
    await years.mailed(reseller.admin.email, "enrollment-reminder")
    right, reseller.contact_email = reseller.contact_email, WRONG_CONTACT
    await enrolling.give_information(on, reseller)
    await enrolling.submit(on, reseller)
    await years.mailed(WRONG_CONTACT, "contact-verification")
    await years.days(8)
    await years.mailed(reseller.admin.email, "enrollment-reminder", 2)
    reseller.contact_email = right
    contact = {"name": "Anna Schäfer", "email": right, "phone": "+49 221 1234567", "culture": "de"}
    await years.company("PUT", "primary-contact", contact)
    await enrolling.contact_confirms(on, reseller)


async def documents_a_rejection_and_its_appeal(years: Years) -> None:
    on, file = years.on, f"/v1/reviews/{years.on.reseller.enrollment_id}"
    asked = {
        "step": "business",
        "documents": [{"kind": "registry-record"}],
        "explanation": "Nicht älter als drei Monate.",
    }
    await years.staff("POST", f"{file}/documents", asked)
    await years.mailed(on.reseller.contact_email, "documents-requested")
    await years.days(24)
    await years.mailed(on.reseller.admin.email, "enrollment-reminder", 3)
    keyed = {"authorization": f"Bearer {on.reseller.admin.token}", "idempotency-key": str(uuid4())}
    url = f"{on.stack.public_url('enrollment')}{years.path}/documents/1/files"
    uploaded = await on.http.post(url, content=PDF, params={"name": "Auszug.pdf"}, headers=keyed)
    assert uploaded.json()["status"] == "in-review", uploaded.text
    reject = {"decision": "reject", "reason": "business-not-verified", "explanation": "Der Auszug ist zu alt."}
    await years.staff("POST", f"{years.path}/review", reject)
    await years.mailed(on.reseller.contact_email, "enrollment-rejected")
    await years.days(10)
    await years.company("POST", "appeal", {"statement": "Der Auszug ist von letzter Woche."})
    await years.mailed(on.reseller.contact_email, "appeal-received")


async def another_legal_name(years: Years) -> None:
    on = years.on
    address = {"line1": "Südstraße 1", "line2": "", "city": "Köln", "state": "", "postal_code": "50667"}
    change = {"company_name": NEW_NAME, "address": address, "registration_id": None}
    await years.days(100)
    proposed = await years.company("PUT", "legal-change", change)
    assert proposed["company_name"] == on.reseller.name
    await years.staff("POST", f"{years.path}/legal-change/review", {"decision": "accept"})
    identity = on.api("identity", on.reseller.admin)
    organization = f"/v1/organizations/{on.reseller.organization_id}"
    await until(lambda: identity.get(organization), lambda seen: seen["name"] == NEW_NAME, "the new name in identity")
    seen = on.api("relationships", on.provider.admin)
    await until(
        lambda: seen.get("/v1/resellers"),
        lambda page: [item["name"] for item in page["items"]] == [NEW_NAME],
        "the new name in the provider's list",
    )


async def a_new_version_of_the_agreement(years: Years) -> None:
    on, until = years.on, years.clock.now() + timedelta(days=60)
    texts = [{"language": "en", "title": "Partner agreement", "text": "1. A new subject."}]
    edition = {"version": "2027-06", "texts": texts, "accept_until": until.isoformat()}
    await on.api("enrollment", on.operator).post("/v1/agreements/editions", edition, expect=201)
    for company in (on.reseller, on.provider):
        await years.mailed(company.contact_email, "agreement-to-accept")
        accepted = {"version": "2027-06", "accepted": True, "language": "en"}
        path = f"/v1/enrollments/{company.enrollment_id}/agreement"
        shown = await on.api("enrollment", company.admin).post(path, accepted)
        assert (shown["status"], shown["agreement_version"], shown["acceptance"]) == ("active", "2027-06", None)
        await years.mailed(company.contact_email, "agreement-accepted")


async def another_contact_and_an_objection(years: Years) -> None:
    on, present = years.on, years.on.reseller.contact_email
    named = {"name": "Béla Weiß", "email": OTHER_CONTACT, "phone": "+49 221 1234568", "culture": "de"}
    await years.company("POST", "contact-change", named)
    for to, template, answer in (
        (OTHER_CONTACT, "contact-change-confirm", "confirm"),
        (present, "contact-change-noticed", "object"),
    ):
        (mail,) = await years.mailed(to, template)
        await press(years, next(link for link in mail.links if "/contact-change/" in link), answer)
        await years.mailed(present, "contact-changed", 1 if answer == "confirm" else 2)
    shown = await on.api("enrollment", on.reseller.admin).get(years.path)
    assert shown["primary_contact"]["email"] == present


async def press(years: Years, link: str, answer: str) -> None:
    browser = years.on.api("enrollment")
    (form,) = read_forms(await browser.page(link))
    button = next(each for each in form.buttons if each[1] == answer)
    await browser.submit(form.action if form.action.startswith("http") else link, form.fields | dict([button]))


async def a_confirmed_year(years: Years) -> None:
    on, contact = years.on, years.on.reseller.contact_email
    await years.days(176)
    await years.mailed(on.provider.contact_email, "reseller-reauthorization-due")
    await years.days(60)
    await years.mailed(contact, "reauthorization-due", 2)
    shown = await on.api("enrollment", on.reseller.admin).get(years.path)
    confirmed = {"confirmed": shown["reauthorization"]["confirmations"]}
    await years.company("POST", "reauthorization/confirm", confirmed)
    await years.mailed(on.provider.contact_email, "reseller-reauthorized")


async def a_forgotten_year_and_the_wait(years: Years) -> None:
    on, contact = years.on, years.on.reseller.contact_email
    await years.days(305)
    await years.mailed(contact, "reauthorization-due", 3)
    for days, number in ((60, 4), (23, 5)):
        await years.days(days)
        await years.mailed(contact, "reauthorization-due", number)
    await years.days(8)
    await years.status("ended")
    await years.mailed(on.provider.contact_email, "partnership-ended")
    start = {"program": on.reseller.program}
    api = on.api("enrollment", on.reseller.admin)
    await api.refused("POST", "/v1/enrollments", start, status=409, code="waiting")
    await years.days(366)
    await years.mailed(contact, "enrollment-possible-again")


async def templates(years: Years, to: str, wanted: dict[str, int]) -> dict[str, int]:
    """How many mails of each template the address got, once there are as many as are wanted."""

    def counted() -> Counter[str]:
        return Counter(template_of(mail) for mail in years.on.stack.mailbox.mails() if to in mail.to)

    await eventually(lambda: counted().total() >= sum(wanted.values()))
    return dict(counted())


def template_of(mail: Mail) -> str:
    return str(message_from_bytes(mail.raw)["X-Kontor-Template"])
