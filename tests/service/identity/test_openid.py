"""Identity as an OpenID provider, used by a client library that nobody here wrote, and misused as attackers would."""

import asyncio
import hashlib
import json
import secrets
import warnings
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata
from harness.browser import Browser
from harness.running import Running
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import KeySet
from service.authenticator import set_up
from service.conftest import Service
from service.identity.company import PASSWORD, Person

CONSOLE, APP = "console", "app"
SECRET = secrets.token_urlsafe(32)
BACK, GONE = "https://console.example/signed-in", "https://console.example/bye"
VERIFIER = "v" * 48
OPENID = "openid profile email organization groups"


@dataclass(frozen=True)
class Provider:
    running: Running
    about: dict[str, Any]

    def client(self, client_id: str = CONSOLE, secret: str | None = SECRET, scope: str = OPENID) -> OAuth2Session:
        method = "client_secret_basic" if secret else "none"
        return OAuth2Session(
            client_id,
            secret,
            scope=scope,
            redirect_uri=BACK,
            token_endpoint_auth_method=method,
            code_challenge_method="S256",
        )

    def asking(self, client: OAuth2Session, **more: str) -> str:
        """An authorization request as the library makes it."""
        asking: str
        asking, _ = client.create_authorization_url(
            self.about["authorization_endpoint"], code_verifier=VERIFIER, nonce="n-0S6", **more
        )
        return asking

    async def redeem(self, client: OAuth2Session, way_back: str) -> dict[str, Any]:
        """By the library, which checks the state."""
        return await asyncio.to_thread(
            client.fetch_token,
            self.about["token_endpoint"],
            authorization_response=way_back,
            code_verifier=VERIFIER,
        )

    async def keys(self) -> KeySet:
        return KeySet.import_key_set((await self.running.client.get(self.about["jwks_uri"])).json())

    async def read(self, id_token: str, client_id: str = CONSOLE, **more: Any) -> CodeIDToken:
        """The claims of an ID token, checked by the library."""
        with warnings.catch_warnings():
            # The one name of the algorithm that foreign clients know has a successor that they do not.
            warnings.simplefilter("ignore", SecurityWarning)
            read = jwt.decode(
                id_token, await self.keys(), algorithms=self.about["id_token_signing_alg_values_supported"]
            )
        asked = {"iss": {"value": self.about["issuer"]}, "aud": {"value": client_id}}
        claims = CodeIDToken(read.claims, read.header, asked, {"nonce": "n-0S6", "client_id": client_id, **more})
        claims.validate()
        return claims


@pytest.fixture(scope="module")
async def provider(service: Service) -> AsyncIterator[Provider]:
    clients = [
        {
            "client_id": CONSOLE,
            "redirect_uris": [BACK],
            "post_logout_redirect_uris": [GONE],
            "secret_hash": hashlib.sha256(SECRET.encode()).hexdigest(),
        },
        {"client_id": APP, "redirect_uris": [BACK, "https://app.example/signed-in"]},
    ]
    async with service("identity", start=False, KONTOR_SIGN_IN_CLIENTS=json.dumps(clients)) as running:
        running.env["KONTOR_ISSUER"] = running.url
        await running.start()
        about = (await running.client.get("/.well-known/openid-configuration")).json()
        yield Provider(running, about)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with Browser() as browser:
        yield browser


@pytest.fixture
async def person(provider: Provider) -> Person:
    return await Person.sign_up(provider.running, "reseller")


async def signed_in(browser: Browser, person: Person, asking: str) -> str:
    """Where the browser is sent after the password."""
    await browser.open(asking)
    return await password_given(browser, person)


async def password_given(browser: Browser, person: Person) -> str:
    form = browser.form
    answer = await browser.client.post(
        f"{person.running.url}/sign-in", data={**form.fields, "email": person.email, "password": PASSWORD}
    )
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def sent_back(browser: Browser, asking: str) -> dict[str, str]:
    """What the provider sends the client at once."""
    answer = await browser.client.get(asking)
    assert answer.status_code == 303, answer.text
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


async def test_the_configuration_is_whole_and_its_doors_are_there(provider: Provider) -> None:
    OpenIDProviderMetadata({**provider.about, "issuer": "https://localhost"}).validate_claims_supported()
    assert provider.about["issuer"] == provider.running.url
    other = await provider.running.client.get("/.well-known/oauth-authorization-server")
    assert other.json() == provider.about
    described = (await provider.running.client.get("/openapi.json")).json()["paths"]
    doors = [value for name, value in provider.about.items() if name.endswith(("_endpoint", "_uri"))]
    assert len(doors) == 5 and {urlsplit(door).path for door in doors} <= described.keys()


