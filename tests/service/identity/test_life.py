"""Identity over real sockets: people who are invited, disabled, deleted and erased, and what the log says of it."""

import asyncio
import csv
import io
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from harness.documents import Documents
from harness.running import Running
from harness.topics import Topics
from service.identity.company import (
    OWN_PASSWORD,
    PASSWORD,
    Person,
    announced,
    is_problem,
    new_user,
    once,
    refresh,
    some_email,
    token,
)
from support import eventually

from chassis.crypto.sealing import Sealer
from kontor_local.keys import SEALING_PRIVATE

Service = Callable[..., AbstractAsyncContextManager[Running]]
Quiet = Callable[[Running], Awaitable[None]]
MONTH = 31 * 24 * 3600
CSV = {"content-type": "text/csv; charset=utf-8"}


@pytest.fixture(scope="module")
async def running(service: Service) -> AsyncIterator[Running]:
    async with service("identity") as running:
        yield running


@pytest.fixture
async def admin(running: Running) -> Person:
    return await Person.sign_up(running)


async def do(by: Person, what: str, user: Person) -> httpx2.Response:
    return await by.post(f"/v1/users/{user.user_id}/{what}", None)


async def sign_in(person: Person, password: str = OWN_PASSWORD) -> httpx2.Response:
    return await token(person.running, grant_type="password", email=person.email, password=password)


async def logged(admin: Person, count: int, query: str = "") -> list[dict[str, Any]]:
    """The activity log, newest first, once it has as many entries."""

    async def found() -> list[dict[str, Any]]:
        answer = await admin.get(f"/v1/audit?limit=200{query}")
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items if len(items) >= count else []

    return await eventually(found)


# -- the end of access


async def test_who_is_disabled_cannot_sign_in_or_go_on_until_enabled(
    running: Running, kafka: Topics, admin: Person
) -> None:
    zoe = await admin.add("helpdesk-agent")
    assert (await do(admin, "disable", zoe)).json()["status"] == "disabled"
    is_problem(await sign_in(zoe), 401, "invalid-credentials")
    is_problem(await refresh(running, zoe.refresh_token), 401, "invalid-credentials")
    is_problem(await zoe.get("/v1/me"), 401, "unauthenticated")
    assert (await do(admin, "disable", zoe)).status_code == 200
    assert (await do(admin, "enable", zoe)).json()["status"] == "active"
    is_problem(await refresh(running, zoe.refresh_token), 401, "invalid-credentials")
    assert (await sign_in(zoe)).status_code == 200
    *_, disabled, enabled = await announced(kafka, running, f"user:{zoe.user_id}", 4)
    assert (disabled.type, enabled.type) == (
        "kontor.identity.user-disabled.v1",
        "kontor.identity.user-enabled.v1",
    )
    assert disabled.actor == f"user:{admin.user_id}"


async def test_who_is_deleted_is_restored_with_everything(running: Running, admin: Person) -> None:
    zoe = await admin.add("helpdesk-agent")
    deleted = (await do(admin, "delete", zoe)).json()
    assert deleted["status"] == "deleted" and deleted["restorable_until"]
    is_problem(await sign_in(zoe), 401, "invalid-credentials")
    assert zoe.user_id not in {user["user_id"] for user in (await admin.get("/v1/users")).json()["items"]}
    gone = (await admin.get("/v1/users?status=deleted")).json()["items"]
    assert [user["user_id"] for user in gone] == [zoe.user_id]
    is_problem(await admin.post("/v1/users", new_user() | {"email": zoe.email}), 409, "restorable", "email")
    assert (await do(admin, "restore", zoe)).json()["status"] == "active"
    await zoe.sign_in(OWN_PASSWORD)
    assert (await zoe.me())["roles"] == ["helpdesk-agent"]


