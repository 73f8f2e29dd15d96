"""The one sign-in page: an invitation's addressee is sent there, proves who it is, and comes back to accept."""

import asyncio
import json
import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from harness.browser import Browser
from harness.documents import Documents
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.authenticator import set_up
from service.conftest import Service
from service.identity.company import OWN_PASSWORD, PASSWORD, Person, some_email
from service.relationships.stage import Company, Stage

from identity.sign_in.browser.authorizations import challenge_of
from kontor_local.journey.pages import read_links

CLIENT = "relationships"


@dataclass(frozen=True)
class Town:
    """Identity and relationships, as browsers find them."""

    identity: Running
    relationships: Running
    stage: Stage

    @property
    def return_address(self) -> str:
        return f"{self.relationships.url}/signed-in"

    def authorize(self, **changes: str) -> str:
        query = {
            "response_type": "code",
            "client_id": CLIENT,
            "redirect_uri": self.return_address,
            "state": "s",
            "code_challenge": challenge_of("v" * 43),
            "code_challenge_method": "S256",
        }
        return f"{self.identity.url}/authorize?{urlencode(query | changes)}"

    async def invitation(self) -> str:
        """The link in a customer's mail, in English."""
        reseller: Company = await self.stage.partner("reseller", name="Müller & Söhne GmbH")
        # Who signs in here is not the addressee.
        link: str = (await self.stage.invited(reseller, "customer", anyone_with_link=True))["link"]
        return link.replace("lang=de", "lang=en")

    async def redeem(self, good: str, **changes: str) -> httpx2.Response:
        form = {
            "grant_type": "authorization_code",
            "code": good,
            "redirect_uri": self.return_address,
            "client_id": CLIENT,
            "code_verifier": "v" * 43,
        }
        return await self.identity.client.post("/token", data=form | changes)


@pytest.fixture(scope="module")
async def town(service: Service, kafka: Topics, tokens: Tokens) -> AsyncIterator[Town]:
    run_id = secrets.token_hex(4)
    async with (
        service("identity", start=False, run_id=run_id) as identity,
        service("relationships", run_id=run_id, KONTOR_IDENTITY_URL=identity.url) as relationships,
    ):
        clients = [{"client_id": CLIENT, "redirect_uris": [f"{relationships.url}/signed-in"]}]
        identity.env["KONTOR_SIGN_IN_CLIENTS"] = json.dumps(clients)
        await identity.start()
        yield Town(identity, relationships, Stage(relationships, kafka, tokens))


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with Browser() as browser:
        yield browser


@pytest.fixture
async def customer(town: Town) -> Person:
    return await Person.sign_up(town.identity, "customer")


async def at_the_sign_in(browser: Browser, link: str) -> Browser:
    await browser.open(link)
    return await browser.click(f"{urlsplit(link).path.rpartition('/')[2]}/sign-in")


# -- an invitation


async def test_a_stranger_asks_to_be_let_in_on_the_page(town: Town, browser: Browser, customer: Person) -> None:
    reseller: Company = await town.stage.partner("reseller", name="Müller & Söhne GmbH")
    sent = await town.stage.invited(reseller, "customer")
    link = sent["link"].replace("lang=de", "lang=en")
    await at_the_sign_in(browser, link)
    await browser.send(email=customer.email, password=PASSWORD)
    assert "You are signed in with another address" in browser.text and 'id="accept"' not in browser.text
    assert sent["recipient"]["email"] not in browser.text
    await browser.send()
    assert browser.address == link and "You have asked Müller &amp; Söhne GmbH to let you in" in browser.text
    path = f"/v1/invitations/{sent['invitation_id']}"
    (request,) = (await town.stage.get(reseller, path)).json()["access_requests"]
    assert (request["email"], request["status"]) == (customer.email, "open")
    await town.stage.post(reseller, f"{path}/access-requests/{request['request_id']}/refuse")
    assert "did not let your company in" in (await browser.open(link)).text
    await town.stage.post(reseller, f"{path}/access-requests/{request['request_id']}/confirm")
    await browser.open(link)
    await browser.send(consent="true")
    assert "Your company has accepted" in browser.text