async def test_a_foreign_client_signs_somebody_in(provider: Provider, browser: Browser, person: Person) -> None:
    client = provider.client()
    token = await provider.redeem(client, await signed_in(browser, person, provider.asking(client)))
    claims = await provider.read(token["id_token"])
    assert (claims["sub"], claims["email"], claims["email_verified"]) == (person.user_id, person.email, True)
    assert (claims["org"], claims["groups"], claims["acr"]) == (person.organization_id, ["global-admin"], "pwd")
    assert set(token["scope"].split()) == set(OPENID.split())
    told = await asyncio.to_thread(client.get, provider.about["userinfo_endpoint"])
    assert told.status_code == 200 and told.json()["name"] == claims["name"]
    assert {name: claims[name] for name in told.json()} == told.json()
    # It asked for claims, and gets no right to do anything.
    assert (await asyncio.to_thread(client.get, f"{provider.running.url}/v1/users")).status_code == 403


async def test_claims_are_those_that_were_asked_for(provider: Provider, browser: Browser, person: Person) -> None:
    client = provider.client(APP, None, "openid users:read")
    token = await provider.redeem(client, await signed_in(browser, person, provider.asking(client)))
    claims = await provider.read(token["id_token"], APP)
    assert not {"name", "email", "org", "groups"} & claims.keys()
    told = await asyncio.to_thread(client.get, provider.about["userinfo_endpoint"])
    assert told.json() == {"sub": person.user_id}
    assert (await asyncio.to_thread(client.get, f"{provider.running.url}/v1/users")).status_code == 200
    refused = await person.get("/userinfo")
    assert (refused.status_code, "openid" in refused.text) == (403, True)


async def test_an_id_token_opens_no_door_and_an_access_token_is_no_hint(
    provider: Provider, browser: Browser, person: Person
) -> None:
    client = provider.client()
    token = await provider.redeem(client, await signed_in(browser, person, provider.asking(client)))
    for door in ("/userinfo", "/v1/me"):
        answer = await provider.running.client.get(door, headers={"authorization": f"Bearer {token['id_token']}"})
        assert answer.status_code == 401
    assert (await sent_back(browser, provider.asking(client, id_token_hint=token["access_token"])))["error"] == (
        "invalid_request"
    )


async def test_a_client_steps_up_to_the_second_factor(provider: Provider, browser: Browser, person: Person) -> None:
    client = provider.client()
    await signed_in(browser, person, provider.asking(client))
    app, _ = await set_up(person)
    # The session was begun before, so it stands for a password alone.
    assert "code" in await sent_back(browser, provider.asking(client))
    silent = provider.asking(client, acr_values="mfa", prompt="none")
    assert (await sent_back(browser, silent))["error"] == "interaction_required"
    await browser.open(provider.asking(client, acr_values="mfa"))
    assert set(browser.form.fields) == {"request", "proof", "code"}
    fields = {**browser.form.fields, "code": app.code()}
    answer = await browser.client.post(f"{provider.running.url}/sign-in-code", data=fields)
    token = await provider.redeem(client, answer.headers["location"])
    claims = await provider.read(token["id_token"])
    assert (claims["acr"], claims["amr"]) == ("mfa", ["pwd", "otp", "mfa"])
    assert "code" in await sent_back(browser, silent)


async def test_an_old_sign_in_and_another_person_are_asked_again(
    provider: Provider, browser: Browser, person: Person
) -> None:
    client = provider.client()
    token = await provider.redeem(client, await signed_in(browser, person, provider.asking(client)))
    assert "code" in await sent_back(browser, provider.asking(client, max_age="3600", prompt="none"))
    assert "code" in await sent_back(browser, provider.asking(client, id_token_hint=token["id_token"], prompt="none"))
    for again in ({"max_age": "0"}, {"prompt": "login"}, {"prompt": "select_account"}):
        await browser.open(provider.asking(client, **again, login_hint=person.email))
        assert browser.form.fields["email"] == person.email and "password" in browser.form.fields
    other = await Person.sign_up(provider.running, "reseller")
    async with Browser() as elsewhere:
        await signed_in(elsewhere, other, provider.asking(client))
        hinted = {"id_token_hint": token["id_token"]}
        assert (await sent_back(elsewhere, provider.asking(client, **hinted, prompt="none")))["error"] == (
            "login_required"
        )
        await elsewhere.open(provider.asking(client, **hinted))
        assert "password" in elsewhere.form.fields


@pytest.mark.parametrize(
    "faulty",
    [
        {"prompt": "none login"},
        {"prompt": "create"},
        {"max_age": "-1"},
        {"max_age": "soon"},
        {"response_mode": "form_post"},
    ],
)
async def test_a_faulty_demand_goes_back_as_an_error(
    provider: Provider, browser: Browser, faulty: dict[str, str]
) -> None:
    assert (await sent_back(browser, provider.asking(provider.client(), **faulty)))["error"] == "invalid_request"


# -- signing out