async def test_a_purge_leaves_nothing_personal(running: Running, mongo: Documents, admin: Person) -> None:
    zoe = await admin.add("helpdesk-agent")
    renamed = {"full_name": "Zarathustra Grün", "culture": "de"}
    assert (await admin.put(f"/v1/users/{zoe.user_id}", renamed)).json()["full_name"] == "Zarathustra Grün"
    of_zoe = f"&subject=user:{zoe.user_id}"
    updated = (await logged(admin, 4, of_zoe))[0]
    assert updated["subject_name"] == "Zarathustra Grün"
    assert {"field": "full_name", "old": "Zoë Brown", "new": "Zarathustra Grün"} in updated["differences"]
    is_problem(await do(admin, "purge", zoe), 409, "not-deleted")
    assert (await do(admin, "delete", zoe)).status_code == 200
    key, path = secrets.token_hex(8), f"/v1/users/{zoe.user_id}/purge"
    purged = await admin.post(path, None, key)
    assert purged.json()["status"] == "purged"
    # A client that did not get the answer asks again.
    assert [(await admin.post(path, None, again)).json() for again in (key, None)] == [purged.json()] * 2
    is_problem(await admin.get(f"/v1/users/{zoe.user_id}"), 404, "not-found")

    async def forgotten() -> bool:
        places = [str(document) for document in await mongo.all(running) if zoe.user_id in str(document)]
        words = ("Zarathustra", "Zoë", zoe.email, "argon2")
        return not [place for place in places if any(word in place for word in words)]

    await eventually(forgotten)
    entries = await logged(admin, 6, of_zoe)
    assert [entry["action"] for entry in entries[:2]] == ["user-purged", "user-deleted"]
    assert {each["new"] for each in entries[2]["differences"]} == {None}
    assert entries[0]["subject_name"] is None
    again = await admin.post("/v1/users", new_user() | {"email": zoe.email})
    assert again.status_code == 201, again.text


async def test_after_a_month_the_timer_erases(service: Service, kafka: Topics) -> None:
    async with service("identity") as own:
        admin = await Person.sign_up(own)
        zoe = await admin.add_new()
        assert (await do(admin, "delete", zoe)).status_code == 200
        await own.stop()
        own.env["KONTOR_CLOCK_SKEW"] = str(MONTH)
        await own.start()
        *_, purged = await announced(kafka, own, f"user:{zoe.user_id}", 4)
        assert (purged.type, purged.actor) == ("kontor.identity.user-purged.v1", "service:identity")
        await admin.sign_in(PASSWORD)
        assert (await logged(admin, 1, "&action=user-purged"))[0]["on_behalf_of"] == "program"


# -- the last global admin


async def test_an_organizations_document_grows_with_its_global_admins_alone(
    running: Running, mongo: Documents, quiet: Quiet, admin: Person
) -> None:
    organization = f"organization:{admin.organization_id}"
    await quiet(running)
    before = await mongo.one(running, organization)
    for roles in (["helpdesk-agent"], [], ["admin-agent"]):
        person = await admin.add(*roles)
        for what in ("disable", "enable", "delete", "restore"):
            assert (await do(admin, what, person)).is_success
    await quiet(running)
    assert await mongo.one(running, organization) == before

    second = await admin.add("global-admin")
    assert (await do(admin, "disable", second)).is_success
    await quiet(running)
    after = await mongo.one(running, organization)
    assert {each["user_id"] for each in after["state"]["standings"]} == {admin.user_id, second.user_id}
    assert len(after["in"]) == len(before["in"]) + 1


@pytest.mark.parametrize("what", ["roles", "disable", "delete"])
async def test_fifty_at_once_who_end_each_other_leave_one(admin: Person, what: str) -> None:
    second = await admin.add("global-admin")

    async def end(by: Person, user: Person) -> int:
        if what == "roles":
            return (await by.set_roles(user, "helpdesk-agent")).status_code
        return (await do(by, what, user)).status_code

    codes = await asyncio.gather(*(end(*pair) for pair in [(admin, second), (second, admin)] * 25))
    assert 200 in codes
    assert set(codes) <= {200, 401, 403, 409}
    left = []
    for person in (admin, second):
        answer = await person.get("/v1/me")
        if answer.status_code == 200 and "global-admin" in answer.json()["roles"]:
            left.append(person)
    assert len(left) == 1
    details = (await left[0].get(f"/v1/organizations/{admin.organization_id}")).json()
    assert details["global_admins"] == 1


async def test_with_one_global_admin_left_there_is_a_warning(admin: Person) -> None:
    second = await admin.add("global-admin")
    third = await admin.add("global-admin")
    assert (await do(admin, "disable", third)).json()["warnings"] == []
    (warning,) = (await admin.set_roles(second, "helpdesk-agent")).json()["warnings"]
    assert warning["code"] == "few-global-admins"
    is_problem(await do(admin, "delete", admin), 403, "own-account")


# -- invitations


class Mails:
    """Opens the links that only notifications can open."""

    def __init__(self, running: Running, kafka: Topics, keys: Path) -> None:
        self._running, self._kafka = running, kafka
        self._sealer = Sealer(keys / SEALING_PRIVATE)

    async def link(self, user_id: str, number: int = 1) -> str:
        events = await announced(self._kafka, self._running, f"user:{user_id}", number)
        link = self._sealer.open(events[number - 1].data.sealed_link)
        return link[link.index("/join/") :]


