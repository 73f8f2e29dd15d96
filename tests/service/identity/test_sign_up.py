"""Identity over real sockets: nobody is who they say until the address is proved."""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

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
    sign_up,
    some_email,
    token,
)
from support import eventually

from identity.documents import USER
from identity.sign_in.sign_up.sign_ups import sign_up_id

Service = Callable[..., AbstractAsyncContextManager[Running]]
TWO_DAYS = 2 * 24 * 3600


@pytest.fixture(scope="module")
async def running(service: Service) -> AsyncIterator[Running]:
    async with service("identity") as running:
        yield running


@pytest.fixture
async def admin(running: Running) -> Person:
    return await Person.sign_up(running)


async def signed_up(running: Running, email: str, password: str = PASSWORD, **organization: str) -> Person:
    """Somebody who has entered everything and followed no link."""
    body = sign_up(email, **organization) | {"password": password}
    answer = await running.client.post("/v1/sign-up", json=body, headers=once())
    assert answer.status_code == 202, answer.text
    return Person(running, email, answer.json()["user_id"], answer.json()["organization_id"])


async def proof(running: Running, email: str, password: str, number: int = 1) -> dict[str, str]:
    return {"token": await running.mailed_token(email, "/verify-address", number), "password": password}


async def test_an_unproved_sign_up_is_no_user_and_announces_one_mail(
    running: Running, kafka: Topics, mongo: Documents
) -> None:
    new = await signed_up(running, some_email())
    answer = await token(running, grant_type="password", email=new.email, password=PASSWORD)
    is_problem(answer, 401, "invalid-credentials")
    (asked,) = await announced(kafka, running, sign_up_id(new.email))
    assert asked.type == "kontor.identity.address-verification-requested.v1"
    events = await kafka.envelopes(running.topic("identity.events"))
    assert [each.type for each in events if new.user_id in str(each.data)] == [asked.type]
    kinds = {each["kind"] for each in await mongo.all(running) if new.organization_id in str(each)}
    assert kinds == {"sign-up"}


async def test_the_link_alone_and_the_password_alone_prove_nothing(running: Running) -> None:
    new = await signed_up(running, some_email())
    shown = await proof(running, new.email, "some other password 77")
    answer = await running.client.post("/v1/address-proofs", json=shown)
    is_problem(answer, 422, "wrong-password", "password")
    forged = {"token": shown["token"][:-2] + "xx", "password": PASSWORD}
    is_problem(await running.client.post("/v1/address-proofs", json=forged), 410, "verification-link-over")
    await new.prove(PASSWORD)
    assert (await new.sign_in(PASSWORD))["refresh_token"]


async def test_the_same_proof_again_gets_the_same_answer(running: Running) -> None:
    new = await signed_up(running, some_email())
    shown = await proof(running, new.email, PASSWORD)
    first, second = [await running.client.post("/v1/address-proofs", json=shown) for _ in range(2)]
    assert (first.status_code, first.json()) == (200, second.json())
    assert first.json() == {"user_id": new.user_id, "organization_id": new.organization_id, "email": new.email}
    wrong = await running.client.post("/v1/address-proofs", json=shown | {"password": OWN_PASSWORD})
    is_problem(wrong, 422, "wrong-password", "password")


async def test_a_strangers_sign_up_does_not_keep_the_owner_of_the_address_out(running: Running) -> None:
    email = some_email()
    await signed_up(running, email, "the stranger was faster 1", name="Stranger Ltd")
    strangers = await proof(running, email, "the stranger was faster 1")
    owner = await signed_up(running, email)
    await owner.prove(PASSWORD, number=2)
    await owner.sign_in(PASSWORD)
    assert (await owner.me())["organization"]["name"] == "Müller & Söhne GmbH"
    is_problem(await running.client.post("/v1/address-proofs", json=strangers), 410, "verification-link-over")
    stranger = await token(running, grant_type="password", email=email, password="the stranger was faster 1")
    is_problem(stranger, 401, "invalid-credentials")


