"""Identity over real sockets: signing up and in, people and their roles, and what each door refuses."""

import asyncio
import json
import secrets
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Any

import pytest
from harness.documents import Documents
from harness.running import Running, Services
from harness.tokens import Tokens
from harness.topics import Topics
from joserfc import jwt
from joserfc.jwk import KeySet
from service.identity_company import (
    OWN_PASSWORD,
    PASSWORD,
    Person,
    is_problem,
    new_user,
    once,
    refresh,
    sign_up,
    some_email,
    token,
)
from support import eventually

from identity.operators import ORGANIZATION_ID
from kontor_contracts import Envelope, new_envelope
from kontor_contracts.enrollment import EnrollmentActivated
from kontor_contracts.values import Partner, Recipient
from kontor_local.processes import ProcessError, run

Service = Callable[..., AbstractAsyncContextManager[Running]]
EIGHT_DAYS = 8 * 24 * 3600


@pytest.fixture(scope="module")
async def running(service: Service) -> AsyncIterator[Running]:
    async with service("identity") as running:
        yield running


@pytest.fixture
async def admin(running: Running) -> Person:
    return await Person.sign_up(running)


async def announced(kafka: Topics, running: Running, subject: str) -> list[Envelope[Any]]:
    found = await kafka.envelopes(running.topic("identity.events"))
    return sorted((each for each in found if each.subject == subject), key=lambda each: each.sequence)


def activation(admin: Person, organization_id: str | None = None) -> Envelope[EnrollmentActivated]:
    """Enrollment's word that the company of this user is in the program."""
    partner = Partner(
        organization_id=organization_id or admin.organization_id,
        partner_id="4711001",
        name="Müller & Söhne GmbH",
        program="indirect-reseller",
        contact=Recipient(name="Anna Schäfer", email="anna@company.example"),
    )
    enrollment_id = secrets.token_hex(8)
    return new_envelope(
        EnrollmentActivated(
            enrollment_id=enrollment_id, partner=partner, country="DE", region="europe", enrolled_by=admin.user_id
        ),
        id=secrets.token_hex(8),
        source="/kontor/enrollment",
        subject=f"enrollment:{enrollment_id}",
        time=datetime.now(UTC),
        sequence=1,
        correlationid="activation",
        tenantid=partner.organization_id,
    )


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
    (registered,) = await eventually(lambda: announced(kafka, running, organization))
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


async def test_an_address_has_one_user_however_it_is_spelled(running: Running, admin: Person) -> None:
    again = await running.client.post("/v1/sign-up", json=sign_up(admin.email.upper()), headers=once())
    is_problem(again, 409, "taken", "email")
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
        ({"password": "passwordpassword"}, "password-guessable", "password"),
        ({"password": "bei Müller & Söhne GmbH"}, "password-guessable", "password"),
    ],
)
async def test_a_sign_up_that_cannot_be_names_the_field(
    running: Running, change: dict[str, str], code: str, field: str
) -> None:
    answer = await running.client.post("/v1/sign-up", json=sign_up(some_email()) | change, headers=once())
    is_problem(answer, 422, code, field)


