"""People's pages in a real browser, Debian's Chromium: a sign-up on the way to an invitation; a second factor, in two tabs.

Skipped where Chromium or its driver is missing (apt-get install chromium chromium-driver). Screenshots are kept in the
folder that KONTOR_SHOTS names.
"""

import asyncio
import base64
import os
import re
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any, TypeVar

import pytest
from harness.forkserver import fork
from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as when
from selenium.webdriver.support.ui import WebDriverWait
from support import eventually

from identity.credentials import totp
from kontor_local.journey import connecting, enrolling
from kontor_local.journey.people import Company, Person
from kontor_local.journey.play import Stage, play, stage
from kontor_local.journey.report import Report
from kontor_local.journey.steps import STEPS
from kontor_local.stack import Stack

T = TypeVar("T")

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=900,1000",
)
PATIENCE = 60.0
MOST_TABS = 30
"""Of any page."""
WIDTHS, SCHEMES = (320, 1280), ("light", "dark")
IGNORED = re.compile(r"favicon|status of 4(00|22)")
INVITED = next(n for n, step in enumerate(STEPS) if step.name == "reseller and provider invite a customer jointly")

pytestmark = [
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="NO BROWSER: apt-get install chromium chromium-driver"),
    pytest.mark.timeout(600),
]


class Window:
    """A browser of one person. Every call may block, so it runs beside the event loop, which catches the mails."""

    def __init__(self, driver: webdriver.Chrome, shots: Path) -> None:
        self._driver = driver
        self._shots = shots

    async def do(self, act: Callable[..., T], *arguments: object) -> T:
        return await asyncio.to_thread(act, self._driver, *arguments)

    async def open(self, address: str) -> None:
        await self.do(lambda driver: driver.get(address))

    async def tab(self) -> str:
        """A new tab, which is shown from now on."""
        await self.do(lambda driver: driver.switch_to.new_window("tab"))
        return await self.do(lambda driver: driver.current_window_handle)

    async def show(self, tab: str) -> None:
        await self.do(lambda driver: driver.switch_to.window(tab))

    async def click(self, css: str) -> None:
        found = when.element_to_be_clickable((By.CSS_SELECTOR, css))
        await self.do(lambda driver: WebDriverWait(driver, PATIENCE).until(found).click())

    async def type(self, **fields: str) -> None:
        for name, text in fields.items():
            await self._type(name, text)

    async def _type(self, name: str, text: str) -> None:
        found = when.visibility_of_element_located((By.NAME, name))
        await self.do(lambda driver: WebDriverWait(driver, PATIENCE).until(found).send_keys(text))

    async def choose(self, name: str, value: str) -> None:
        """In a list, or the one of several buttons with this name."""
        await self.click(f'select[name="{name}"] option[value="{value}"], input[name="{name}"][value="{value}"]')

    async def see(self, words: str) -> str:
        """Wait for these words; the whole text of the page."""
        found = when.text_to_be_present_in_element((By.TAG_NAME, "body"), words)
        try:
            await self.do(lambda driver: WebDriverWait(driver, PATIENCE).until(found))
        except TimeoutException as error:
            raise AssertionError(f"no {words!r} in:\n{await self.do(_text)}") from error
        return await self.do(_text)

    async def shoot(self, name: str) -> None:
        """The whole page as pictures, narrow and wide, light and dark. No page may be wider than its window."""
        for width, scheme in product(WIDTHS, SCHEMES):
            await self.do(resize, width, scheme)
            await self.do(
                lambda driver, to: driver.save_screenshot(to), str(self._shots / f"{name}-{width}-{scheme}.png")
            )

    async def complaints(self) -> list[str]:
        """What the browser's console says of blocked things. A page with a fault (400, 422) is none."""
        lines: list[dict[str, Any]] = await self.do(lambda driver: driver.get_log("browser"))
        return [line["message"] for line in lines if not IGNORED.search(line["message"])]


def _text(driver: webdriver.Chrome) -> str:
    return driver.find_element(By.TAG_NAME, "body").text


