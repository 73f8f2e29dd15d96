"""Identity over real sockets: the people of an organization, their passwords and roles."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest
from harness.documents import Documents
from harness.running import Running
from harness.topics import Topics
from service.identity.company import (
    OWN_PASSWORD,
    PASSWORD,
    Person,
    activation,
    announced,
    is_problem,
    new_user,
    refresh,
    token,
)
from support import eventually

Service = Callable[..., AbstractAsyncContextManager[Running]]
EIGHT_DAYS = 8 * 24 * 3600


@pytest.fixture(scope="module")
async def running(service: Service) -> AsyncIterator[Running]:
    async with service("identity") as running:
        yield running


@pytest.fixture
async def admin(running: Running) -> Person:
    return await Person.sign_up(running)


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


async def test_a_temporary_password_expires(service: Service) -> None:
    async with service("identity") as own:
        new = await (await Person.sign_up(own)).add_new()
        assert (await new.sign_in(new.temporary))["must_change_password"]
        await own.stop()
        own.env["KONTOR_CLOCK_SKEW"] = str(EIGHT_DAYS)
        await own.start()
        late = await token(own, grant_type="password", email=new.email, password=new.temporary)
    is_problem(late, 401, "invalid-credentials")


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
    added, proved, chosen = await announced(kafka, running, f"user:{zoe.user_id}", 3)
    assert (added.data.added_by, added.data.organization_name) == (admin.user_id, "Müller & Söhne GmbH")
    assert (added.actor, proved.actor) == (f"user:{admin.user_id}", f"user:{zoe.user_id}")
    assert chosen.actor == f"user:{zoe.user_id}"
    assert added.tenantid == admin.organization_id


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
    await admin.counted(2)
    await second.sign_in(OWN_PASSWORD)
    answers = await asyncio.gather(admin.set_roles(second), second.set_roles(admin))
    assert min(answer.status_code for answer in answers) == 200
    # A user who lost the role has lost the token with it, or will in a moment.
    await admin.sign_in(PASSWORD)
    await second.sign_in(OWN_PASSWORD)
    left = [person for person in (admin, second) if (await person.me())["roles"] == ["global-admin"]]
    assert len(left) == 1


async def test_a_token_that_is_out_does_not_outlive_the_role_where_it_counts(admin: Person) -> None:
    second = await admin.add("global-admin")
    assert (await admin.set_roles(second, "user-management-admin")).status_code == 200
    answer = await second.post("/v1/users", new_user("global-admin"))
    # Until its own event has come back to the service, it is the user's document that says no; then it is the token.
    if answer.status_code == 401:
        is_problem(answer, 401, "unauthenticated")
    else:
        is_problem(answer, 403, "global-admin-only", "roles")


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
    await announced(kafka, running, f"organization:{admin.organization_id}", 1)
    await kafka.produce(running.topic("enrollment.events"), activation(admin))

    async def active() -> bool:
        status: str = (await admin.me())["organization"]["status"]
        return status == "active"

    await eventually(active)
    assert (await admin.me())["roles"] == ["owner", "global-admin", "admin-agent"]
    await admin.sign_in(PASSWORD)
    assert "customers:invite" in (await admin.me())["permissions"]
    told = await announced(kafka, running, f"organization:{admin.organization_id}", 2)
    types = [each.type for each in told]
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
