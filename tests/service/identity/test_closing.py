"""An organization is corrected, closed, opened again; a high role is given up on purpose alone."""

from collections.abc import AsyncIterator

import pytest
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.conftest import Service
from service.identity.company import PASSWORD, Person, is_problem, once, sign_up, token
from support import eventually

from kontor_contracts.identity import OrganizationErased, UserPurged

CLOSE = {"confirm": True}


@pytest.fixture(scope="module")
async def running(service: Service) -> AsyncIterator[Running]:
    async with service("identity") as running:
        yield running


@pytest.fixture
async def admin(running: Running) -> Person:
    return await Person.sign_up(running, "customer")


def place(person: Person, what: str) -> str:
    return f"/v1/organizations/{person.organization_id}/{what}"


async def status_of_sign_in(person: Person) -> int:
    answer = await token(person.running, grant_type="password", email=person.email, password=PASSWORD)
    return answer.status_code


async def test_country_and_kind_are_corrected(admin: Person) -> None:
    await eventually(admin.global_admins)
    path = place(admin, "registration")
    answer = await admin.put(path, {"country": "AT", "kind": "reseller"})
    assert answer.status_code == 200, answer.text
    is_problem(await admin.put(path, {"country": "ZZ", "kind": "reseller"}), 422, "invalid", "country")

    async def in_the_token() -> bool:
        await admin.sign_in(PASSWORD)
        me = await admin.me()
        return (me["organization"]["country"], me["organization"]["kind"]) == ("AT", "reseller")

    await eventually(in_the_token)
    await admin.add_new("helpdesk-agent")
    is_problem(await admin.put(path, {"country": "AT", "kind": "customer"}), 409, "roles-not-for-kind", "kind")


async def test_a_closed_account_is_shut_and_comes_back(running: Running, admin: Person, tokens: Tokens) -> None:
    colleague = await admin.add("user-management-admin")
    await eventually(admin.global_admins)
    is_problem(await admin.post(place(admin, "close"), {}), 422, "invalid", "confirm")
    is_problem(await colleague.post(place(admin, "close"), CLOSE), 403, "forbidden")
    stranger = await Person.sign_up(running, "customer")
    is_problem(await stranger.post(place(admin, "close"), CLOSE), 404, "not-found")
    answer = await admin.post(place(admin, "close"), CLOSE)
    assert answer.status_code == 200 and answer.json()["closed"] is True and answer.json()["reopenable_until"]

    async def shut() -> bool:
        return await status_of_sign_in(admin) == 401 and (await colleague.get("/v1/me")).status_code == 401

    await eventually(shut)
    staff = tokens.bearer("program", organization_kind="operator", permissions={"organization:reopen"})
    nobody = tokens.bearer("other", organization_kind="reseller", permissions={"organization:close"})
    refused = await running.client.post(place(admin, "reopen"), headers=nobody | once())
    is_problem(refused, 403, "forbidden")
    opened = await running.client.post(place(admin, "reopen"), headers=staff | once())
    assert opened.status_code == 200 and opened.json()["closed"] is False

    async def back() -> bool:
        return await status_of_sign_in(admin) == 200

    await eventually(back)


async def test_a_closed_account_frees_its_addresses_in_the_end(service: Service, tokens: Tokens, kafka: Topics) -> None:
    async with service("identity", KONTOR_RESTORABLE_FOR=1) as running:
        admin = await Person.sign_up(running, "customer")
        await eventually(admin.global_admins)
        assert (await admin.post(place(admin, "close"), CLOSE)).status_code == 200

        async def erased() -> bool:
            events = await kafka.envelopes(running.topic("identity.events"))
            ends = {(event.type, event.subject) for event in events}
            return {
                (OrganizationErased.TYPE, f"organization:{admin.organization_id}"),
                (UserPurged.TYPE, f"user:{admin.user_id}"),
            } <= ends

        await eventually(erased, timeout=20)
        staff = tokens.bearer("program", organization_kind="operator", permissions={"organization:reopen"})
        late = await running.client.post(place(admin, "reopen"), headers=staff | once())
        is_problem(late, 409, "not-closed")
        answer = await running.client.post("/v1/sign-up", json=sign_up(admin.email, "customer"), headers=once())
        again = Person(running, admin.email, **answer.json())
        await again.prove(PASSWORD, 2)
        await again.sign_in(PASSWORD)
        assert (await again.me())["user_id"] == again.user_id != admin.user_id


async def test_only_the_last_global_admin_closes_and_staff_any(running: Running, admin: Person, tokens: Tokens) -> None:
    await admin.add("global-admin")
    is_problem(await admin.post(place(admin, "close"), CLOSE), 409, "other-global-admins")
    staff = tokens.bearer("program", organization_kind="operator", permissions={"organization:close"})
    answer = await running.client.post(place(admin, "close"), json=CLOSE, headers=staff | once())
    assert answer.status_code == 200, answer.text


async def test_the_last_own_high_role_is_given_up_on_purpose(admin: Person) -> None:
    second = await admin.add("global-admin")
    path = f"/v1/users/{second.user_id}/roles"
    is_problem(await second.put(path, {"roles": []}), 422, "confirmation-missing", "confirm")
    assert (await second.put(path, {"roles": [], "confirm": True})).json()["roles"] == []


async def test_a_deleted_colleague_is_restored_or_replaced(running: Running, admin: Person) -> None:
    colleague = await admin.add_new()
    wish = {"full_name": "Zoë Brown", "email": colleague.email, "roles": [], "culture": "en"}
    user = f"/v1/users/{colleague.user_id}"
    assert (await admin.post(f"{user}/delete", {})).status_code == 200
    for door in ("/v1/users", "/v1/users/invite"):
        answer = await admin.post(door, wish)
        is_problem(answer, 409, "restorable", "email")
        assert f"{user}/restore" in answer.json()["detail"] and f"{user}/purge" in answer.json()["detail"]
    stranger = await Person.sign_up(running, "customer")
    foreign = await stranger.post("/v1/users", wish)
    assert colleague.user_id not in foreign.text and "restorable" not in foreign.text
    assert (await admin.post(f"{user}/restore", {})).status_code == 200
    assert (await admin.post(f"{user}/delete", {})).status_code == 200
    assert (await admin.post(f"{user}/purge", {})).status_code == 200
    assert (await admin.post("/v1/users", wish)).status_code == 201
