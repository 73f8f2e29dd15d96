"""Identity's pages in the portal, walked by a browser without scripts."""

import secrets
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
from harness.browser import Browser
from harness.running import Running
from service.conftest import Service
from service.identity.company import PASSWORD, Person, some_email

PAGES = (
    "/home",
    "/access",
    "/profile",
    "/security",
    "/security/second-factor",
    "/users",
    "/users/add",
    "/users/import",
)


@pytest.fixture(scope="module")
async def identity(service: Service) -> AsyncIterator[Running]:
    async with service("identity") as running:
        yield running


@pytest.fixture
async def admin(identity: Running) -> Person:
    return await Person.sign_up(identity)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with Browser() as browser:
        yield browser


async def enter(browser: Browser, person: Person, path: str = "/home", password: str = PASSWORD) -> Browser:
    await browser.open(f"{person.running.url}{path}")
    return await browser.send(email=person.email, password=password)


async def test_a_page_leads_through_the_sign_in_and_back_to_itself(browser: Browser, admin: Person) -> None:
    await enter(browser, admin, "/users?status=active&lang=en")
    assert browser.address == f"{admin.running.url}/users?status=active&lang=en"
    assert admin.email in browser.text and 'aria-current="page">User management' in browser.text


@pytest.mark.parametrize("language", ["de", "en"])
async def test_every_page_is_shown_in_both_languages(language: str, browser: Browser, admin: Person) -> None:
    await enter(browser, admin)
    for path in (*PAGES, f"/users/{admin.user_id}", f"/users/{admin.user_id}/disable", "/activity"):
        await browser.open(f"{admin.running.url}{path}?lang={language}")
        assert browser.page.status_code in {200, 403}, (path, browser.text)
        assert f'<html lang="{language}">' in browser.text and len(browser.page.content) < 150_000
        assert (browser.page.status_code == 403) is (
            path == "/activity" and "audit:read" not in await permissions(admin)
        )


async def permissions(person: Person) -> list[str]:
    found: list[str] = (await person.get("/v1/me")).json()["permissions"]
    return found


async def test_an_added_user_s_sign_in_information_is_shown_once(browser: Browser, admin: Person) -> None:
    await enter(browser, admin, "/users/add?lang=en")
    email, form = some_email(), browser.text
    typed = {"full_name": "Zoë Brown", "email": email, "culture": "en", "how": "add", "guest": ""}
    await browser.submit("/users/add", roles=["helpdesk-agent"], **typed)
    assert "shown only once" in browser.text and f"User name: {email}" in browser.text
    assert "Temporary password: " in browser.text and browser.page.headers["cache-control"] == "no-store"
    browser.page = type(browser.page)(200, text=form, headers=dict(browser.page.headers))
    browser.address = f"{admin.running.url}/users/add"
    await browser.submit("/users/add", roles=["helpdesk-agent"], **typed)
    assert "was shown before" in browser.text and "Temporary password: " not in browser.text


async def test_a_faulty_form_keeps_what_was_typed(browser: Browser, admin: Person) -> None:
    await enter(browser, admin, "/users/add?lang=de")
    typed = {"full_name": "Zoë Brown", "email": admin.email, "culture": "de", "how": "add", "guest": ""}
    await browser.submit("/users/add", roles=["helpdesk-agent"], **typed)
    assert browser.page.status_code == 409 and 'value="Zoë Brown"' in browser.text
    assert 'value="helpdesk-agent" checked' in browser.text and "<title>Fehler: " in browser.text


async def test_roles_are_changed_and_a_user_is_disabled_and_enabled(browser: Browser, admin: Person) -> None:
    colleague = await admin.add_new("helpdesk-agent")
    await enter(browser, admin, f"/users/{colleague.user_id}?lang=en")
    await browser.submit(f"/users/{colleague.user_id}/roles", roles=["admin-agent"])
    assert "The roles were changed" in browser.text
    for action, said in (("disable", "is disabled"), ("enable", "can sign in again")):
        await browser.click(f"/users/{colleague.user_id}/{action}")
        await browser.submit(f"/users/{colleague.user_id}/{action}")
        assert said in browser.text, browser.text