async def test_an_invitation_wins_over_an_unproved_sign_up(running: Running, admin: Person) -> None:
    email = some_email()
    await signed_up(running, email, "the stranger was faster 1")
    strangers = await proof(running, email, "the stranger was faster 1")
    invited = await admin.post("/v1/users/invite", new_user() | {"email": email})
    assert invited.status_code == 201
    joined = {"token": await running.mailed_token(email, "/join/"), "password": OWN_PASSWORD}
    page = await running.client.post(f"/join/{invited.json()['user_id']}", data=joined)
    assert page.status_code == 200, page.text
    is_problem(await running.client.post("/v1/address-proofs", json=strangers), 409, "taken", "email")
    assert (await Person(running, email).sign_in(OWN_PASSWORD))["refresh_token"]


async def test_no_answer_tells_whether_an_address_is_known(running: Running, kafka: Topics) -> None:
    known = (await Person.sign_up(running)).email
    for path in ("/v1/users", "/v1/users/invite"):
        asking = await Person.sign_up(running)
        first, second = [await asking.post(path, new_user() | {"email": email}) for email in (known, some_email())]
        assert (first.status_code, second.status_code) == (201, 201)
        assert sorted(first.json()) == sorted(second.json())
    repeated = await signed_up(running, known)
    fresh = await signed_up(running, some_email())
    assert len(repeated.user_id) == len(fresh.user_id)
    told = await announced(kafka, running, sign_up_id(known), 2)
    assert told[-1].type == "kontor.identity.sign-up-repeated.v1"


async def test_a_known_address_is_told_by_the_mail_and_stays_where_it_is(
    running: Running, kafka: Topics, admin: Person
) -> None:
    known = await Person.sign_up(running)
    added = (await admin.post("/v1/users", new_user() | {"email": known.email})).json()
    (event,) = await announced(kafka, running, USER.id(added["user_id"]))
    assert event.data.address_known
    shown = await proof(running, known.email, added["temporary_password"], number=2)
    is_problem(await running.client.post("/v1/address-proofs", json=shown), 409, "taken", "email")
    await known.sign_in(PASSWORD)
    assert (await known.me())["organization"]["organization_id"] == known.organization_id


async def test_an_address_is_in_an_organization_once(admin: Person) -> None:
    body = new_user()
    assert (await admin.post("/v1/users/invite", body)).status_code == 201
    for path in ("/v1/users/invite", "/v1/users"):
        is_problem(await admin.post(path, body | {"email": body["email"].upper()}), 409, "taken", "email")


async def test_an_added_user_proves_the_address_before_the_first_sign_in(running: Running, admin: Person) -> None:
    new = await admin.add_unproved("helpdesk-agent")
    early = await token(running, grant_type="password", email=new.email, password=new.temporary)
    is_problem(early, 401, "invalid-credentials")
    assert not (await admin.get(f"/v1/users/{new.user_id}")).json()["address_proved"]
    old = await proof(running, new.email, new.temporary)
    renewed = await admin.post(f"/v1/users/{new.user_id}/invitation/renew", None)
    assert renewed.status_code == 200, renewed.text
    await running.mailed_token(new.email, "/verify-address", 2)
    is_problem(await running.client.post("/v1/address-proofs", json=old), 410, "proof-link-over")
    await new.prove(new.temporary, number=2)
    assert (await new.sign_in(new.temporary))["must_change_password"]
    assert (await admin.get(f"/v1/users/{new.user_id}")).json()["address_proved"]