async def test_a_reseller_learns_to_enroll_first_and_comes_back(town: Town, browser: Browser) -> None:
    admin = await Person.sign_up(town.identity, "reseller")
    provider = await town.stage.partner("provider", name="Großhandel Nord AG")
    sent = await town.stage.invited(provider, "partnership", admin.email)
    link = sent["link"].replace("lang=de", "lang=en")
    await at_the_sign_in(browser, link)
    await browser.send(email=admin.email, password=PASSWORD)
    assert "is not an active indirect reseller yet" in browser.text and "Enroll your company" in browser.text
    assert 'id="accept"' not in browser.text and 'id="ask"' not in browser.text
    # The button leads to the enrollment, which keeps the way back.
    (enroll,) = [one for one in read_links(browser.text) if one.startswith("/enrollment?")]
    (back,) = parse_qs(urlsplit(enroll).query)["invitation"]
    there, kept = urlsplit(link), urlsplit(back)
    assert (kept.netloc, kept.path, parse_qs(kept.query)) == ("", there.path, parse_qs(there.query))
    company = town.stage.company("reseller")
    await town.stage.activate(replace(company, organization_id=admin.organization_id))
    await browser.open(link)
    await browser.send(consent="true")
    assert "Your company has accepted" in browser.text and "Großhandel Nord AG" in browser.text


async def test_an_addressee_signs_in_and_accepts(town: Town, browser: Browser, customer: Person) -> None:
    link = await town.invitation()
    await at_the_sign_in(browser, link)
    assert browser.address.startswith(f"{town.identity.url}/authorize?")
    assert set(browser.form.fields) == {"request", "email", "password"}
    await browser.send(email=customer.email, password=PASSWORD)
    assert browser.address == link, browser.text
    assert f"You are signed in as Jürgen Müller ({customer.email})" in browser.text
    await browser.send(consent="true")
    assert browser.page.status_code == 200 and "Your company has accepted" in browser.text
    # Later, in the same browser, the page says what comes next. To others the link is over.
    assert "What comes next" in (await browser.open(link)).text
    async with Browser() as other:
        assert (await other.open(link)).page.status_code == 410
    await browser.click(f"{urlsplit(link).path.rpartition('/')[2]}/evidence")
    assert browser.page.headers["content-type"] == "text/plain; charset=utf-8"
    assert f"Jürgen Müller <{customer.email}>" in browser.text and "Box ticked: I have read this" in browser.text


async def test_a_second_factor_does_not_shut_out(town: Town, browser: Browser, customer: Person) -> None:
    app, recovery = await set_up(customer)
    link = await town.invitation()
    await at_the_sign_in(browser, link)
    await browser.send(email=customer.email, password=PASSWORD)
    assert set(browser.form.fields) == {"request", "proof", "code"}
    await browser.send(code="000000")
    assert browser.page.status_code == 400 and "This code is wrong" in browser.text
    await browser.send(code=app.code())
    assert "You are signed in as" in browser.text
    async with Browser() as elsewhere:
        await at_the_sign_in(elsewhere, link)
        await elsewhere.send(email=customer.email, password=PASSWORD)
        await elsewhere.send(code=recovery[0])
        await elsewhere.send(consent="true")
        assert "Your company has accepted" in elsewhere.text


async def test_a_temporary_password_does_not_shut_out(town: Town, browser: Browser, customer: Person) -> None:
    colleague = await customer.add_new("global-admin")
    await at_the_sign_in(browser, await town.invitation())
    await browser.send(email=colleague.email, password=colleague.temporary)
    assert set(browser.form.fields) == {"request", "proof", "new_password"}
    await browser.send(new_password="short")
    assert browser.page.status_code == 400 and "at least 12 characters" in browser.text
    await browser.send(new_password=OWN_PASSWORD)
    assert f"({colleague.email})" in browser.text and "form_token" in browser.form.fields


