"""Identity finds one account by every spelling of its address, and never by another address."""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest
from harness.documents import Documents
from harness.running import Running
from harness.topics import Topics
from service.identity.company import PASSWORD, Person, announced, new_user, once, sign_up, token

from identity.documents import USER
from identity.sign_in.sign_up.sign_ups import sign_up_id
from kontor_contracts.addresses import address_key

Service = Callable[..., AbstractAsyncContextManager[Running]]


@pytest.fixture(scope="module")
async def running(service: Service) -> AsyncIterator[Running]:
    async with service("identity") as running:
        yield running


async def signs_in(running: Running, email: str) -> bool:
    return (await token(running, grant_type="password", email=email, password=PASSWORD)).status_code == 200


async def found(admin: Person, words: str) -> list[str]:
    """The addresses of the organization's users that a search for these words lists."""
    listed = await admin.running.client.get("/v1/users", params={"q": words}, headers=admin.bearer)
    assert listed.status_code == 200, listed.text
    return [user["email"] for user in listed.json()["items"]]


async def test_every_spelling_of_a_domain_signs_in_to_one_account(running: Running, kafka: Topics) -> None:
    name = secrets.token_hex(4)
    shown = f"anna@{name}straße.example"
    spellings = [shown, f"Anna@{name.upper()}STRAßE.example", address_key(shown)]
    assert spellings[2].isascii()
    anna = await Person.sign_up(running, email=shown)
    assert [await signs_in(running, spelling) for spelling in spellings] == [True, True, True]
    again = await running.client.post("/v1/sign-up", json=sign_up(spellings[2]), headers=once())
    assert again.status_code == 202, again.text
    _, repeated = await announced(kafka, running, sign_up_id(shown), 2)
    assert (repeated.type, repeated.data.user_id) == ("kontor.identity.sign-up-repeated.v1", anna.user_id)


async def test_who_signs_up_with_an_a_label_signs_in_with_it(running: Running) -> None:
    email = f"anna@xn--mller-kva.{secrets.token_hex(4)}.example"
    shown = email.replace("xn--mller-kva", "müller")
    answer = await running.client.post("/v1/sign-up", json=sign_up(email), headers=once())
    assert answer.status_code == 202, answer.text
    # Mails are for people: they carry the domain as it is shown.
    await Person(running, shown).prove(PASSWORD)
    spellings = [email, shown, email.replace("xn--mller-kva", "Müller")]
    assert [await signs_in(running, spelling) for spelling in spellings] == [True, True, True]


async def test_two_domains_that_fold_alike_are_two_accounts(running: Running) -> None:
    name = secrets.token_hex(4)
    emails = [f"anna@{name}straße.example", f"anna@{name}strasse.example"]
    users = [await Person.sign_up(running, email=email) for email in emails]
    assert [(await user.me())["user_id"] for user in users] == [user.user_id for user in users]
    assert users[0].user_id != users[1].user_id


@pytest.mark.parametrize("path", ["/v1/users", "/v1/users/invite"])
async def test_users_are_found_by_either_form_of_the_domain(running: Running, path: str) -> None:
    admin = await Person.sign_up(running)
    email = f"zoe.{secrets.token_hex(4)}@bäckerei.example"
    added = await admin.post(path, new_user() | {"email": email})
    assert added.status_code == 201, added.text
    for words in ("bäcker", "BÄCKEREI.example", "xn--bckerei-5wa.example"):
        assert await found(admin, words) == [email], words


async def test_a_user_with_a_proved_address_is_found_by_either_form(running: Running) -> None:
    email = f"anna@{secrets.token_hex(4)}müller.example"
    admin = await Person.sign_up(running, email=email)
    for words in ("müller.example", address_key(email)):
        assert await found(admin, words) == [email], words


async def test_the_id_of_the_organization_finds_nobody(running: Running) -> None:
    admin = await Person.sign_up(running)
    assert await found(admin, admin.email) == [admin.email]
    for words in (admin.organization_id, admin.organization_id[-12:], f"{admin.organization_id}|"):
        assert await found(admin, words) == [], words


async def test_a_local_part_beyond_ascii_is_refused_with_its_field(running: Running) -> None:
    answer = await running.client.post("/v1/sign-up", json=sign_up("jürgen@firma.example"), headers=once())
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["email"]


async def test_migrate_renews_the_keys_of_an_older_release(running: Running, mongo: Documents) -> None:
    email = f"anna@{secrets.token_hex(4)}müller.example"
    anna = await Person.sign_up(running, email=email)
    older = await mongo.collection(running).update_one({"_id": USER.id(anna.user_id)}, {"$set": {"uk.email": email}})
    assert older.matched_count == 1
    assert not await signs_in(running, email)
    await running.job("migrate")
    assert await signs_in(running, email)
