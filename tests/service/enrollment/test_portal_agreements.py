"""The staff's pages about versions of the agreement in the portal. A process of its own: a version concerns all partners."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from harness.browser import Browser
from harness.running import Running
from harness.tokens import Tokens
from service.conftest import Service
from service.enrollment.company import new_company
from service.enrollment.portal import of_staff, path


@pytest.fixture(scope="module")
async def running(service: Service) -> AsyncIterator[Running]:
    async with service("enrollment") as running:
        yield running


async def test_a_version_is_published_read_and_withdrawn(running: Running, tokens: Tokens) -> None:
    until = f"{datetime.now(UTC) + timedelta(days=60):%Y-%m-%d}"
    async with Browser() as browser:
        await of_staff(browser, new_company(running, tokens), tokens).open("/agreements?lang=en")
        assert "No version was published yet" in browser.text
        await browser.open("/agreements/publish")
        words = {"version": "2027-06", "title-en": "Agreement", "text-en": "1. Subject.\r\n\r\n2. Customers."}
        early = {**words, "accept_until": f"{datetime.now(UTC):%Y-%m-%d}"}
        await browser.submit("/agreements/publish", regions=["japan"], **early)
        assert browser.page.status_code in {409, 422} and "2. Customers." in browser.text
        assert 'id="accept_until-fault"' in browser.text or 'role="alert"' in browser.text
        await browser.submit("/agreements/publish", regions=["japan"], **{**words, "accept_until": until})
        assert path(browser) == "/agreements/2027-06" and "japan" in browser.text and "2. Customers." in browser.text
        await browser.open("/agreements/2027-06/withdraw")
        await browser.submit("/agreements/2027-06/withdraw")
        assert "The version is withdrawn" in browser.text
        await browser.open("/agreements?status=withdrawn")
        assert 'href="/agreements/2027-06"' in browser.text