async def test_two_tabs_sign_in_and_come_back_each_to_its_own(town: Town, browser: Browser, customer: Person) -> None:
    links = [await town.invitation() for _ in range(2)]
    tabs = [browser, browser.tab()]
    for tab, link in zip(tabs, links, strict=True):
        await at_the_sign_in(tab, link)
    for tab, link in zip(tabs, links, strict=True):
        await tab.send(email=customer.email, password=PASSWORD)
        assert tab.address == link
    for tab in tabs:
        await tab.send(consent="true")
        assert "Your company has accepted" in tab.text


async def test_who_is_signed_in_is_not_asked_again_unless_wanted(
    town: Town, browser: Browser, customer: Person
) -> None:
    await at_the_sign_in(browser, await town.invitation())
    await browser.send(email=customer.email, password=PASSWORD)
    other = await town.invitation()
    await at_the_sign_in(browser, other)
    assert browser.address == other and "form_token" in browser.form.fields
    (again,) = re.findall(r'href="([^"]+again=true)"', browser.text)
    await browser.open(again.replace("&amp;", "&"))
    assert "password" in browser.form.fields


async def test_wrong_roles_and_kinds_are_told_on_the_page(town: Town, browser: Browser) -> None:
    reseller = await Person.sign_up(town.identity, "reseller")
    await at_the_sign_in(browser, await town.invitation())
    await browser.send(email=reseller.email, password=PASSWORD)
    await browser.send(consent="true")
    assert browser.page.status_code == 400 and "for a customer" in browser.text
    assert "form_token" in browser.form.fields


# -- attacks


async def test_wrong_passwords_and_unknown_addresses_look_alike(town: Town, browser: Browser, customer: Person) -> None:
    pages = []
    for email in (customer.email, f"{secrets.token_hex(4)}@nobody.example"):
        await browser.open(f"{town.identity.url}/sign-in")
        await browser.send(email=email, password="wrong password")
        carried = browser.form.fields["request"]
        pages.append(browser.text.replace(email, "").replace(carried, ""))
        assert browser.page.status_code == 400
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": "{known}/../evil"},
        {"redirect_uri": "{known}@evil.example"},
        {"client_id": "evil"},
        {"redirect_uri": ""},
    ],
)
async def test_nobody_is_sent_to_an_unregistered_address(town: Town, browser: Browser, changes: dict[str, str]) -> None:
    filled = {name: value.replace("{known}", town.return_address) for name, value in changes.items()}
    await browser.open(town.authorize(**filled))
    assert len(browser.hops) == 1 and browser.page.status_code == 400
    assert "evil" not in browser.text and "<form" not in browser.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
    ],
)
async def test_a_faulty_request_goes_back_with_an_error(town: Town, changes: dict[str, str], error: str) -> None:
    answer = await town.identity.client.get(town.authorize(**changes))
    assert answer.status_code == 303
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert (query["error"], query["state"]) == ([error], ["s"]) and "code" not in query


async def code_for(town: Town, browser: Browser, person: Person) -> str:
    """A code that the client has not seen yet."""
    await browser.open(f"{town.identity.url}/sign-in")
    await browser.send(email=person.email, password=PASSWORD)
    answer = await browser.client.get(town.authorize())
    assert answer.status_code == 303, answer.text
    return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