async def test_the_mailed_page_proves_the_address(running: Running) -> None:
    new = await signed_up(running, some_email())
    mailed = await running.mailed_token(new.email, "/verify-address")
    for language, words in (("de", "Bestätigen Sie Ihre Adresse"), ("en", "Confirm your address")):
        page = await running.client.get("/verify-address", params={"token": mailed, "lang": language})
        assert page.status_code == 200 and words in page.text and "Müller &amp; Söhne GmbH" in page.text
        assert page.headers["cache-control"] == "no-store"
    wrong = await running.client.post("/verify-address?lang=de", data={"token": mailed, "password": "x"})
    assert wrong.status_code == 400 and "nicht das richtige Kennwort" in wrong.text
    done = await running.client.post("/verify-address?lang=de", data={"token": mailed, "password": PASSWORD})
    assert done.status_code == 200 and "Ihre Adresse ist bestätigt" in done.text
    assert (await running.client.get("/verify-address", params={"token": mailed})).status_code == 410
    assert (await new.sign_in(PASSWORD))["refresh_token"]


# -- budgets of mails


@pytest.fixture(scope="module")
async def thrifty(service: Service) -> AsyncIterator[Running]:
    """A service with small budgets."""
    limits = {"KONTOR_MAILS_UNPROVED": 3, "KONTOR_MAILS_PER_ADDRESSEE": 2, "KONTOR_TRUSTED_PROXIES": '["127.0.0.1"]'}
    async with service("identity", **limits) as running:
        yield running


def is_spent(answer: httpx2.Response, policy: str, limit: int) -> None:
    is_problem(answer, 429, "mail-budget-spent")
    wait = int(answer.headers["retry-after"])
    assert 0 < wait <= 24 * 3600
    assert answer.headers["ratelimit-policy"] == f'"{policy}";q={limit};w=86400'
    assert answer.headers["ratelimit"].startswith(f'"{policy}";r=0;t=')


async def test_an_unproved_organization_causes_few_mails_a_day(thrifty: Running) -> None:
    admin = await Person.sign_up(thrifty)
    first = await admin.post("/v1/users", new_user())
    assert '"mails-organization";r=2' in first.headers["ratelimit"]
    refused = await admin.post("/v1/users/invite", new_user("emperor"))
    is_problem(refused, 422, "unknown-role", "roles")
    invited = await admin.post("/v1/users/invite", new_user())
    path = f"/v1/users/{invited.json()['user_id']}/invitation/renew"
    key = secrets.token_hex(8)
    assert [(await admin.post(path, None, key)).status_code for _ in range(2)] == [200, 200]
    for again, body in (("/v1/users", new_user()), ("/v1/users/invite", new_user()), (path, None)):
        is_spent(await admin.post(again, body), "mails-organization", 3)
    assert (await (await Person.sign_up(thrifty)).post("/v1/users", new_user())).status_code == 201


async def test_a_file_larger_than_the_budget_invites_nobody(thrifty: Running) -> None:
    admin = await Person.sign_up(thrifty)

    async def send(rows: int) -> httpx2.Response:
        file = "\n".join(["full_name,email", *(f"Zoë Brown,{some_email()}" for _ in range(rows))])
        headers = admin.bearer | once() | {"content-type": "text/csv"}
        return await thrifty.client.post("/v1/users/import", content=file.encode(), headers=headers)

    refused = await send(4)
    is_problem(refused, 429, "mail-budget-spent")
    assert "3 are left" in refused.json()["detail"]
    assert len((await admin.get("/v1/users")).json()["items"]) == 1
    assert (await send(3)).json()["invited"] == 3


async def test_an_addressee_gets_few_mails_a_day_from_everybody(thrifty: Running) -> None:
    email = some_email()
    for number in range(3):
        admin = await Person.sign_up(thrifty)
        answer = await admin.post("/v1/users/invite", new_user() | {"email": email})
        if number < 2:
            assert answer.status_code == 201
        else:
            is_spent(answer, "mails-addressee", 2)


