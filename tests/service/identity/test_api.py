"""Identity over real sockets: signing up, signing in, and what each door refuses."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from joserfc import jwt
from joserfc.jwk import KeySet
from service.identity.company import (
    OWN_PASSWORD,
    PASSWORD,
    SHIPPED_MEMORY,
    Person,
    announced,
    is_problem,
    new_user,
    once,
    refresh,
    sign_up,
    some_email,
    token,
)

from identity.cli import ORGANIZATION_ID
from identity.sign_in.sign_up.sign_ups import sign_up_id
from kontor_local.processes import ProcessError

Service = Callable[..., AbstractAsyncContextManager[Running]]
EIGHT_DAYS = 8 * 24 * 3600
PORTAL = "https://portal.example"


@pytest.fixture(scope="module")
async def running(service: Service) -> AsyncIterator[Running]:
    async with service("identity", KONTOR_CORS_ORIGINS=f'["{PORTAL}"]') as running:
        yield running


@pytest.fixture
async def admin(running: Running) -> Person:
    return await Person.sign_up(running)


# -- signing up


async def test_signing_up_makes_a_work_account_with_a_global_admin(running: Running, kafka: Topics) -> None:
    admin = await Person.sign_up(running)
    me = await admin.me()
    assert (me["full_name"], me["roles"], me["culture"]) == ("Jürgen Müller", ["global-admin"], "de")
    assert {"users:write", "enrollment:submit"} <= set(me["permissions"])
    assert me["organization"] == {
        "organization_id": admin.organization_id,
        "name": "Müller & Söhne GmbH",
        "kind": "reseller",
        "country": "DE",
        "culture": "de",
        "status": "registered",
    }
    organization = f"organization:{admin.organization_id}"
    (registered,) = await announced(kafka, running, organization)
    assert registered.data.registered_by == admin.user_id
    (signed_up,) = await announced(kafka, running, f"user:{admin.user_id}")
    assert signed_up.tenantid == registered.tenantid == admin.organization_id
    assert registered.causationid == signed_up.id


async def test_the_same_sign_up_again_gets_the_same_answer(running: Running) -> None:
    body, key = sign_up(some_email()), once()
    first, second = [await running.client.post("/v1/sign-up", json=body, headers=key) for _ in range(2)]
    assert (second.status_code, second.json()) == (first.status_code, first.json())
    other = await running.client.post("/v1/sign-up", json=body | {"full_name": "Else"}, headers=key)
    is_problem(other, 422, "idempotency-key-reused", "Idempotency-Key")


async def test_an_address_has_one_user_however_it_is_spelled(running: Running, kafka: Topics, admin: Person) -> None:
    again = await running.client.post("/v1/sign-up", json=sign_up(admin.email.upper()), headers=once())
    assert again.status_code == 202
    told = await announced(kafka, running, sign_up_id(admin.email), 2)
    assert told[-1].type == "kontor.identity.sign-up-repeated.v1"
    added = await admin.post("/v1/users", new_user() | {"email": admin.email.upper()})
    is_problem(added, 409, "taken", "email")
    assert (
        await token(running, grant_type="password", email=admin.email.upper(), password=PASSWORD)
    ).status_code == 200


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"email": "nobody"}, "invalid", "email"),
        ({"full_name": "Eve\r\nBcc: all"}, "invalid", "full_name"),
        ({"password": "short"}, "password-too-short", "password"),
        ({"password": "passwordpassword"}, "password-leaked", "password"),
        ({"password": "bei Müller & Söhne GmbH"}, "password-guessable", "password"),
    ],
)
async def test_a_sign_up_that_cannot_be_names_the_field(
    running: Running, change: dict[str, str], code: str, field: str
) -> None:
    answer = await running.client.post("/v1/sign-up", json=sign_up(some_email()) | change, headers=once())
    is_problem(answer, 422, code, field)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kind", "operator"),
        ("country", "Germany"),
        ("country", "ZZ"),
        ("country", "EU"),
        ("culture", "German"),
        ("culture", "zz"),
    ],
)
async def test_nobody_signs_up_as_the_programs_staff_or_from_nowhere(running: Running, name: str, value: str) -> None:
    body = sign_up(some_email())
    body["organization"] |= {name: value}
    is_problem(
        await running.client.post("/v1/sign-up", json=body, headers=once()), 422, "invalid", f"organization.{name}"
    )


# -- signing in


async def test_a_token_says_who_calls_and_holds_by_the_published_keys(running: Running, admin: Person) -> None:
    published = await running.client.get("/.well-known/jwks.json")
    assert published.headers["cache-control"] == "public, max-age=300"
    assert "d" not in published.json()["keys"][0]
    read = jwt.decode(admin.access_token, KeySet.import_key_set(published.json()), algorithms=["Ed25519"])
    assert (read.header["typ"], read.header["alg"]) == ("at+jwt", "Ed25519")
    claims = read.claims
    assert claims["exp"] - claims["iat"] == 600
    assert claims["sid"] and claims["auth_time"] <= claims["iat"]
    assert claims | {"iat": 0, "exp": 0, "auth_time": 0, "jti": "", "sid": "", "scope": ""} == {
        "iss": running.env["KONTOR_ISSUER"],
        "aud": "kontor",
        "iat": 0,
        "exp": 0,
        "jti": "",
        "sub": admin.user_id,
        "org": admin.organization_id,
        "org_name": "Müller & Söhne GmbH",
        "org_kind": "reseller",
        "country": "DE",
        "name": "Jürgen Müller",
        "email": admin.email,
        "culture": "de",
        "scope": "",
        "client_id": "kontor",
        "auth_time": 0,
        "amr": ["pwd"],
        "acr": "pwd",
        "sid": "",
        "ver": 1,
    }
    assert claims["scope"].split() == (await admin.me())["permissions"]


async def test_whoever_may_not_sign_in_gets_one_answer(running: Running, admin: Person) -> None:
    grants = [
        {"grant_type": "password", "email": admin.email, "password": "not this one"},
        {"grant_type": "password", "email": some_email(), "password": PASSWORD},
        {"grant_type": "refresh_token", "refresh_token": "no.token"},
        {"grant_type": "refresh_token", "refresh_token": "nothing"},
        {"grant_type": "refresh_token", "refresh_token": f"{secrets.token_hex(16)}.{secrets.token_urlsafe(32)}"},
    ]
    answers = [await token(running, **grant) for grant in grants]
    for answer in answers:
        is_problem(answer, 401, "invalid-credentials")
    assert len({answer.json()["detail"] for answer in answers}) == 1


async def test_a_refresh_token_gives_one_successor_however_often_it_is_sent(running: Running, admin: Person) -> None:
    both = await asyncio.gather(*(refresh(running, admin.refresh_token) for _ in range(2)))
    later = await refresh(running, admin.refresh_token)
    assert {answer.status_code for answer in (*both, later)} == {200}
    (successor,) = {answer.json()["refresh_token"] for answer in (*both, later)}
    assert successor != admin.refresh_token
    assert (await refresh(running, successor)).status_code == 200
    assert (await refresh(running, admin.refresh_token)).json()["refresh_token"] == successor


async def test_a_used_refresh_token_signs_out_for_as_long_as_it_is_good(running: Running, admin: Person) -> None:
    successor = (await refresh(running, admin.refresh_token)).json()["refresh_token"]
    revoked = await running.client.post("/v1/token/revoke", json={"token": admin.refresh_token})
    assert revoked.status_code == 204
    is_problem(await refresh(running, successor), 401, "invalid-credentials")


async def test_tokens_are_not_to_be_cached(running: Running, admin: Person) -> None:
    signed_in = await token(running, grant_type="password", email=admin.email, password=PASSWORD)
    assert signed_in.headers["cache-control"] == "no-store"
    added = await admin.post("/v1/users", new_user())
    assert added.headers["cache-control"] == "no-store"


async def test_too_many_passwords_at_once_are_told_to_come_back(service: Service) -> None:
    grant = {"grant_type": "password", "email": some_email(), "password": PASSWORD}
    slow = {"KONTOR_PASSWORD_THREADS": 1, "KONTOR_PASSWORD_QUEUE": 1, "KONTOR_PASSWORD_MEMORY": SHIPPED_MEMORY}
    async with service("identity", **slow) as own:
        answers = await asyncio.gather(*(token(own, **grant) for _ in range(12)))
    busy = [answer for answer in answers if answer.status_code == 429]
    assert busy
    assert {answer.headers["retry-after"] for answer in busy} == {"2"}
    assert {answer.status_code for answer in answers} == {401, 429}


# -- doors


DOORS = [
    ("GET", "/v1/me"),
    ("PUT", "/v1/me/password"),
    ("GET", "/v1/users"),
    ("POST", "/v1/users"),
    ("GET", "/v1/users/{user}"),
    ("PUT", "/v1/users/{user}/roles"),
    ("GET", "/v1/organizations/{organization}"),
    ("GET", "/v1/roles"),
    ("GET", "/v1/me/sessions"),
    ("DELETE", "/v1/me/sessions"),
    ("DELETE", "/v1/me/sessions/{session}"),
    ("GET", "/v1/me/second-factor"),
    ("POST", "/v1/me/second-factor"),
    ("POST", "/v1/me/second-factor/confirm"),
    ("POST", "/v1/me/second-factor/recovery-codes"),
    ("POST", "/v1/me/second-factor/off"),
    ("DELETE", "/v1/users/{user}/second-factor"),
]
BODIES: dict[str, Any] = {
    "/v1/me/second-factor": {"current_password": PASSWORD},
    **{f"/v1/me/second-factor/{last}": {"code": "123456"} for last in ("confirm", "recovery-codes", "off")},
    "/v1/me/password": {"current_password": PASSWORD, "new_password": OWN_PASSWORD},
    "/v1/users": new_user("helpdesk-agent"),
    "/v1/users/{user}/roles": {"roles": []},
}


@pytest.mark.parametrize(("method", "path"), DOORS)
async def test_without_a_token_no_door_opens(running: Running, method: str, path: str) -> None:
    answer = await running.client.request(method, path, json=BODIES.get(path), headers=once())
    is_problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("method", "path"), [door for door in DOORS if not door[1].startswith(("/v1/me", "/v1/roles"))]
)
async def test_without_the_permission_the_door_stays_shut(
    running: Running, tokens: Tokens, admin: Person, method: str, path: str
) -> None:
    powerless = tokens.bearer(admin.organization_id, user_id=admin.user_id, permissions={"customers:read"})
    place = path.format(user=admin.user_id, organization=admin.organization_id, session="none")
    answer = await running.client.request(method, place, json=BODIES.get(path), headers=powerless | once())
    is_problem(answer, 403, "forbidden")


async def test_another_organization_sees_and_changes_nothing(running: Running, admin: Person) -> None:
    stranger = await Person.sign_up(running, "provider")
    for path in (f"/v1/users/{admin.user_id}", f"/v1/organizations/{admin.organization_id}"):
        is_problem(await stranger.get(path), 404, "not-found")
    is_problem(await stranger.set_roles(admin, "helpdesk-agent"), 404, "not-found")
    listed = (await stranger.get("/v1/users")).json()["items"]
    assert [user["user_id"] for user in listed] == [stranger.user_id]
    assert (await admin.me())["roles"] == ["global-admin"]


async def test_a_cursor_of_another_organization_leads_nowhere_else(running: Running, admin: Person) -> None:
    await admin.add_new()
    cursor = (await admin.get("/v1/users?limit=1")).json()["next_cursor"]
    stranger = await Person.sign_up(running)
    listed = (await stranger.get(f"/v1/users?cursor={cursor}")).json()["items"]
    assert {user["user_id"] for user in listed} <= {stranger.user_id}


# -- the program's staff


async def test_an_operator_is_made_at_the_console(running: Running, kafka: Topics, admin: Person) -> None:
    email = some_email()
    temporary = await create_operator(running, email)
    again = await create_operator(running, email)
    assert len(temporary) == len(again) == 20
    is_problem(await token(running, grant_type="password", email=email, password=temporary), 401, "invalid-credentials")
    olga = Person(running, email)
    await olga.sign_in(again)
    await olga.choose(again, OWN_PASSWORD)
    await olga.sign_in(OWN_PASSWORD)
    me = await olga.me()
    assert (me["roles"], me["organization"]["kind"]) == (["program-operator"], "operator")
    assert me["organization"]["organization_id"] == ORGANIZATION_ID
    assert (await olga.get(f"/v1/organizations/{admin.organization_id}")).json()["kind"] == "reseller"
    is_problem(await olga.get(f"/v1/users/{admin.user_id}"), 403, "forbidden")
    with pytest.raises(ProcessError, match="chosen a password"):
        await create_operator(running, email)
    (registered,) = await announced(kafka, running, f"organization:{ORGANIZATION_ID}")
    assert registered.data.organization.kind == "operator"


async def test_an_address_of_a_company_is_no_operators(running: Running, admin: Person) -> None:
    with pytest.raises(ProcessError, match="another organization"):
        await create_operator(running, admin.email)
    assert (await admin.me())["roles"] == ["global-admin"]


async def create_operator(running: Running, email: str) -> str:
    printed = await running.job("create-operator", "--email", email, "--full-name", "Olga Öztürk")
    return printed.splitlines()[-1]


@pytest.mark.parametrize(("origin", "allowed"), [(PORTAL, PORTAL), ("https://stranger.example", None)])
async def test_a_browser_signs_in_from_the_configured_pages_alone(
    running: Running, origin: str, allowed: str | None
) -> None:
    wish = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    preflight = await running.client.options("/v1/token", headers={"origin": origin, **wish})
    assert preflight.headers.get("access-control-allow-origin") == allowed
    assert "access-control-allow-credentials" not in preflight.headers
