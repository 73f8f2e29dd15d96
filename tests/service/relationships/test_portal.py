"""The pages about partnerships, invitations and customers in the portal, walked by a browser without scripts."""

from collections.abc import AsyncIterator, Callable
from urllib.parse import unquote

import pytest
from harness.browser import Browser
from harness.portal import FORM_SECRET
from service.relationships.stage import Company, Stage

from kontor_contracts.portal import FORM_COOKIE, SESSION_COOKIE

pytest_plugins = ("service.relationships.fixtures",)

Enter = Callable[[Company], Browser]


def address(company: Company) -> str:
    """Of the company's user."""
    return f"user-{company.organization_id}@example.com"


async def customer_of(reseller: Company, customer: Company, stage: Stage) -> None:
    sent = await stage.invited(reseller, "customer", to=address(customer))
    assert (await stage.accept(customer, sent)).status_code == 200
    await stage.listed(reseller, "/v1/customers")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with Browser() as browser:
        yield browser


@pytest.fixture
def enter(browser: Browser, stage: Stage) -> Enter:
    def enter(company: Company) -> Browser:
        token = stage.token(company)["Authorization"].removeprefix("Bearer ")
        browser.client.cookies.clear()
        browser.client.cookies.update({SESSION_COOKIE: token, FORM_COOKIE: FORM_SECRET})
        browser.address = stage.running.url
        return browser

    return enter


async def test_a_reseller_sees_an_invitation_and_then_its_provider(
    stage: Stage, enter: Enter, provider: Company, reseller: Company
) -> None:
    sent = await stage.invited(provider, "partnership", to=address(reseller))
    browser = await enter(reseller).open("/providers?lang=en")
    assert f"{provider.name} would like to be your indirect provider" in browser.text
    assert sent["invitation_id"] in browser.text
    await stage.accept(reseller, sent)
    await stage.listed(reseller, "/v1/providers")
    await browser.open("/providers?lang=de")
    assert f">{provider.name}</a>" in browser.text and "möchte Ihr indirekter Anbieter sein" not in browser.text
    await enter(provider).open("/resellers")
    assert reseller.partner_id in browser.text


async def test_administrator_access_is_taken_away_and_the_partnership_ended(
    stage: Stage, enter: Enter, provider: Company, reseller: Company
) -> None:
    await stage.connected(provider, reseller)
    (row,) = await stage.listed(reseller, "/v1/providers")
    partnership = row["partnership_id"]
    browser = await enter(reseller).open(f"/providers/{partnership}/admin-access?lang=en")
    await browser.submit(f"/providers/{partnership}/admin-access")
    assert "has no administrator access any more" in browser.text
    await browser.click(f"/providers/{partnership}/end")
    await browser.submit(f"/providers/{partnership}/end", reason="by-agreement", comment="Thank you.")
    assert "The partnership is ended" in browser.text and "Thank you." in browser.text


async def test_a_customer_is_asked_for_a_relationship_by_a_mail_of_one_s_own(
    stage: Stage, enter: Enter, reseller: Company
) -> None:
    browser = await enter(reseller).open("/customers/invite?lang=en")
    await browser.submit("/customers/invite", name="Käthe Süß", email="kaethe.suess@baeckerei-suess.example")
    assert "/invited/" in browser.address and "Draft of the mail" in browser.text
    path = browser.address.removeprefix(stage.running.url).partition("?")[0]
    await browser.submit(f"{path}/mail", subject="Zusammenarbeit", body="Guten Tag,\n\n{link}\n\nbis bald")
    assert (
        "The text was saved" in browser.text and "mailto:" in browser.text and "Zusammenarbeit" in unquote(browser.text)
    )
    mail = await browser.client.get(f"{stage.running.url}{path}/message.eml")
    assert mail.status_code == 200 and "message/rfc822" in mail.headers["content-type"]
    # A browser sends the button that was pressed.
    await browser.press(path, "done")
    assert "The invitation is open now" in browser.text
    await browser.press(path, "revoke")
    assert "taken back" in browser.text


async def test_a_text_without_its_link_is_refused_and_kept(stage: Stage, enter: Enter, reseller: Company) -> None:
    browser = await enter(reseller).open("/customers/invite?lang=de")
    await browser.submit("/customers/invite", name="Käthe Süß", email="kaethe@baeckerei-suess.example")
    path = browser.address.removeprefix(stage.running.url).partition("?")[0]
    await browser.submit(f"{path}/mail", subject="Hallo", body="ohne Adresse")
    assert browser.page.status_code in {409, 422} and "ohne Adresse" in browser.text
    assert "<title>Fehler: " in browser.text


async def test_customers_are_listed_shown_and_the_relationship_ended(
    stage: Stage, enter: Enter, reseller: Company, customer: Company
) -> None:
    await customer_of(reseller, customer, stage)
    browser = await enter(reseller).open("/customers?lang=en&q=Süß")
    assert "Customers: 1" in browser.text and customer.name in browser.text
    export = await browser.client.get(f"{stage.running.url}/customers/export?q=Süß")
    assert export.headers["content-type"].startswith("text/csv") and customer.name in export.text
    await browser.click(f"/customers/{customer.organization_id}")
    await browser.click(f"/customers/{customer.organization_id}/end")
    await browser.submit(f"/customers/{customer.organization_id}/end", reason="We work with another company now.")
    assert "The relationship is ended" in browser.text
    await browser.open("/customers?state=ended")
    assert customer.name in browser.text


async def test_a_customer_sees_its_resellers_and_ends_one(
    stage: Stage, enter: Enter, reseller: Company, customer: Company
) -> None:
    sent = await stage.invited(reseller, "customer", to=address(customer))
    browser = await enter(customer).open("/my-resellers?lang=en")
    assert "Söhne GmbH would like to work for your company" in browser.text
    await stage.accept(customer, sent)
    await stage.listed(customer, "/v1/me/resellers")
    await browser.open("/my-resellers")
    await browser.click(f"/my-resellers/{reseller.partner_id}/end")
    await browser.submit(f"/my-resellers/{reseller.partner_id}/end")
    assert "The relationship is ended" in browser.text


async def test_what_belongs_to_another_company_is_not_found(
    stage: Stage, enter: Enter, provider: Company, reseller: Company, customer: Company
) -> None:
    await stage.connected(provider, reseller)
    (row,) = await stage.listed(reseller, "/v1/providers")
    partnership = row["partnership_id"]
    await customer_of(reseller, customer, stage)
    draft = await stage.invited(reseller, "customer")
    stranger = await stage.partner("reseller", name="Fremd GmbH")
    browser = enter(stranger)
    for path in (
        f"/providers/{partnership}",
        f"/providers/{partnership}/end",
        f"/customers/{customer.organization_id}",
        f"/invited/{draft['invitation_id']}",
    ):
        await browser.open(path)
        assert browser.page.status_code == 404 and customer.name not in browser.text, path
