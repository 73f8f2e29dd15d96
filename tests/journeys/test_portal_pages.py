"""The reseller's program in the portal, in a real browser behind one address, in both languages.

Skipped where Chromium or its driver is missing. Screenshots, narrow and wide, light and dark, are kept in the folder that
KONTOR_SHOTS names.
"""

from collections.abc import AsyncIterator

import pytest
from harness.forkserver import fork
from journeys.test_browser import INVITED, Window, pytestmark, window

from kontor_local.journey.play import Stage, play, stage
from kontor_local.journey.report import Report
from kontor_local.journey.steps import STEPS
from kontor_local.stack import Stack

__all__ = ["pytestmark", "window"]

WORDS = {
    "de": {
        "home": "Was als Nächstes zu tun ist",
        "add": "Benutzer hinzufügen",
        "once": "nur einmal angezeigt",
        "providers": "Administratorzugriff",
        "draft": "Entwurf der E-Mail",
        "open": "Die Einladung ist jetzt offen",
        "customers": "Kunden:",
        "security": "Wo Sie angemeldet sind",
        "activity": "Alle Zeiten sind in UTC",
        "out": "abgemeldet",
    },
    "en": {
        "home": "What to do next",
        "add": "Add user",
        "once": "shown only once",
        "providers": "Administrator access",
        "draft": "Draft of the mail",
        "open": "The invitation is open now",
        "customers": "Customers:",
        "security": "Where you are signed in",
        "activity": "All times are in UTC",
        "out": "signed out",
    },
}


@pytest.fixture(scope="module")
async def on(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Reseller and provider work together, behind one address."""
    async with Stack(tmp_path_factory.mktemp("portal"), starter=fork, one_host=True) as stack, stage(stack) as on:
        report = Report()
        await play(on, STEPS[: INVITED + 1], report)
        assert report.ok, report.steps[-1]
        yield on


@pytest.mark.parametrize("language", ["de", "en"])
async def test_the_reseller_works_in_the_portal(language: str, on: Stage, window: Window) -> None:
    words, host, admin = WORDS[language], on.stack.public_url("identity"), on.reseller.admin

    async def look(path: str, said: str) -> None:
        await window.open(f"{host}{path}")
        await window.see(said)
        await window.shoot(f"portal-{language}{path.partition('?')[0].replace('/', '-')}")

    await window.open(f"{host}/home?lang={language}")
    await window.type(email=admin.email, password=admin.password)
    await window.click("main button")
    await look("/home", words["home"])
    await look("/users", admin.email)
    await look("/users/add", words["add"])
    await window.type(full_name="Ömer Güneş", email=f"oemer.{language}@mueller-soehne.example")
    await window.click('input[name=roles][value="helpdesk-agent"]')
    await window.click("main form button")
    await window.see(words["once"])
    await window.shoot(f"portal-{language}-user-added")
    await look("/providers", words["providers"])
    await look("/customers", words["customers"])
    await window.open(f"{host}/customers/invite")
    await window.type(name="Käthe Süß", email=f"kaethe.{language}@baeckerei-suess.example")
    await window.click("main form button")
    await window.see(words["draft"])
    await window.shoot(f"portal-{language}-draft")
    await window.click("#done-form button[value=done]")
    await window.see(words["open"])
    await look("/security", words["security"])
    await look("/activity", words["activity"])
    await window.click(".leave button")
    await window.see(words["out"])
    assert await window.complaints() == []