@pytest.mark.parametrize(("name", "value"), [("kind", "operator"), ("country", "Germany"), ("culture", "German")])
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
    assert claims | {"iat": 0, "exp": 0, "jti": "", "scope": ""} == {
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


async def test_a_refresh_token_works_once_and_its_copy_ends_the_session(running: Running, admin: Person) -> None:
    first = admin.refresh_token
    second = (await refresh(running, first)).json()
    assert second["refresh_token"] != first
    assert (await refresh(running, second["refresh_token"])).status_code == 200
    stolen = await refresh(running, first)
    is_problem(stolen, 401, "invalid-credentials")


async def test_after_a_copy_was_used_no_token_of_the_session_works(running: Running, admin: Person) -> None:
    newest = (await refresh(running, admin.refresh_token)).json()["refresh_token"]
    await refresh(running, admin.refresh_token)
    is_problem(await refresh(running, newest), 401, "invalid-credentials")


async def test_of_two_uses_at_the_same_moment_none_leaves_a_good_token(running: Running, admin: Person) -> None:
    both = await asyncio.gather(*(refresh(running, admin.refresh_token) for _ in range(2)))
    assert sorted(answer.status_code for answer in both) == [200, 401]
    (won,) = [answer.json()["refresh_token"] for answer in both if answer.status_code == 200]
    is_problem(await refresh(running, won), 401, "invalid-credentials")


async def test_tokens_are_not_to_be_cached(running: Running, admin: Person) -> None:
    signed_in = await token(running, grant_type="password", email=admin.email, password=PASSWORD)
    assert signed_in.headers["cache-control"] == "no-store"
    added = await admin.post("/v1/users", new_user())
    assert added.headers["cache-control"] == "no-store"


async def test_too_many_passwords_at_once_are_told_to_come_back(services: Services, running: Running) -> None:
    async with services.another(running, KONTOR_PASSWORD_THREADS=1, KONTOR_PASSWORD_QUEUE=1) as narrow:
        grant = {"grant_type": "password", "email": some_email(), "password": PASSWORD}
        answers = await asyncio.gather(*(token(narrow, **grant) for _ in range(12)))
    busy = [answer for answer in answers if answer.status_code == 429]
    assert busy
    assert {answer.headers["retry-after"] for answer in busy} == {"1"}
    assert {answer.status_code for answer in answers} == {401, 429}


# -- the temporary password


async def test_a_temporary_password_is_shown_once(admin: Person) -> None:
    body, key = new_user("helpdesk-agent"), secrets.token_hex(16)
    first = (await admin.post("/v1/users", body, key)).json()
    second = (await admin.post("/v1/users", body, key)).json()
    assert len(first["temporary_password"]) == 20
    assert second == first | {"temporary_password": None}
    shown = (await admin.get(f"/v1/users/{first['user_id']}")).json()
    assert shown["must_change_password"]
    assert first["temporary_password"] not in json.dumps(shown)


async def test_with_a_temporary_password_one_can_change_it_and_nothing_else(running: Running, admin: Person) -> None:
    new = await admin.add_new("user-management-admin")
    signed_in = await new.sign_in(new.temporary)
    assert (signed_in["must_change_password"], signed_in["refresh_token"]) == (True, None)
    closed = [
        "/v1/me",
        "/v1/users",
        f"/v1/users/{new.user_id}",
        "/v1/roles",
        f"/v1/organizations/{new.organization_id}",
    ]
    for path in closed:
        is_problem(await new.get(path), 403, "forbidden")
    is_problem(await new.post("/v1/users", new_user()), 403, "forbidden")
    is_problem(await new.set_roles(new, "helpdesk-agent"), 403, "forbidden")
    await new.choose(new.temporary, OWN_PASSWORD)
    signed_in = await new.sign_in(OWN_PASSWORD)
    assert not signed_in["must_change_password"]
    assert (await new.me())["roles"] == ["user-management-admin"]
    is_problem(
        await token(running, grant_type="password", email=new.email, password=new.temporary), 401, "invalid-credentials"
    )


async def test_a_temporary_password_expires(services: Services, running: Running, admin: Person) -> None:
    new = await admin.add_new()
    async with services.another(running, KONTOR_CLOCK_SKEW=EIGHT_DAYS) as later:
        late = await token(later, grant_type="password", email=new.email, password=new.temporary)
    is_problem(late, 401, "invalid-credentials")
    assert (await new.sign_in(new.temporary))["must_change_password"]


async def test_changing_the_password_ends_the_sessions(running: Running, admin: Person) -> None:
    await admin.choose(PASSWORD, OWN_PASSWORD)
    is_problem(await refresh(running, admin.refresh_token), 401, "invalid-credentials")
    old = await token(running, grant_type="password", email=admin.email, password=PASSWORD)
    is_problem(old, 401, "invalid-credentials")
    await admin.sign_in(OWN_PASSWORD)
    assert (await refresh(running, admin.refresh_token)).status_code == 200


@pytest.mark.parametrize(
    ("current", "new", "code", "field"),
    [
        ("not this one", OWN_PASSWORD, "wrong-password", "current_password"),
        (PASSWORD, PASSWORD, "password-reused", "new_password"),
        (PASSWORD, "short", "password-too-short", "new_password"),
    ],
)
async def test_a_new_password_needs_the_old_one_and_must_be_new(
    admin: Person, current: str, new: str, code: str, field: str
) -> None:
    answer = await admin.put("/v1/me/password", {"current_password": current, "new_password": new})
    is_problem(answer, 422, code, field)
    assert (await admin.sign_in(PASSWORD))["refresh_token"]


# -- people and roles


async def test_adding_a_user_is_announced_without_a_password(running: Running, kafka: Topics, admin: Person) -> None:
    zoe = await admin.add("helpdesk-agent")
    added, chosen = await eventually(lambda: two_of(kafka, running, f"user:{zoe.user_id}"))
    assert (added.data.added_by, added.data.organization_name) == (admin.user_id, "Müller & Söhne GmbH")
    assert (added.actor, chosen.actor) == (f"user:{admin.user_id}", f"user:{zoe.user_id}")
    assert added.tenantid == admin.organization_id


async def two_of(kafka: Topics, running: Running, subject: str) -> list[Envelope[Any]]:
    found = await announced(kafka, running, subject)
    return found if len(found) == 2 else []


async def test_no_secret_is_in_the_topic_the_logs_or_the_database(
    running: Running, kafka: Topics, mongo: Documents, admin: Person
) -> None:
    zoe = await admin.add_new()
    await zoe.sign_in(zoe.temporary)
    await zoe.choose(zoe.temporary, "a canary sings at noon 1")
    await zoe.sign_in("a canary sings at noon 1")
    await refresh(running, zoe.refresh_token)
    everywhere = [
        *(str(read.record.value) for read in await kafka.read_all(running.topic("identity.events"))),
        *map(str, running.logs()),
        *map(str, await mongo.all(running)),
    ]
    assert len(everywhere) > 10
    for secret in (zoe.temporary, "a canary sings", zoe.access_token, zoe.refresh_token):
        assert not [place for place in everywhere if secret in place]


@pytest.mark.parametrize(
    ("role", "code"),
    [("emperor", "unknown-role"), ("sales-agent", "role-not-for-kind"), ("program-operator", "role-not-for-kind")],
)
async def test_a_role_that_cannot_be_given_is_named(admin: Person, role: str, code: str) -> None:
    is_problem(refused := await admin.post("/v1/users", new_user("helpdesk-agent", role)), 422, code, "roles")
    assert role in refused.json()["detail"]
    is_problem(await admin.set_roles(await admin.add_new(), role), 422, code, "roles")


async def test_roles_give_what_the_matrix_says(admin: Person) -> None:
    zoe = await admin.add("helpdesk-agent")
    matrix = {row["role"]: row for row in (await zoe.get("/v1/roles")).json()["roles"]}
    given = matrix["helpdesk-agent"]["permissions"]
    promised = {each["permission"] for each in given if "reseller" in each["organization_kinds"]}
    assert set((await zoe.me())["permissions"]) == promised
    assert matrix["sales-agent"]["organization_kinds"] == ["provider"]
    answer = await admin.set_roles(zoe, "helpdesk-agent", "user-management-admin")
    assert answer.json()["roles"] == ["user-management-admin", "helpdesk-agent"]
    await zoe.sign_in(OWN_PASSWORD)
    assert (await zoe.get("/v1/users")).status_code == 200


async def test_only_a_global_admin_gives_or_takes_the_highest_roles(admin: Person) -> None:
    manager = await admin.add("user-management-admin")
    is_problem(await manager.post("/v1/users", new_user("global-admin")), 403, "global-admin-only", "roles")
    is_problem(await manager.set_roles(admin, "helpdesk-agent"), 403, "global-admin-only", "roles")
    is_problem(await manager.set_roles(manager, "user-management-admin", "admin-agent"), 403, "own-roles", "roles")
    assert (await admin.set_roles(admin, "global-admin", "admin-agent")).status_code == 200


async def test_the_last_global_admin_keeps_the_role(admin: Person) -> None:
    is_problem(await admin.set_roles(admin), 409, "last-global-admin")
    second = await admin.add("global-admin")
    assert (await admin.set_roles(admin)).json()["roles"] == []
    is_problem(await second.set_roles(second), 409, "last-global-admin")


async def test_two_global_admins_who_demote_each_other_leave_one(admin: Person) -> None:
    second = await admin.add()
    assert (await admin.set_roles(second, "global-admin")).status_code == 200
    await second.sign_in(OWN_PASSWORD)
    answers = await asyncio.gather(admin.set_roles(second), second.set_roles(admin))
    left = [person for person in (admin, second) if (await person.me())["roles"] == ["global-admin"]]
    assert sorted(answer.status_code for answer in answers)[0] == 200
    assert len(left) == 1


async def test_a_token_that_is_out_does_not_outlive_the_role_where_it_counts(admin: Person) -> None:
    second = await admin.add("global-admin")
    assert (await admin.set_roles(second, "user-management-admin")).status_code == 200
    is_problem(await second.post("/v1/users", new_user("global-admin")), 403, "global-admin-only", "roles")


async def test_users_are_listed_in_pages(admin: Person) -> None:
    people = {admin.user_id, *[(await admin.add_new()).user_id for _ in range(2)]}
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = (await admin.get(f"/v1/users?limit=2{cursor and f'&cursor={cursor}'}")).json()
        seen += [user["user_id"] for user in page["items"]]
        cursor = page["next_cursor"]
    assert len(seen) == 3
    assert set(seen) == people


# -- activation


async def test_activation_makes_the_enrolling_user_owner_and_admin_agent(
    running: Running, kafka: Topics, admin: Person
) -> None:
    await kafka.produce(running.topic("enrollment.events"), activation(admin))

    async def active() -> bool:
        return (await admin.me())["organization"]["status"] == "active"

    await eventually(active)
    assert (await admin.me())["roles"] == ["owner", "global-admin", "admin-agent"]
    await admin.sign_in(PASSWORD)
    assert "customers:invite" in (await admin.me())["permissions"]
    types = [each.type for each in await announced(kafka, running, f"organization:{admin.organization_id}")]
    assert types == ["kontor.identity.organization-registered.v1", "kontor.identity.organization-activated.v1"]


async def test_activation_for_a_user_of_another_organization_is_parked(
    running: Running, kafka: Topics, admin: Person
) -> None:
    other = await Person.sign_up(running)
    foreign = activation(admin, other.organization_id)
    await kafka.produce(running.topic("enrollment.events"), foreign)

    async def parked() -> bool:
        found = await kafka.envelopes(running.topic("identity.dlq"))
        return foreign.id in {each.id for each in found}

    await eventually(parked)
    assert (await admin.me())["roles"] == ["global-admin"]
    assert (await other.me())["organization"]["status"] == "registered"


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
]
BODIES: dict[str, Any] = {
    "/v1/me/password": {"current_password": PASSWORD, "new_password": OWN_PASSWORD},
    "/v1/users": new_user("helpdesk-agent"),
    "/v1/users/{user}/roles": {"roles": []},
}


async def test_every_path_is_known_to_the_tests_of_doors(running: Running) -> None:
    described = (await running.client.get("/openapi.json")).json()["paths"]
    open_to_all = {"/v1/sign-up", "/v1/token", "/.well-known/jwks.json"}
    known = {path.replace("{user}", "{user_id}").replace("{organization}", "{organization_id}") for _, path in DOORS}
    assert set(described) == known | open_to_all


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
    place = path.format(user=admin.user_id, organization=admin.organization_id)
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
    (registered,) = await eventually(lambda: announced(kafka, running, f"organization:{ORGANIZATION_ID}"))
    assert registered.data.organization.kind == "operator"


async def test_an_address_of_a_company_is_no_operators(running: Running, admin: Person) -> None:
    with pytest.raises(ProcessError, match="another organization"):
        await create_operator(running, admin.email)
    assert (await admin.me())["roles"] == ["global-admin"]


async def create_operator(running: Running, email: str) -> str:
    command = [sys.executable, "-m", "identity", "create-operator", "--email", email, "--full-name", "Olga Öztürk"]
    printed = await run(
        "create-operator", command, env=running.env, log=running.process.log.with_suffix(".console.log")
    )
    return printed.splitlines()[-1]
