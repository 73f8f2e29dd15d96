"""Companies and staff in the portal's pages of enrollment, with a browser that has no script."""

from collections.abc import Callable

from harness.browser import Browser
from harness.portal import FORM_SECRET
from harness.tokens import Tokens
from service.enrollment.company import ALL, Company

from kontor_contracts.portal import FORM_COOKIE, SESSION_COOKIE

Enter = Callable[..., Browser]
PROFILE = {
    "company_name": "Müller & Söhne IT GmbH",
    "address.line1": "Nordstraße 12",
    "address.postal_code": "50667",
    "address.city": "Köln",
}
SUPPORT = {"email": "hilfe@firma.example", "phone": "+49 221 7654321", "website": ""}


def of_company(browser: Browser, company: Company, *permissions: str, user: str = "") -> Browser:
    """The browser of a user of the company; by default its global admin."""
    token = company.tokens.for_user(
        company.organization_id,
        organization_kind=company.kind,
        country=company.country,
        permissions=permissions or ALL,
        user_id=user or None,
        culture="en",
    )
    return _signed_in(browser, company, token)


def of_staff(browser: Browser, company: Company, tokens: Tokens, user: str = "olga") -> Browser:
    permissions = ("enrollment:read", "enrollment:review", "profiles:import", "agreements:publish")
    token = tokens.for_user("program", organization_kind="operator", permissions=permissions, user_id=user)
    return _signed_in(browser, company, token)


def _signed_in(browser: Browser, company: Company, token: str) -> Browser:
    browser.client.cookies.clear()
    browser.client.cookies.update({SESSION_COOKIE: token, FORM_COOKIE: FORM_SECRET})
    browser.address = company.running.url
    return browser


def path(browser: Browser) -> str:
    """Of the page that is shown, without its query."""
    return "/" + browser.address.split("/", 3)[3].partition("?")[0]