async def test_a_code_counts_once_and_with_its_verifier(town: Town, browser: Browser, customer: Person) -> None:
    code = await code_for(town, browser, customer)
    for changes in ({"code_verifier": "w" * 43}, {"code": code[:-1] + "x"}, {"code": "x"}, {"code": ""}):
        refused = await town.redeem(code, **changes)
        assert (refused.status_code, refused.json()) == (400, {"error": "invalid_grant"})
    assert (await town.redeem(code, grant_type="password")).json() == {"error": "unsupported_grant_type"}
    assert (await town.redeem(code, client_id="other")).json() == {"error": "invalid_client"}
    answers = await asyncio.gather(*(town.redeem(code) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]
    (good,) = [answer.json() for answer in answers if answer.status_code == 200]
    assert set(good) == {"access_token", "token_type", "expires_in"}
    person = Person(town.identity, customer.email, access_token=good["access_token"])
    assert (await person.me())["email"] == customer.email


async def test_a_page_gets_no_more_rights_than_it_asks_for(town: Town, browser: Browser, customer: Person) -> None:
    await browser.open(f"{town.identity.url}/sign-in")
    await browser.send(email=customer.email, password=PASSWORD)
    answer = await browser.client.get(town.authorize(scope="invitations:accept-as-customer users:fly"))
    code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
    token = (await town.redeem(code)).json()["access_token"]
    narrow = Person(town.identity, customer.email, access_token=token)
    assert (await narrow.get("/v1/users")).status_code == 403


async def test_a_code_of_a_session_that_is_over_is_void(town: Town, browser: Browser, customer: Person) -> None:
    code = await code_for(town, browser, customer)
    await browser.open(f"{town.identity.url}/sign-in")
    assert customer.email in browser.text
    await browser.send()
    assert "You are signed out" in browser.text
    assert (await town.redeem(code)).json() == {"error": "invalid_grant"}
    assert (await browser.client.get(town.authorize())).status_code == 200


async def test_a_form_counts_in_its_own_browser_alone(town: Town, browser: Browser, customer: Person) -> None:
    await browser.open(f"{town.identity.url}/sign-in")
    fields = {**browser.form.fields, "email": customer.email, "password": PASSWORD}
    async with Browser() as other:
        await other.open(f"{town.identity.url}/sign-in")
        answer = await other.client.post(f"{town.identity.url}/sign-in", data=fields)
    assert answer.status_code == 400 and "too old" in answer.text
    assert not any("session" in name for name in answer.cookies)


async def test_a_stolen_way_back_counts_in_its_own_browser_alone(
    town: Town, browser: Browser, customer: Person
) -> None:
    """Nobody can be signed in as somebody else by a link to the way back."""
    link = await town.invitation()
    await at_the_sign_in(browser, link)
    fields = {**browser.form.fields, "email": customer.email, "password": PASSWORD}
    answer = await browser.client.post(f"{town.identity.url}/sign-in", data=fields)
    async with Browser() as other:
        await other.open(answer.headers["location"])
        assert other.page.status_code == 400 and "You were not signed in" in other.text
        await other.open(link)
        assert "form_token" not in other.text


async def test_a_sign_in_for_one_invitation_is_none_on_another(town: Town, browser: Browser, customer: Person) -> None:
    link, other = await town.invitation(), await town.invitation()
    await at_the_sign_in(browser, link)
    await browser.send(email=customer.email, password=PASSWORD)
    fields = browser.form.fields
    await browser.open(other)
    assert "form_token" not in browser.text
    token = parse_qs(urlsplit(other).query)["token"][0]
    answer = await browser.client.post(other, data={**fields, "token": token, "consent": "true"})
    assert answer.status_code == 303 and answer.headers["location"].startswith(f"{town.identity.url}/authorize?")


async def test_another_sites_form_accepts_nothing(
    town: Town, browser: Browser, customer: Person, mongo: Documents
) -> None:
    link = await town.invitation()
    await at_the_sign_in(browser, link)
    await browser.send(email=customer.email, password=PASSWORD)
    token = parse_qs(urlsplit(link).query)["token"][0]
    for forged in ("", "x" * 32, "ü"):
        fields = {"token": token, "consent": "true", "form_token": forged}
        answer = await browser.client.post(link, data=fields)
        assert answer.status_code == 400 and "accept once more" in answer.text
    id = urlsplit(link).path.rpartition("/")[2]
    document = await mongo.one(town.relationships, f"invitation:{id}")
    assert document["state"]["invitation"]["status"] == "sent"


async def test_cookies_are_out_of_reach_of_scripts_and_other_sites(
    town: Town, browser: Browser, customer: Person
) -> None:
    seen = []
    link = await town.invitation()

    async def note(answer: httpx2.Response) -> None:
        seen.extend(answer.headers.get_list("set-cookie"))

    browser.client.event_hooks = {"response": [note]}
    await at_the_sign_in(browser, link)
    await browser.send(email=customer.email, password=PASSWORD)
    names = {cookie.partition("=")[0] for cookie in seen}
    assert {"kontor_browser", "kontor_session", "kontor_device", "kontor_visitor"} <= names
    for cookie in seen:
        parts = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"httponly", "samesite=lax", "path=/"} <= parts, cookie


