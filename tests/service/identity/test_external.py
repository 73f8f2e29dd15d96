"""Signing in with the directory of one's own company: against a real OpenID provider, as a process from a package."""

import json
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from harness.names import NameServer
from harness.running import Running
from service.identity.company import PASSWORD, Person, is_problem, once, refresh, sign_up
from support import eventually

from chassis.aggregate.model import derived_id
from kontor_local.ports import HOST, Port
from kontor_local.processes import Process

Service = Callable[..., AbstractAsyncContextManager[Running]]
KEY = "the key of the first company's sign-up"
ANNA, EVE, ZOE, ROB = (f"{name}@company.example" for name in ("anna", "eve", "zoe", "rob"))
ORGANIZATION = derived_id(derived_id("anonymous", ANNA, "POST", "/v1/sign-up", KEY), "organization")
PEOPLE = [
    {"sub": "anna-1", "email": ANNA, "email_verified": True},
    {"sub": "eve-2", "email": EVE, "email_verified": True},
    {"sub": "mallory-3", "email": ANNA, "email_verified": False},
    {"sub": "nobody-4", "email": "nobody@company.example", "email_verified": True},
    {"sub": "zoe-5", "email": ZOE, "email_verified": True},
    {"sub": "rob-6", "email": ROB, "email_verified": True},
]


@pytest.fixture(scope="module")
async def provider(ground: Path) -> AsyncIterator[str]:
    """The address of the company's directory."""
    port = Port()
    url = f"http://{HOST}:{port.number}"
    people = [word for person in PEOPLE for word in ("--user-claims", json.dumps(person))]
    program = "from oidc_provider_mock.__main__ import run; run()"
    args = [sys.executable, "-W", "ignore", "-c", program, "-H", HOST, "-p", str(port.number), *people]
    process = Process("provider", args, env={"PATH": ""}, log=ground / "logs" / "provider.log")
    port.release()
    process.start()

    async def answers() -> bool:
        try:
            async with httpx2.AsyncClient() as client:
                return (await client.get(f"{url}/.well-known/openid-configuration")).status_code == 200
        except httpx2.TransportError:
            return False

    await process.until(answers, 30)
    yield url
    await process.terminate()


@pytest.fixture(scope="module")
def names() -> Iterator[NameServer]:
    server = NameServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
async def running(service: Service, provider: str, ground: Path, names: NameServer) -> AsyncIterator[Running]:
    secret = ground / "client.secret"
    secret.write_text("a secret of two parties\n")
    issuers = [
        {
            "name": name,
            "title": "Müller & Söhne",
            "issuer": issuer,
            "client_id": "kontor",
            "client_secret_file": str(secret),
            "organization_id": ORGANIZATION,
        }
        for name, issuer in (("mueller", provider), ("away", "http://127.0.0.1:9"))
    ]
    file = ground / "issuers.json"
    file.write_text(json.dumps(issuers))
    async with service("identity", KONTOR_EXTERNAL_ISSUERS_FILE=file, KONTOR_DNS_SERVER=names.address) as running:
        for email, key in ((ANNA, KEY), (EVE, "another company's")):
            made = await running.client.post("/v1/sign-up", json=sign_up(email), headers=once(key))
            assert made.status_code == 202
            await Person(running, email).prove(PASSWORD)
        yield running


class Browser:
    """One browser, with its cookies, on its way to the provider and back."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.client = httpx2.AsyncClient(base_url=running.url)

    async def leave(self, name: str = "mueller") -> str:
        """The address of the provider's page."""
        answer = await self.client.get(f"/v1/external/{name}")
        assert answer.status_code == 303, answer.text
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie and "samesite=lax" in cookie
        return answer.headers["location"]

    async def consent(self, page: str, person: str) -> str:
        """Where the provider sends the browser once this person signed in."""
        answer = await self.client.post(page, data={"sub": person})
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    async def come_back(self, address: str) -> httpx2.Response:
        parts = urlsplit(address)
        return await self.client.get(f"{parts.path}?{parts.query}")

    async def sign_in(self, person: str) -> httpx2.Response:
        return await self.come_back(await self.consent(await self.leave(), person))


@pytest.fixture
async def browser(running: Running) -> AsyncIterator[Browser]:
    browser = Browser(running)
    yield browser
    await browser.client.aclose()


async def test_a_user_signs_in_with_the_companys_directory(running: Running, browser: Browser) -> None:
    listed = (await running.client.get("/v1/external")).json()["items"]
    assert listed[0] == {"name": "mueller", "title": "Müller & Söhne", "start": "/v1/external/mueller"}
    answer = await browser.sign_in("anna-1")
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    anna = Person(running, ANNA, access_token=answer.json()["access_token"])
    assert (await anna.me())["email"] == ANNA
    (session,) = (await anna.get("/v1/me/sessions")).json()["items"]
    assert session["methods"] == ["fed"]
    assert (await refresh(running, answer.json()["refresh_token"])).status_code == 200