@pytest.fixture
def mails(running: Running, kafka: Topics, keys: Path) -> Mails:
    return Mails(running, kafka, keys)


async def join(running: Running, link: str, password: str) -> httpx2.Response:
    """Open the link, as mail scanners do, too; then fill in the form."""
    page = await running.client.get(link)
    shown = re.search(r'name="token" value="([^"]+)"', page.text)
    assert shown, page.text
    return await running.client.post(link, data={"token": shown[1], "password": password})


async def test_who_is_invited_chooses_a_password_behind_the_link(running: Running, mails: Mails, admin: Person) -> None:
    body, key = new_user("helpdesk-agent"), "invite-once"
    invited = await admin.post("/v1/users/invite", body, key)
    assert (await admin.post("/v1/users/invite", body, key)).json() == invited.json()
    user_id = invited.json()["user_id"]
    link = await mails.link(user_id)
    weak = await join(running, link, "password")
    assert weak.status_code == 400 and "12 characters" in weak.text
    assert weak.headers["referrer-policy"] == "no-referrer" and "password" not in weak.headers.values()
    assert (await join(running, link, OWN_PASSWORD)).status_code == 200
    assert "already" in (await running.client.get(link)).text
    zoe = Person(running, body["email"], user_id, admin.organization_id)
    await zoe.sign_in(OWN_PASSWORD)
    assert (await zoe.me())["roles"] == ["helpdesk-agent"]


async def test_of_fifty_uses_of_one_link_one_counts(running: Running, mails: Mails, admin: Person) -> None:
    body = new_user()
    user_id = (await admin.post("/v1/users/invite", body)).json()["user_id"]
    link = await mails.link(user_id)
    secret = httpx2.URL(link).params["token"]
    passwords = [f"{OWN_PASSWORD} number {n}" for n in range(50)]
    pages = await asyncio.gather(
        *(running.client.post(link, data={"token": secret, "password": each}) for each in passwords)
    )
    assert {page.status_code for page in pages} == {200}
    (winner,) = [n for n, page in enumerate(pages) if "account is ready" in page.text]
    zoe = Person(running, body["email"], user_id)
    assert (await sign_in(zoe, passwords[winner])).status_code == 200
    assert (await sign_in(zoe, passwords[winner - 1])).status_code == 401


async def test_a_newer_invitation_makes_the_older_void(running: Running, mails: Mails, admin: Person) -> None:
    user_id = (await admin.post("/v1/users/invite", new_user())).json()["user_id"]
    renewed = await admin.post(f"/v1/users/{user_id}/invitation/renew", None)
    assert renewed.json()["status"] == "invited"
    assert (await running.client.get(await mails.link(user_id, 1))).status_code == 404
    german = (await mails.link(user_id, 2)).replace("lang=en", "lang=de")
    assert "eingeladen" in (await running.client.get(german)).text
    is_problem(await do(admin, "invitation/renew", admin), 409, "not-invited")


async def test_a_guest_gets_three_roles_only(admin: Person) -> None:
    guest = new_user("referrals-admin") | {"guest": True}
    assert (await admin.post("/v1/users/invite", guest)).status_code == 201
    wrong = new_user("admin-agent") | {"guest": True}
    is_problem(await admin.post("/v1/users/invite", wrong), 422, "role-not-for-guests", "roles")
    (listed,) = (await admin.get("/v1/users?guest=true")).json()["items"]
    assert (listed["status"], listed["roles"]) == ("invited", ["referrals-admin"])


# -- lists and files


async def test_users_are_found_by_name_address_role_and_status(admin: Person) -> None:
    zoe = await admin.add_new("helpdesk-agent")

    async def found(query: str) -> set[str]:
        answer = await admin.get(f"/v1/users?{query}")
        return {user["user_id"] for user in answer.json()["items"]}

    for query in ("q=zoë", "q=BROWN", f"q={zoe.email[:20].upper()}", "role=helpdesk-agent"):
        assert await found(query) == {zoe.user_id}, query
    assert await found("q=.*") == set()
    assert await found("status=disabled") == set()
    await do(admin, "disable", zoe)
    assert await found("status=disabled") == {zoe.user_id}
    is_problem(await admin.get("/v1/users?status=emperor"), 422, "invalid", "status")