async def test_a_client_signs_its_user_out(provider: Provider, browser: Browser, person: Person) -> None:
    client = provider.client()
    token = await provider.redeem(client, await signed_in(browser, person, provider.asking(client)))
    ending = {"id_token_hint": token["id_token"], "post_logout_redirect_uri": GONE, "state": "ü&1"}
    answer = await browser.client.get(f"{provider.about['end_session_endpoint']}?{urlencode(ending)}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{GONE}?state=%C3%BC%261")
    assert (await sent_back(browser, provider.asking(client, prompt="none")))["error"] == "login_required"
    # Signed out already: the client is not left standing.
    answer = await browser.client.post(provider.about["end_session_endpoint"], data=ending)
    assert answer.headers["location"].startswith(GONE)


async def test_a_foreign_page_signs_nobody_out_unasked(provider: Provider, browser: Browser, person: Person) -> None:
    client = provider.client()
    await signed_in(browser, person, provider.asking(client))
    stranger = await Person.sign_up(provider.running, "reseller")
    async with Browser() as elsewhere:
        theirs = await provider.redeem(client, await signed_in(elsewhere, stranger, provider.asking(client)))
    for ending in ({}, {"id_token_hint": theirs["id_token"]}, {"id_token_hint": "x.y.z"}):
        await browser.open(f"{provider.about['end_session_endpoint']}?{urlencode({'ui_locales': 'en', **ending})}")
        assert f"You are signed in as {person.email}" in browser.text
        assert "code" in await sent_back(browser, provider.asking(client, prompt="none"))
    await browser.open(f"{provider.about['end_session_endpoint']}?client_id={CONSOLE}&post_logout_redirect_uri={GONE}")
    answer = await browser.client.post(f"{provider.running.url}/sign-out", data=browser.form.fields)
    assert (answer.status_code, answer.headers["location"]) == (303, GONE)
    assert (await sent_back(browser, provider.asking(client, prompt="none")))["error"] == "login_required"


@pytest.mark.parametrize(
    "ending",
    [
        {"post_logout_redirect_uri": "https://evil.example/"},
        {"post_logout_redirect_uri": GONE},
        {"post_logout_redirect_uri": GONE, "client_id": APP},
        {"post_logout_redirect_uri": BACK, "client_id": CONSOLE},
    ],
)
async def test_a_sign_out_leads_to_registered_addresses_alone(
    provider: Provider, browser: Browser, ending: dict[str, str]
) -> None:
    await browser.open(f"{provider.about['end_session_endpoint']}?{urlencode(ending)}")
    assert (browser.page.status_code, len(browser.hops)) == (400, 1) and "evil" not in browser.text


# -- misuse


async def redeemed(provider: Provider, way_back: str, basic: tuple[str, str] | None, **changes: str) -> httpx2.Response:
    form = {
        "grant_type": "authorization_code",
        "code": parse_qs(urlsplit(way_back).query)["code"][0],
        "redirect_uri": BACK,
        "client_id": CONSOLE,
        "code_verifier": VERIFIER,
    }
    return await provider.running.client.post(
        "/token", data=form | changes, auth=httpx2.BasicAuth(*basic) if basic else httpx2.USE_CLIENT_DEFAULT
    )


async def test_a_stolen_code_is_worth_nothing_without_the_secret(
    provider: Provider, browser: Browser, person: Person
) -> None:
    way_back = await signed_in(browser, person, provider.asking(provider.client()))
    for auth in (None, (CONSOLE, "guessed"), (APP, ""), (APP, SECRET)):
        refused = await redeemed(provider, way_back, auth)
        assert refused.status_code in {400, 401} and "access_token" not in refused.text
    assert (await redeemed(provider, way_back, None)).headers["www-authenticate"] == "Basic"
    malformed = await provider.running.client.post("/token", headers={"authorization": "Basic %%%"})
    assert malformed.json() == {"error": "unsupported_grant_type"}
    good = await redeemed(provider, way_back, None, client_secret=SECRET)
    assert good.status_code == 200
    again = await redeemed(provider, way_back, (CONSOLE, SECRET))
    assert again.json() == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    "changes",
    [{"code_verifier": "w" * 48}, {"code_verifier": ""}, {"redirect_uri": "https://app.example/signed-in"}],
    ids=["verifier", "no verifier", "address"],
)
async def test_a_code_counts_for_its_own_request_alone(
    provider: Provider, browser: Browser, person: Person, changes: dict[str, str]
) -> None:
    client = provider.client(APP, None)
    way_back = await signed_in(browser, person, provider.asking(client))
    refused = await redeemed(provider, way_back, None, client_id=APP, **changes)
    assert (refused.status_code, refused.json()) == (400, {"error": "invalid_grant"})


async def test_answers_name_their_issuer_against_mix_ups(provider: Provider, browser: Browser, person: Person) -> None:
    """RFC 9207: the client can tell whose code it got."""
    await signed_in(browser, person, provider.asking(provider.client()))
    assert (await sent_back(browser, provider.asking(provider.client())))["iss"] == provider.about["issuer"]