async def test_the_provider_is_asked_with_state_nonce_and_pkce(running: Running, browser: Browser) -> None:
    query = parse_qs(urlsplit(await browser.leave()).query)
    assert query["response_type"] == ["code"] and query["code_challenge_method"] == ["S256"]
    assert query["redirect_uri"] == [f"{running.url}/v1/external/mueller/callback"]
    assert all(len(query[name][0]) >= 43 for name in ("state", "nonce", "code_challenge"))
    again = parse_qs(urlsplit(await browser.leave()).query)
    assert all(again[name] != query[name] for name in ("state", "nonce", "code_challenge"))


async def test_an_answer_counts_only_in_the_browser_that_asked(running: Running, browser: Browser) -> None:
    theirs = await browser.consent(await browser.leave(), "anna-1")
    other = Browser(running)
    is_problem(await other.come_back(theirs), 400, "external-state")
    await other.leave()
    is_problem(await other.come_back(theirs), 400, "external-state")
    await other.client.aclose()
    forged = await browser.client.get("/v1/external/mueller/callback?code=x&state=x")
    is_problem(forged, 400, "external-state")


async def test_a_code_works_once(browser: Browser) -> None:
    address = await browser.consent(await browser.leave(), "anna-1")
    cookies = dict(browser.client.cookies)
    assert (await browser.come_back(address)).status_code == 200
    browser.client.cookies.update(cookies)
    is_problem(await browser.come_back(address), 401, "external-sign-in-failed")


@pytest.mark.parametrize(
    "person", ["eve-2", "mallory-3", "nobody-4"], ids=["another company's", "unchecked address", "unknown"]
)
async def test_a_directory_vouches_for_its_own_companys_users_alone(browser: Browser, person: str) -> None:
    is_problem(await browser.sign_in(person), 403, "not-a-user")


async def test_a_disabled_user_is_refused_and_a_purged_one_can_be_new(running: Running, browser: Browser) -> None:
    anna = Person(running, ANNA, access_token=(await browser.sign_in("anna-1")).json()["access_token"])
    wish = {"full_name": "Zoë Brown", "email": ZOE, "roles": [], "culture": "en"}
    added = (await anna.post("/v1/users", wish)).json()
    zoe = added["user_id"]
    # The company has proved no domain yet: the directory's word for an address proves nothing.
    is_problem(await browser.sign_in("zoe-5"), 403, "not-a-user")
    await Person(running, ZOE).prove(added["temporary_password"])
    assert (await browser.sign_in("zoe-5")).status_code == 200
    assert (await anna.post(f"/v1/users/{zoe}/disable", {})).status_code == 200
    is_problem(await browser.sign_in("zoe-5"), 403, "not-a-user")
    for what in ("delete", "purge"):
        assert (await anna.post(f"/v1/users/{zoe}/{what}", {})).status_code == 200
    again = await anna.post("/v1/users", wish)
    assert again.status_code == 201, again.text
    await Person(running, ZOE).prove(again.json()["temporary_password"], number=2)

    async def known_anew() -> bool:
        return (await browser.sign_in("zoe-5")).status_code == 200

    await eventually(known_anew)


async def test_the_directory_proves_addresses_of_a_proved_domain(
    running: Running, browser: Browser, names: NameServer
) -> None:
    anna = Person(running, ANNA, access_token=(await browser.sign_in("anna-1")).json()["access_token"])
    added = await anna.post("/v1/users", {"full_name": "Rob Root", "email": ROB, "roles": [], "culture": "en"})
    assert added.status_code == 201, added.text
    is_problem(await browser.sign_in("rob-6"), 403, "not-a-user")
    domains = f"/v1/organizations/{ORGANIZATION}/domains"
    record = (await anna.post(domains, {"domain": "company.example"})).json()["record"]
    names.texts[record["name"]] = [record["value"]]
    assert (await anna.post(f"{domains}/company.example/verify", None)).json()["status"] == "proved"
    assert (await browser.sign_in("rob-6")).status_code == 200
    assert (await anna.get(f"/v1/users/{added.json()['user_id']}")).json()["address_proved"]


async def test_a_provider_that_says_no_or_is_another_signs_nobody_in(browser: Browser) -> None:
    state = parse_qs(urlsplit(await browser.leave()).query)["state"][0]
    for rest in ("error=access_denied", "code=x&iss=https://other.example", "code=made-up"):
        answer = await browser.client.get(f"/v1/external/mueller/callback?state={state}&{rest}")
        is_problem(answer, 401, "external-sign-in-failed")


async def test_a_provider_that_is_away_is_no_fault_of_ours(running: Running) -> None:
    is_problem(await running.client.get("/v1/external/away"), 503, "try-again")
    is_problem(await running.client.get("/v1/external/unknown"), 404, "not-found")