async def test_a_file_brings_many_and_says_what_became_of_each(running: Running, kafka: Topics, admin: Person) -> None:
    new, other = some_email(), (await Person.sign_up(running)).email
    file = "\n".join(
        [
            "full_name,email,roles,culture,guest",
            f"Zoë Brown,{new},helpdesk-agent billing-admin,de,",
            f"Zoë Brown,{new.upper()},,de,",
            f"Jürgen Müller,{admin.email},,,",
            f"Somebody Else,{other},,,",
            "No Address,nowhere,,,",
            f"Emperor,{some_email()},emperor,,",
            f"Guest,{some_email()},admin-agent,,yes",
        ]
    )

    async def send(key: str) -> dict[str, Any]:
        headers = admin.bearer | CSV | once(key)
        answer = await running.client.post("/v1/users/import", content=file.encode(), headers=headers)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    first = await send("import-1")
    assert (first["invited"], first["unchanged"], first["failed"]) == (2, 1, 4)
    assert [row["error"] for row in first["rows"]] == [
        None,
        "repeated",
        None,
        None,  # the address has a user elsewhere, which only the mail tells
        "invalid",
        "unknown-role",
        "role-not-for-guests",
    ]
    assert [row["row"] for row in first["rows"]] == list(range(2, 9))
    assert (await send("import-1"))["rows"][0] == first["rows"][0], "the first answer again"
    assert (await send("import-2"))["rows"][0] == first["rows"][0] | {"result": "unchanged"}
    assert len(await announced(kafka, running, f"user:{first['rows'][0]['user_id']}")) == 1
    wrong = await running.client.post("/v1/users/import", content=b"a,b\n", headers=admin.bearer | CSV | once())
    is_problem(wrong, 422, "wrong-columns", "body")


async def test_an_export_is_a_table_and_no_program(admin: Person) -> None:
    formula = new_user("helpdesk-agent") | {"full_name": "=cmd|' /C calc'!A0"}
    assert (await admin.post("/v1/users", formula)).status_code == 201
    answer = await admin.get("/v1/users/export?role=helpdesk-agent&separator=comma")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.content.startswith(b"\xef\xbb\xbfuser_id,"), "Excel reads UTF-8 by it"
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (row["full_name"], row["email"], row["roles"]) == (
        "'=cmd|' /C calc'!A0",
        formula["email"],
        "helpdesk-agent",
    )


# -- access and the log


async def test_access_says_what_is_open_and_whom_to_ask(admin: Person) -> None:
    zoe = await admin.add("helpdesk-agent")
    found = {each["workspace"]: each for each in (await zoe.get("/v1/me/access")).json()["workspaces"]}
    assert found["customers"]["may_enter"] and not found["people"]["may_enter"]
    assert [one["email"] for one in found["people"]["ask"]] == [admin.email]
    assert found["customers"]["ask"] == []
    own = await zoe.put("/v1/me/profile", {"full_name": "Zoë Größler", "culture": "de"})
    assert own.json()["full_name"] == (await zoe.me())["full_name"] == "Zoë Größler"


async def test_the_log_says_who_did_what_to_whom(running: Running, admin: Person) -> None:
    # The organization is registered as a consequence of the account, a moment later.
    await logged(admin, 2)
    zoe = await admin.add_new("helpdesk-agent")
    await admin.set_roles(zoe, "admin-agent")
    entries = await logged(admin, 5)
    assert [each["action"] for each in entries] == [
        "user-roles-changed",
        "user-address-proved",
        "user-added",
        "organization-registered",
        "user-signed-up",
    ]
    changed = entries[0]
    assert (changed["actor"], changed["actor_name"]) == (f"user:{admin.user_id}", "Jürgen Müller")
    assert (changed["subject"], changed["subject_name"]) == (f"user:{zoe.user_id}", "Zoë Brown")
    assert changed["on_behalf_of"] == admin.organization_id
    assert changed["differences"] == [{"field": "roles", "old": "helpdesk-agent", "new": "admin-agent"}]
    page = (await admin.get("/v1/audit?limit=3")).json()
    rest = (await admin.get(f"/v1/audit?limit=3&cursor={page['next_cursor']}")).json()
    assert [*page["items"], *rest["items"]] == entries
    exported = list(
        csv.DictReader(io.StringIO((await admin.get("/v1/audit/export")).content.decode("utf-8-sig")), delimiter=";")
    )
    assert next(row["action"] for row in exported if row["field"] == "roles") == "user-roles-changed"
    stranger = await Person.sign_up(running)
    theirs = await logged(stranger, 2)
    assert {each["on_behalf_of"] for each in theirs} == {stranger.organization_id}
    assert (await stranger.get(f"/v1/audit?subject=user:{zoe.user_id}")).json()["items"] == []