async def test_no_secret_of_a_sign_in_is_logged_or_stored(
    town: Town, browser: Browser, customer: Person, mongo: Documents
) -> None:
    code = await code_for(town, browser, customer)
    assert (await town.redeem(code)).status_code == 200
    secret = code.partition(".")[2]
    for running in (town.identity, town.relationships):
        assert secret not in running.process.log.read_text()
    stored = json.dumps(await mongo.all(town.identity, "authorization"), default=str)
    assert secret not in stored


# -- the page itself


@pytest.mark.parametrize(("lang", "title"), [("de", "Anmelden"), ("en", "Sign in")])
async def test_the_page_speaks_german_and_english(town: Town, browser: Browser, lang: str, title: str) -> None:
    await browser.open(town.authorize(ui_locales=lang))
    assert f"<h1>{title}</h1>" in browser.text and f'lang="{lang}"' in browser.text
    other = "en" if lang == "de" else "de"
    (link,) = re.findall(rf'href="(sign-in[^"]+lang={other})"', browser.text)
    await browser.open(link.replace("&amp;", "&"))
    assert f'<html lang="{other}">' in browser.text


async def test_the_page_has_no_script_and_a_strict_policy(town: Town, browser: Browser) -> None:
    await browser.open(town.authorize())
    policy = browser.page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src" not in policy and "unsafe" not in policy
    assert f"form-action 'self' {town.relationships.url};" in policy and "frame-ancestors 'none'" in policy
    assert browser.page.headers["cache-control"] == "no-store"
    assert "<script" not in browser.text


# -- mails on the way


@pytest.fixture
def applicant() -> dict[str, str]:
    """What a new company types in."""
    return {
        "full_name": "Zoë Größler",
        "email": some_email(),
        "company": "Café Größler GmbH",
        "country": "AT",
        "kind": "customer",
        "password": PASSWORD,
    }


async def mailed(town: Town, email: str, page: str) -> str:
    """The link in the newest mail."""
    return f"{town.identity.url}{page}?token={await town.identity.mailed_token(email, page)}&lang=en"


async def test_a_new_company_signs_up_and_comes_back(town: Town, browser: Browser, applicant: dict[str, str]) -> None:
    link = await town.invitation()
    await at_the_sign_in(browser, link)
    await browser.click("create-account")
    await browser.send(**applicant)
    assert browser.page.status_code == 200 and "Check your mail" in browser.text and applicant["email"] in browser.text
    await browser.open(await mailed(town, applicant["email"], "/verify-address"))
    await browser.send(password="not this one at all")
    assert browser.page.status_code == 400
    await browser.send(password=PASSWORD)
    assert browser.address == link, browser.text
    assert f"You are signed in as Zoë Größler ({applicant['email']})" in browser.text
    await browser.send(consent="true")
    assert "Your company has accepted" in browser.text
    person = Person(town.identity, applicant["email"])
    await person.sign_in(PASSWORD)
    organization = (await person.me())["organization"]
    assert (organization["name"], organization["country"], organization["kind"]) == (
        "Café Größler GmbH",
        "AT",
        "customer",
    )


