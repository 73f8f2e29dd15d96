"""A company enrolls in the portal, in a real browser and in German: by mouse, by keyboard alone, and without a script.

Skipped where Chromium or its driver is missing. Screenshots, narrow and wide, light and dark, are kept in the folder that
KONTOR_SHOTS names.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from harness.forkserver import fork
from journeys.test_browser import Window, opened, press, pytestmark, tab_to, window
from selenium.webdriver import Keys

from kontor_local.journey import enrolling
from kontor_local.journey.people import Company, Person
from kontor_local.journey.play import Stage, play, stage
from kontor_local.journey.report import Report
from kontor_local.journey.steps import STEPS
from kontor_local.stack import Stack

__all__ = ["pytestmark", "window"]

COMPANY = Company(
    name="Jäger Bürosysteme e.K.",
    kind="reseller",
    program="indirect-reseller",
    admin=Person("Jana Jäger", "jana.jaeger@jaeger-buero.example", "de", "Locher und Tacker im Schrank 5"),
    partner_id="4720450",
    membership_account="jaeger@membership.example",
    contact_email="karl.klein@jaeger-buero.example",
)
REGISTRY = next(n for n, step in enumerate(STEPS) if step.play is enrolling.registry_is_loaded)


@pytest.fixture(scope="module")
async def on(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """The registry is loaded and the company has a work account, behind one address."""
    async with Stack(tmp_path_factory.mktemp("enroll"), starter=fork, one_host=True) as stack, stage(stack) as on:
        report = Report()
        await play(on, STEPS[: REGISTRY + 1], report)
        assert report.ok, report.steps[-1]
        await enrolling.sign_up(on, COMPANY)
        yield on


async def signs_in(window: Window, host: str, who: Person, path: str) -> None:
    await window.open(f"{host}{path}")
    await window.type(email=who.email, password=who.password)
    await window.click("main button")


async def types(window: Window, **fields: str) -> None:
    """On the keyboard: Tab to each field and type."""
    for name, text in fields.items():
        await tab_to(window, f'[name="{name.replace("__", ".")}"]')
        await press(window, text)


async def enters(window: Window) -> None:
    """Enter in the last field sends the form."""
    await press(window, Keys.ENTER)


async def goes_on_without_a_script(window: Window, host: str) -> None:
    """Another browser resumes the draft: support contact, check, submission."""
    await window.open("data:text/html,<p id=said>no script</p><script>said.textContent = 'script'</script>")
    await window.see("no script")
    await signs_in(window, host, COMPANY.admin, "/enrollment?lang=de")
    await window.see("Ihre Registrierung: Entwurf")
    await window.click("#todo")
    await window.see("Hier bekommen Ihre Kunden Hilfe")
    await window.type(email="hilfe@jaeger-buero.example", phone="+49 221 7654321")
    await window.click("main form button")
    await window.see("Bitte prüfen Sie die Angaben")
    await window.shoot("enroll-6-check")
    await window.click("#submit-form button")
    await window.see("Die Registrierung ist abgeschickt")
    await window.shoot("enroll-7-waits")


async def test_a_company_enrolls_from_the_welcome_page_to_the_signature(
    on: Stage, window: Window, tmp_path: Path
) -> None:
    host, account = on.stack.public_url("identity"), enrolling.membership(COMPANY)

    # By mouse: home, welcome, partner id.
    await signs_in(window, host, COMPANY.admin, "/home?lang=de")
    await window.see("Registrieren Sie es, um mit Partnern und Kunden zu arbeiten")
    await window.click('.next a[href="/enrollment"]')
    await window.see("Was Sie in DE brauchen")
    await window.shoot("enroll-1-welcome")
    await window.click("main form button")
    await window.see("Die Registrierung ist begonnen")
    await window.shoot("enroll-2-draft")
    await window.click("#todo")
    await window.see("Mitgliedskonto")
    await window.shoot("enroll-3-account")
    await window.type(**account)
    await window.click("#account-form button")
    await window.see("Profil")
    await window.shoot("enroll-4-profiles")
    await window.choose("partner_id", COMPANY.partner_id)
    await window.click("#choice-form button")

    # By keyboard alone: legal profile, with its faults first.
    await window.see("Mit diesen Angaben bestätigen wir")
    await types(window, address__line1="Nordstraße 12", address__postal_code="123", address__city="Köln")
    await enters(window)
    await window.see("Eine Postleitzahl in DE sieht aus wie")
    await window.shoot("enroll-5-fault")
    # The one faulty field has the focus.
    await press(window, Keys.END, *[Keys.BACKSPACE] * 3, "50667")
    await enters(window)
    await window.see("Der Hauptansprechpartner beantwortet Fragen")
    await types(window, name="Karl Klein", email=COMPANY.contact_email, phone="+49 221 1234567")
    await enters(window)

    await window.see("Hier bekommen Ihre Kunden Hilfe")
    with opened(tmp_path / "other", script=False) as other:
        await goes_on_without_a_script(other, host)

    await window.open(f"{host}/enrollment")
    await window.see("Der Hauptansprechpartner öffnet den Link")
    COMPANY.enrollment_id = (await window.do(lambda driver: driver.current_url)).rpartition("/")[2].partition("?")[0]
    await enrolling.contact_confirms(on, COMPANY)
    await window.open(f"{host}/enrollment")
    await window.see("Die Mitarbeiter des Programms prüfen die Angaben")
    await window.shoot("enroll-8-in-review")
    assert await window.complaints() == []

    # The staff approve.
    await window.open(f"{host}/open?again=true&lang=de&to=/reviews")
    await window.type(email=on.operator.email, password=on.operator.password)
    await window.click("main button")
    await window.see("Prüfungen: 1")
    await window.shoot("enroll-9-queue")
    await window.click(f'main table a[href^="/reviews/{COMPANY.enrollment_id}"]')
    await window.see("Was Sie tun können")
    await window.shoot("enroll-10-case")
    await window.click('#actions a[href$="/approve"]')
    await window.see("Die Prüfung von Jäger")
    await window.shoot("enroll-11-approve")
    await window.click("main form button")
    await window.see("Die Zulassung ist gespeichert")

    # The company signs, by keyboard.
    await window.open(f"{host}/open?again=true&lang=de&to=/enrollment")
    await window.type(email=COMPANY.admin.email, password=COMPANY.admin.password)
    await window.click("main button")
    await window.see("Vereinbarung lesen und unterschreiben")
    await tab_to(window, "#todo")
    await press(window, Keys.ENTER)
    await window.see("Ihr Unternehmen ist zugelassen")
    await window.shoot("enroll-12-agreement")
    await tab_to(window, "input[name=accepted]")
    await press(window, Keys.SPACE)
    await tab_to(window, "#sign-form button")
    await press(window, Keys.ENTER)
    await window.see("Die Vereinbarung ist unterschrieben")
    await window.shoot("enroll-13-partner")
    assert await window.complaints() == []
