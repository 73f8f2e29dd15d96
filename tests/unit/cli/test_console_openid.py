"""The console's sign-in at an OpenID provider: who gets in, with which right, and what is refused on the way back."""

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from starlette.testclient import TestClient
from unit.cli.test_console import HERE, Letters, form_token

from kontor_cli.connection import Connection
from kontor_cli.console.app import application
from kontor_cli.console.openid import ACT, LOOK, Client, OpenId
from kontor_cli.console.sign_in import Doors

ISSUER = "https://kontor.example"
BOTH = f"{LOOK} {ACT} openid profile"


class Provider:
    """Answers as identity does. ``scope``: what the person's roles give."""

    def __init__(self) -> None:
        self.scope = BOTH
        self.verifiers: list[str] = []
        self.away = False

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        if self.away:
            raise httpx2.ConnectError("no such host")
        match request.url.path:
            case "/.well-known/openid-configuration":
                ends = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
                urls = {f"{name}_endpoint": f"{ISSUER}/{path}" for name, path in ends.items()}
                return httpx2.Response(200, json={"issuer": ISSUER, **urls})
            case "/token":
                form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
                if form["code"] != "good":
                    return httpx2.Response(400, json={"error": "invalid_grant"})
                self.verifiers.append(form["code_verifier"])
                return httpx2.Response(200, json={"access_token": "t", "scope": self.scope, "expires_in": 600})
            case _:
                assert request.headers["authorization"] == "Bearer t"
                return httpx2.Response(200, json={"sub": "olga-1", "name": "Olga Operator"})


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def client(provider: Provider) -> TestClient:
    openid = OpenId(Client(ISSUER, "http://testserver"), transport=httpx2.MockTransport(provider.answer))
    app = application(Connection("nowhere:1", "", "PLAINTEXT"), Doors([]), openid)
    return TestClient(app, follow_redirects=False)


def leave(client: TestClient, path: str = "/sign-in/identity") -> dict[str, str]:
    """The authorization request that the console makes of somebody who goes there."""
    answer = client.get(path)
    assert answer.status_code == 303
    address = urlsplit(answer.headers["location"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{ISSUER}/authorize"
    return {name: values[0] for name, values in parse_qs(address.query).items()}


def come_back(client: TestClient, asked: dict[str, str], **changes: str) -> Any:
    given = {"code": "good", "state": asked["state"], "iss": ISSUER} | changes
    return client.get(f"/signed-in?{urlencode(given)}")


def test_a_page_leads_to_identity_and_back_to_itself(client: TestClient, provider: Provider) -> None:
    answer = client.get("/dead-letters?all=1")
    assert answer.status_code == 303
    asked = leave(client, answer.headers["location"])
    assert (asked["code_challenge_method"], asked["redirect_uri"]) == ("S256", "http://testserver/signed-in")
    assert set(asked["scope"].split()) == {"openid", "profile", LOOK, ACT}
    back = come_back(client, asked)
    assert (back.status_code, back.headers["location"]) == (303, "/dead-letters?all=1")
    cookie = back.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie
    assert "Olga Operator" in client.get("/").text
    assert len(provider.verifiers[0]) >= 43


def test_a_replay_is_done_under_the_user_s_id(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    done = Letters(monkeypatch)
    come_back(client, leave(client))
    form = {"name": "f", "group": "g", "form": form_token(client)}
    assert client.post("/replay", data=form, headers=HERE).status_code == 200
    assert done.replayed == ["user:olga-1"]


def test_a_role_that_only_looks_does_not_replay(
    client: TestClient, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = Letters(monkeypatch)
    provider.scope = LOOK
    come_back(client, leave(client))
    assert client.get("/dead-letters").status_code == 200
    form = {"name": "f", "group": "g", "form": form_token(client)}
    assert client.post("/replay", data=form, headers=HERE).status_code == 403
    assert done.replayed == []


def test_an_account_without_the_right_does_not_get_in(client: TestClient, provider: Provider) -> None:
    provider.scope = "openid profile"
    answer = come_back(client, leave(client))
    assert answer.status_code == 403
    assert "platform-operator" in answer.text
    assert client.get("/").status_code == 303


@pytest.mark.parametrize(
    "changes",
    [{"code": "bad"}, {"code": ""}, {"state": "made-up"}, {"iss": "https://evil.example"}, {"error": "x", "code": ""}],
)
def test_an_answer_that_does_not_hold_signs_nobody_in(client: TestClient, changes: dict[str, str]) -> None:
    answer = come_back(client, leave(client), **changes)
    assert answer.status_code == 403
    assert client.get("/").status_code == 303


def test_an_answer_counts_once_and_in_its_browser(client: TestClient) -> None:
    asked = leave(client)
    client.cookies.clear()
    assert come_back(client, asked).status_code == 403
    mine = leave(client)
    assert come_back(client, mine).status_code == 303
    assert come_back(client, mine).status_code == 403


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:1", ""])
def test_a_sign_in_leads_to_the_console_alone(client: TestClient, to: str) -> None:
    asked = leave(client, f"/sign-in/identity?{urlencode({'to': to})}")
    assert come_back(client, asked).headers["location"] == "/"


def test_a_sign_in_is_asked_for_again_within_the_hour(provider: Provider) -> None:
    now = [0.0]
    openid = OpenId(Client(ISSUER, "http://testserver"), transport=httpx2.MockTransport(provider.answer))
    app = application(Connection("nowhere:1", "", "PLAINTEXT"), Doors([], lambda: now[0]), openid)
    client = TestClient(app, follow_redirects=False)
    come_back(client, leave(client))
    assert client.get("/").status_code == 200
    now[0] = 3001.0
    assert client.get("/").headers["location"].startswith("/sign-in/identity")


def test_a_provider_that_is_away_is_said(client: TestClient, provider: Provider) -> None:
    provider.away = True
    answer = client.get("/sign-in/identity")
    assert answer.status_code == 503
    assert "does not answer" in answer.text


def test_no_token_opens_a_console_without_tokens(client: TestClient) -> None:
    assert 'name="token"' not in client.get("/sign-in").text
    assert client.post("/sign-in", data={"token": ""}, headers=HERE).status_code == 400


def test_a_console_behind_https_has_a_host_cookie(provider: Provider) -> None:
    openid = OpenId(Client(ISSUER, "https://console.example"), transport=httpx2.MockTransport(provider.answer))
    app = application(Connection("nowhere:1", "", "PLAINTEXT"), Doors([], secure=True), openid)
    client = TestClient(app, base_url="https://console.example", follow_redirects=False)
    cookie = come_back(client, leave(client)).headers["set-cookie"]
    assert cookie.startswith("__Host-kontor-console=") and "; Secure" in cookie