async def test_a_user_of_another_company_is_not_found(browser: Browser, admin: Person, identity: Running) -> None:
    stranger = await Person.sign_up(identity)
    await enter(browser, admin)
    for path in ("", "/disable", "/delete"):
        await browser.open(f"{identity.url}/users/{stranger.user_id}{path}")
        assert browser.page.status_code == 404 and stranger.email not in browser.text


async def test_an_import_shows_a_result_for_each_row(browser: Browser, admin: Person) -> None:
    await enter(browser, admin, "/users/import?lang=en")
    rows = f"full_name,email,roles\r\nZoë Brown,{some_email()},helpdesk-agent\r\nNobody,no address,\r\n"
    await browser.submit("/users/import", rows=rows)
    assert "Result of the import" in browser.text and "not imported" in browser.text and ">invited<" in browser.text


async def test_a_changed_role_reaches_the_portal_without_a_new_sign_in(browser: Browser, admin: Person) -> None:
    """The old cookie is void within seconds; the next page renews it from the browser's session."""
    colleague = await admin.add("helpdesk-agent")
    await enter(browser, colleague, "/home", "a helpdesk with a view 22")
    assert (await browser.open(f"{admin.running.url}/users")).page.status_code == 403
    await admin.put(f"/v1/users/{colleague.user_id}/roles", {"roles": ["admin-agent"]})
    browser.client.cookies.delete("kontor_portal")
    assert (await browser.open(f"{admin.running.url}/users")).page.status_code == 200


async def test_signing_out_ends_the_portal_and_the_session(browser: Browser, admin: Person) -> None:
    await enter(browser, admin, "/home?lang=en")
    kept = dict(browser.client.cookies)
    await browser.submit("/leave")
    assert "You are signed out" in browser.text and "kontor_portal" not in browser.client.cookies
    await browser.open(f"{admin.running.url}/home")
    assert urlsplit(browser.address).path == "/open"
    # What somebody copied before is worth nothing either: the session is over.
    browser.client.cookies.update({name: kept[name] for name in ("kontor_session", "kontor_browser")})
    await browser.open(f"{admin.running.url}/home")
    assert urlsplit(browser.address).path == "/open"


async def test_a_new_sign_in_has_new_cookies_and_form_tokens(browser: Browser, admin: Person) -> None:
    """Session fixation: cookies planted before the sign-in are not the ones after it."""
    planted = {"kontor_portal": "x", "kontor_form": secrets.token_urlsafe(32), "kontor_session": "a.b"}
    await browser.open(f"{admin.running.url}/open")
    browser.client.cookies.update(planted)
    await browser.send(email=admin.email, password=PASSWORD)
    assert urlsplit(browser.address).path == "/home"
    now = {cookie.name: cookie.value for cookie in browser.client.cookies.jar if cookie.domain}
    assert all(now[name] != value for name, value in planted.items())


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "/\\evil.example"])
async def test_the_sign_in_leads_to_no_other_host(to: str, browser: Browser, admin: Person) -> None:
    await browser.open(f"{admin.running.url}/open?to={to}")
    await browser.send(email=admin.email, password=PASSWORD)
    assert browser.address == f"{admin.running.url}/home"


async def test_a_password_is_changed_and_signs_in_again(browser: Browser, admin: Person) -> None:
    await enter(browser, admin, "/security?lang=en")
    new = "Mohnbrötchen um fünf 44"
    await browser.submit("/security/password", current_password=PASSWORD, new_password=new)
    assert urlsplit(browser.address).path == "/open"
    await browser.send(email=admin.email, password=new)
    assert urlsplit(browser.address).path == "/security"