async def test_strangers_do_not_use_up_what_a_proved_organization_sends(thrifty: Running, mongo: Documents) -> None:
    email = some_email()
    for number in range(4):
        admin = await Person.sign_up(thrifty)
        if number > 1:
            active = {"$set": {"state.status": "active"}, "$inc": {"v": 1}}
            await mongo.collection(thrifty).update_one({"_id": f"organization:{admin.organization_id}"}, active)
        answer = await admin.post("/v1/users/invite", new_user() | {"email": email})
        assert answer.status_code == 201, answer.text
    renew = f"/v1/users/{answer.json()['user_id']}/invitation/renew"
    assert (await admin.post(renew, None)).status_code == 200
    is_spent(await admin.post(renew, None), "mails-addressee", 2)


async def test_strangers_do_not_use_up_the_sign_ups_of_an_owner(thrifty: Running, mongo: Documents) -> None:
    email = some_email()

    async def ask(network: int, **body: str) -> httpx2.Response:
        headers = once() | {"x-forwarded-for": f"198.51.{network}.7"}
        return await thrifty.client.post("/v1/sign-up", json=sign_up(email) | body, headers=headers)

    for stranger in range(4):
        answers = [await ask(stranger, password="the stranger was faster 1") for _ in range(3)]
        assert [each.status_code for each in answers] == [202, 202, 429]
    assert (await ask(99)).status_code == 202
    # Each event of a pending sign-up asks for a mail.
    pending = await mongo.collection(thrifty).find_one({"_id": sign_up_id(email)})
    assert pending is not None and pending["seq"] == 2
    # Two mails came for the strangers' sign-ups. The link of the last works for the owner, whose sign-up is the newest.
    await Person(thrifty, email).prove(PASSWORD, number=2)
    assert (await token(thrifty, grant_type="password", email=email, password=PASSWORD)).status_code == 200


@pytest.mark.parametrize("known", [True, False])
async def test_resets_and_sign_ups_are_limited_alike_for_every_address(thrifty: Running, known: bool) -> None:
    email = (await Person.sign_up(thrifty)).email if known else some_email()
    resets = [await thrifty.client.post("/v1/password-resets", json={"email": email}) for _ in range(3)]
    assert [each.status_code for each in resets] == [202, 202, 429]
    left = 1 if known else 2
    for _ in range(left):
        assert (await thrifty.client.post("/v1/sign-up", json=sign_up(email), headers=once())).status_code == 202
    is_spent(await thrifty.client.post("/v1/sign-up", json=sign_up(email), headers=once()), "mails-addressee", 2)


async def test_a_sign_up_expires_and_is_erased(service: Service, mongo: Documents) -> None:
    async with service("identity") as own:
        new = await signed_up(own, some_email())
        shown = await proof(own, new.email, PASSWORD)
        await own.stop()
        own.env["KONTOR_CLOCK_SKEW"] = str(TWO_DAYS)
        await own.start()
        is_problem(await own.client.post("/v1/address-proofs", json=shown), 410, "verification-link-over")

        async def erased() -> bool:
            (left,) = await mongo.all(own, "sign-up")
            return new.email not in str(left["state"])

        await eventually(erased)


async def test_strangers_with_one_idempotency_key_do_not_meet(running: Running) -> None:
    key = once(secrets.token_hex(8))
    answers = [await running.client.post("/v1/sign-up", json=sign_up(some_email()), headers=key) for _ in range(2)]
    assert [each.status_code for each in answers] == [202, 202]
    assert answers[0].json()["user_id"] != answers[1].json()["user_id"]


@pytest.mark.parametrize("name", ["URGENT: pay at https://evil.example", "Pay at evil-bank.com", "M\u202ereller"])
@pytest.mark.parametrize("field", ["organization.name", "full_name"])
async def test_names_with_links_or_hidden_characters_are_refused(running: Running, name: str, field: str) -> None:
    body = sign_up(some_email())
    body = body | {"full_name": name} if field == "full_name" else sign_up(some_email(), name=name)
    is_problem(await running.client.post("/v1/sign-up", json=body, headers=once()), 422, "invalid", field)