async def test_a_sign_up_without_an_invitation_ends_signed_in(
    town: Town, browser: Browser, applicant: dict[str, str]
) -> None:
    await browser.open(f"{town.identity.url}/create-account?lang=en")
    await browser.send(**applicant)
    await browser.open(await mailed(town, applicant["email"], "/verify-address"))
    await browser.send(password=PASSWORD)
    assert f"You are signed in as {applicant['email']}" in browser.text


async def test_a_link_in_another_browser_leads_to_the_sign_in(
    town: Town, browser: Browser, applicant: dict[str, str]
) -> None:
    await browser.open(f"{town.identity.url}/create-account?lang=en")
    await browser.send(**applicant)
    async with Browser() as elsewhere:
        await elsewhere.open(await mailed(town, applicant["email"], "/verify-address"))
        await elsewhere.send(password=PASSWORD)
        assert "Your address is confirmed" in elsewhere.text
        await elsewhere.click("sign-in")
        await elsewhere.send(email=applicant["email"], password=PASSWORD)
        assert "You are signed in" in elsewhere.text


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"full_name": "see https://evil.example", "company": "\u202eGmbH"}, {"full_name", "company"}),
        ({"email": "nobody", "country": "ZZ"}, {"email", "country"}),
        ({"kind": "operator", "culture": "xx"}, {"kind", "culture"}),
        ({"password": "short"}, {"password"}),
        ({"password": "Café Größler GmbH 2026"}, {"password"}),
    ],
)
async def test_the_form_says_at_each_field_what_is_wrong(
    town: Town, browser: Browser, applicant: dict[str, str], wrong: dict[str, str], fields: set[str]
) -> None:
    await browser.open(f"{town.identity.url}/create-account?lang=en")
    await browser.send(**applicant | wrong)
    assert browser.page.status_code == 400
    assert set(re.findall(r'id="(\w+)-fault"', browser.text)) == fields
    kept = browser.form.fields
    assert kept["full_name"] == (applicant | wrong)["full_name"] and not kept["password"]


async def test_a_sign_up_looks_alike_for_a_known_address(
    town: Town, browser: Browser, applicant: dict[str, str], customer: Person
) -> None:
    pages = []
    for email in (applicant["email"], customer.email):
        await browser.open(f"{town.identity.url}/create-account?lang=en")
        await browser.send(**applicant | {"email": email})
        sealed = re.findall(r"request=([^&\"]+)", browser.text)[0]
        pages.append(browser.text.replace(email, "").replace(sealed, ""))
    assert pages[0] == pages[1]


async def test_a_forgotten_password_leads_back(town: Town, browser: Browser, customer: Person) -> None:
    link = await town.invitation()
    await at_the_sign_in(browser, link)
    await browser.click("forgotten-password")
    await browser.send(email=customer.email)
    assert "Check your mail" in browser.text
    await browser.open(await mailed(town, customer.email, "/reset-password"))
    await browser.send(new_password=OWN_PASSWORD)
    await browser.click("sign-in?request=")
    await browser.send(email=customer.email, password=OWN_PASSWORD)
    assert browser.address == link and f"({customer.email})" in browser.text


async def test_an_unproved_colleague_signs_in_by_the_mail(town: Town, browser: Browser, customer: Person) -> None:
    colleague = await customer.add_unproved("global-admin")
    link = await town.invitation()
    await at_the_sign_in(browser, link)
    await browser.send(email=colleague.email, password=colleague.temporary)
    assert browser.page.status_code == 400 and "do not match" in browser.text
    await browser.open(await mailed(town, colleague.email, "/verify-address"))
    await browser.send(password=colleague.temporary)
    await browser.click("sign-in?")
    await browser.send(email=colleague.email, password=colleague.temporary)
    assert set(browser.form.fields) == {"request", "proof", "new_password"}
    await browser.send(new_password=OWN_PASSWORD)
    assert f"You are signed in as {colleague.email}" in browser.text
    await at_the_sign_in(browser, link)
    assert browser.address == link and f"({colleague.email})" in browser.text