def resize(driver: webdriver.Chrome, width: int, scheme: str) -> None:
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    size = {"width": width, "height": 1, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    needs, height = driver.execute_script(
        "const page = document.documentElement; return [page.scrollWidth, page.scrollHeight]"
    )
    assert needs <= width, f"the page needs {needs} pixels and has {width}"
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size | {"height": height})


@pytest.fixture(scope="module")
async def on(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Reseller and provider work together and have invited a customer."""
    async with Stack(tmp_path_factory.mktemp("browser"), starter=fork) as stack, stage(stack) as on:
        report = Report()
        await play(on, STEPS[: INVITED + 1], report)
        assert report.ok, report.steps[-1]
        yield on


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Window]:
    with opened(tmp_path) as window:
        yield window


@contextmanager
def opened(folder: Path, *, script: bool = True) -> Iterator[Window]:
    """A browser of its own. ``script`` False: as its settings have it for people who allow no site to run scripts."""
    shots = Path(os.environ.get("KONTOR_SHOTS", folder))
    shots.mkdir(parents=True, exist_ok=True)
    options = Options()
    assert CHROMIUM is not None and DRIVER is not None
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={folder / 'profile'}", "--lang=de"):
        options.add_argument(flag)
    if not script:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, Service(DRIVER))
    try:
        yield Window(driver, shots)
    finally:
        driver.quit()


async def authenticator(on: Stage, who: Person) -> Callable[[], str]:
    """Turn the second factor on; what the app shows when asked, each code once."""
    api = on.api("identity", who)
    begun = await api.post("/v1/me/second-factor", {"current_password": who.password})
    secret = base64.b32decode(begun["secret"] + "=" * (-len(begun["secret"]) % 8))
    used = totp.step_at(datetime.now(UTC)) - 1
    await api.post("/v1/me/second-factor/confirm", {"code": totp.code(secret, used)})

    def code() -> str:
        nonlocal used
        used = max(totp.step_at(datetime.now(UTC)), used + 1)
        return totp.code(secret, used)

    return code


async def test_an_invitation_is_accepted_with_a_second_factor(on: Stage, window: Window) -> None:
    customer = on.customer.admin
    joint = await on.mail(customer.email, "/invitations/")
    link = next(link for link in joint.links if "/invitations/" in link)
    draft = await connecting.invite(on, on.reseller, "customer", customer)
    second = (await on.api("relationships", on.reseller.admin).post(f"/v1/invitations/{draft['invitation_id']}/send"))[
        "link"
    ]
    await enrolling.sign_up(on, on.customer)
    code = await authenticator(on, customer)

    first_tab = await window.do(lambda driver: driver.current_window_handle)
    await window.open(link)
    await window.see("möchten für Sie tätig werden")
    await window.shoot("1-invitation")
    await window.click("#sign-in")
    await window.see("Anmelden")
    await window.shoot("2-sign-in")
    second_tab = await window.tab()
    await window.open(second)
    await window.click("#sign-in")
    await window.see("Anmelden")

    await window.show(first_tab)
    await window.type(email=customer.email, password="Nicht mein Kennwort 1")
    await window.click("button")
    await window.see("passen nicht zusammen")
    await window.shoot("3-wrong-password")
    await window.type(password=customer.password)
    await window.click("button")
    await window.see("Code eingeben")
    await window.shoot("4-code")
    await window.type(code=code())
    await window.click("button")
    await window.see(f"({customer.email})")
    await window.shoot("5-signed-in")
    await window.click("input[name=consent]")
    await window.click("form button")
    await window.see("Ihr Unternehmen hat zugestimmt")
    await window.shoot("6-accepted")

    await window.show(second_tab)
    await window.type(email=customer.email, password=customer.password)
    await window.click("button")
    await window.type(code=code())
    await window.click("button")
    await window.see(f"({customer.email})")
    assert await window.do(lambda driver: driver.current_url) == second
    await window.shoot("7-second-tab")
    assert await window.complaints() == []


async def test_a_new_company_signs_up_on_its_way(on: Stage, window: Window) -> None:
    who = Person("Änne Weiß", "aenne.weiss@gaertnerei-weiss.example", "de", "Gießkanne unter Apfelbäumen")
    draft = await connecting.invite(on, on.reseller, "customer", who)
    api = on.api("relationships", on.reseller.admin)
    link = (await api.post(f"/v1/invitations/{draft['invitation_id']}/send"))["link"]

    await window.open(link)
    await window.click("#sign-in")
    await window.click('a[href^="create-account"]')
    await window.see("Arbeitskonto anlegen")
    await window.shoot("8-create-account")
    await window.type(full_name=who.name, email=who.email, company="Gärtnerei Weiß GbR", password="Gärtnerei 2026")
    await window.choose("country", "DE")
    await window.choose("kind", "customer")
    await window.click("button")
    await window.see("leicht zu erraten")
    await window.shoot("9-poor-password")
    await window.type(password=who.password)
    await window.click("button")
    await window.see("Sehen Sie in Ihre E-Mails")
    await window.shoot("10-mailed")

    mail = await on.mail(who.email, "/verify-address")
    await window.open(next(link for link in mail.links if "/verify-address" in link))
    await window.see("Gärtnerei Weiß GbR")
    await window.shoot("11-verify-address")
    await window.type(password=who.password)
    await window.click("button")
    await window.see(f"({who.email})")
    assert await window.do(lambda driver: driver.current_url) == link
    await window.shoot("12-back-at-the-invitation")
    await window.click("input[name=consent]")
    await window.click("form button")
    await window.see("Ihr Unternehmen hat zugestimmt")
    assert await window.complaints() == []


async def invited(on: Stage, who: Person) -> str:
    """The link of an invitation to this person."""
    draft = await connecting.invite(on, on.reseller, "customer", who)
    api = on.api("relationships", on.reseller.admin)
    link: str = (await api.post(f"/v1/invitations/{draft['invitation_id']}/send"))["link"]
    return link


async def press(window: Window, *keys: str) -> None:
    """On the keyboard, whatever has the focus."""
    await window.do(lambda driver: ActionChains(driver).send_keys(*keys).perform())


async def tab_to(window: Window, css: str) -> None:
    """Tab, as somebody without a mouse does, until this element has the focus."""
    for _ in range(MOST_TABS):
        await press(window, Keys.TAB)
        if await window.do(
            lambda driver: driver.execute_script("return document.activeElement.matches(arguments[0])", css)
        ):
            return
    raise AssertionError(f"the keyboard does not reach {css}")


async def test_an_invitation_is_declined_by_keyboard_alone(on: Stage, window: Window) -> None:
    who = Person("Nele Nein", "nele@nein-danke.example", "de", "")
    await window.do(lambda driver: driver.set_window_size(320, 800))
    await window.open(await invited(on, who))
    await window.see("möchte für Sie tätig werden")
    overflow = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await window.do(lambda driver: driver.execute_script(overflow)) == 0
    await window.shoot("13-invitation-narrow")
    await tab_to(window, 'a[href*="/decline"]')
    await press(window, Keys.ENTER)
    await window.see("Wenn Sie ablehnen")
    await tab_to(window, "textarea[name=reason]")
    await press(window, "Wir sind versorgt.")
    await window.shoot("14-decline")
    await tab_to(window, "form button")
    await press(window, Keys.ENTER)
    await window.see("Sie haben die Einladung abgelehnt")
    await window.shoot("15-declined")
    told = await on.mail(on.reseller.admin.email, "Wir sind versorgt")
    assert "Nele Nein" in told.subject
    assert await window.complaints() == []


async def test_the_wrong_person_asks_to_be_let_in(on: Stage, window: Window) -> None:
    other = Company(
        "Café Fremd",
        "customer",
        "",
        Person("Fritz Fremd", "fritz@cafe-fremd.example", "de", "sieben Löffel unterm Sofa"),
    )
    await enrolling.sign_up(on, other)
    link = await invited(on, Person("Rita Richtig", "rita@richtig.example", "de", ""))
    await window.open(link)
    await window.click("#sign-in")
    await window.type(email=other.admin.email, password=other.admin.password)
    await window.click("button")
    text = await window.see("mit einer anderen Adresse angemeldet")
    assert "r***@richtig.example" in text
    await window.shoot("16-wrong-person")
    await window.click("#ask button")
    await window.see("um Zulassung gebeten")
    await window.shoot("17-asked")
    told = await on.mail(on.reseller.admin.email, "Café Fremd")
    assert other.admin.email in told.text

    id = link.partition("/invitations/")[2].partition("?")[0]
    api = on.api("relationships", on.reseller.admin)
    (request,) = (await api.get(f"/v1/invitations/{id}"))["access_requests"]
    await api.post(f"/v1/invitations/{id}/access-requests/{request['request_id']}/confirm")
    let_in = await on.mail(other.admin.email, "zugelassen")
    await window.open(next(link for link in let_in.links if "/invitations/" in link))
    await window.see("Was Ihre Zustimmung bedeutet")
    await tab_to(window, "input[name=consent]")
    await press(window, Keys.SPACE)
    await tab_to(window, "form button")
    await press(window, Keys.ENTER)
    await window.see("Wie es weitergeht")
    await window.shoot("18-accepted-by-keyboard")
    assert await window.complaints() == []


async def test_a_joint_invitation_is_accepted_with_the_second_box(on: Stage, window: Window) -> None:
    """The customer is known from another portal. It says so on the page, and its partners keep their rights."""
    customer = Company(
        "Buchhandlung Süß KG",
        "customer",
        "",
        Person("Käthe Süß", "kaethe@buch-suess.example", "de", "Regal an der Treppe"),
    )
    await enrolling.sign_up(on, customer)
    await connecting.portal_imports(on, "Buchhandlung Süß", "K-300400")
    api = on.api("relationships", on.reseller.admin)

    async def there() -> list[str]:
        items = (await api.get("/v1/customers?q=buchhandlung"))["items"]
        return [one["customer_id"] for one in items]

    (imported,) = await eventually(there, timeout=PATIENCE)
    draft = await connecting.invite(on, on.reseller, "customer-joint", customer.admin, on.provider.organization_id)
    link = (await api.post(f"/v1/invitations/{draft['invitation_id']}/send"))["link"]
    await window.open(link)
    await window.click("#sign-in")
    await window.type(email=customer.admin.email, password=customer.admin.password)
    await window.click("button")
    text = await window.see("Unser Unternehmen ist auch der Kunde Buchhandlung Süß")
    assert "Vergleichen Sie die Nummer mit Ihren Rechnungen" in text
    assert on.reseller.name in text and on.provider.name in text
    await window.shoot("19-second-box")
    await tab_to(window, "input[name=consent]")
    await press(window, Keys.SPACE)
    await tab_to(window, "input[name=same_as]")
    await press(window, Keys.SPACE)
    await window.shoot("20-both-boxes")
    await tab_to(window, "form button")
    await press(window, Keys.ENTER)
    await window.see("Ihr Unternehmen hat zugestimmt")
    await window.shoot("21-accepted-with-both")
    own = on.api("relationships", customer.admin)

    async def matched() -> bool:
        found = (await own.get("/v1/me/matches"))["matches"]
        return [one["imported_id"] for one in found] == [imported]

    await eventually(matched, timeout=PATIENCE)
    partners = {one["name"] for one in (await own.get("/v1/me/resellers"))["items"]}
    assert partners == {on.reseller.name, on.provider.name}
    assert await window.complaints() == []


async def test_a_company_that_is_not_enrolled_is_led_to_its_enrollment(on: Stage, window: Window) -> None:
    other = Company(
        "Systemhaus Neu GmbH",
        "reseller",
        "",
        Person("Nora Neu", "nora@systemhaus-neu.example", "de", "Kabeltrommel im Aufzug"),
    )
    await enrolling.sign_up(on, other)
    draft = await connecting.invite(on, on.provider, "partnership", other.admin)
    api = on.api("relationships", on.provider.admin)
    link = (await api.post(f"/v1/invitations/{draft['invitation_id']}/send"))["link"]
    await window.open(link)
    await window.click("#sign-in")
    await window.type(email=other.admin.email, password=other.admin.password)
    await window.click("button")
    text = await window.see("ist noch kein aktiver indirekter Reseller")
    assert "Öffnen Sie danach diesen Link noch einmal" in text
    assert await window.do(lambda driver: driver.find_elements(By.CSS_SELECTOR, "form#accept")) == []
    await window.shoot("22-not-enrolled")
    assert await window.complaints() == []
