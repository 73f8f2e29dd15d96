"""What every answer has, in all services alike."""

from collections.abc import AsyncIterator, Mapping

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from harness.applications import build_applications

from chassis import RefusedError
from identity.domain.second_factor.events import FactorRefused
from identity.domain.sign_up import SignUpRefused
from identity.domain.user.events import UserRefused
from kontor_contracts import Refusal
from kontor_contracts.topics import SERVICES

HOST = "http://attacker.example"
PAGE = "http://127.0.0.1:8003"
"""An origin in the services' settings."""


@pytest.fixture(scope="module")
def applications(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, FastAPI]:
    return build_applications(tmp_path_factory.mktemp("keys"))


@pytest.fixture(params=SERVICES)
def app(request: pytest.FixtureRequest, applications: Mapping[str, FastAPI]) -> FastAPI:
    return applications[request.param]


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    # Lets no exception through: a bug is answered.
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url=HOST) as client:
        yield client


async def test_a_path_with_a_slash_behind_it_is_not_found(app: FastAPI, client: httpx2.AsyncClient) -> None:
    for route in app.routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            (method,) = route.methods or set()
            answer = await client.request(method, f"{route.path}/?token=secret")
            assert (answer.status_code, answer.json()["code"]) == (404, "not-found"), route.path
            assert "location" not in answer.headers and "attacker" not in answer.text


async def test_head_is_answered_as_get(app: FastAPI, client: httpx2.AsyncClient) -> None:
    asked = 0
    for route in app.routes:
        if isinstance(route, APIRoute) and route.include_in_schema and "GET" in (route.methods or ()):
            path = route.path.format_map(dict.fromkeys(route.param_convertors, "x"))
            plain, head = await client.get(path), await client.head(path)
            assert head.status_code == plain.status_code, path
            assert head.headers["content-type"] == plain.headers["content-type"]
            asked += 1
    assert asked


async def test_answers_are_not_kept_and_not_guessed_at(client: httpx2.AsyncClient) -> None:
    for path in ("/v1/unknown", "/livez", "/openapi.json", "/v1/me", "/join/x?token=y", "/invitations/x?token=y"):
        answer = await client.get(path)
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert answer.headers["cache-control"] == "no-store", path


async def test_pages_of_known_origins_may_ask_every_service(client: httpx2.AsyncClient) -> None:
    wanted = {"origin": PAGE, "access-control-request-method": "PUT"}
    wanted |= {"access-control-request-headers": "authorization,content-type,idempotency-key"}
    asked = await client.options("/v1/anything", headers=wanted)
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (200, PAGE)
    answer = await client.get("/v1/unknown", headers={"origin": PAGE})
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert "x-correlation-id" in answer.headers["access-control-expose-headers"].lower()
    other = await client.get("/v1/unknown", headers={"origin": "http://other.example"})
    assert "access-control-allow-origin" not in other.headers


async def test_a_page_can_read_the_answer_to_a_bug(app: FastAPI, client: httpx2.AsyncClient) -> None:
    async def bug() -> None:
        raise RuntimeError("a bug of ours")

    app.add_api_route("/v1/bug", bug)
    answer = await client.get("/v1/bug", headers={"origin": PAGE})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (500, PAGE)


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (UserRefused(reason="own-account", detail="ask another administrator"), 403),
        (UserRefused(reason="global-admin-only", detail="ask a global admin", field="roles"), 403),
        (UserRefused(reason="role-not-for-guests", detail="leave it out", field="roles"), 422),
        (UserRefused(reason="unknown-user", detail="there is no such user"), 404),
        (UserRefused(reason="invitation-unknown", detail="ask for a new one"), 404),
        (SignUpRefused(), 410),
        (UserRefused(reason="reset-link-over", detail="ask for a new one"), 410),
        (UserRefused(reason="user-deleted", detail="restore the user first"), 409),
        (FactorRefused(reason="codes-closed", detail="wait", retry_after=60), 429),
    ],
)
async def test_a_refusal_gets_its_status_from_the_catalogue(
    refusal: Refusal, status: int, applications: Mapping[str, FastAPI]
) -> None:
    app = applications["identity"]
    path = f"/v1/refused-{refusal.reason}"

    async def refuse() -> None:
        raise RefusedError(refusal)

    app.add_api_route(path, refuse)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=HOST) as client:
        answer = await client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, refusal.reason)
    assert answer.headers.get("retry-after") == ("60" if status == 429 else None)
