"""Identity finds one account by every spelling of its address, and never by another address."""

import secrets
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from harness.documents import Documents
from harness.running import Running
from service.identity.company import PASSWORD, Person, new_user, once, sign_up, token

from kontor_contracts.addresses import address_key
from kontor_local.processes import run

Service = Callable[..., AbstractAsyncContextManager[Running]]


@pytest.fixture(scope="module")
async def running(service: Service) -> AsyncIterator[Running]:
    async with service("identity") as running:
        yield running


async def signs_in(running: Running, email: str) -> bool:
    return (await token(running, grant_type="password", email=email, password=PASSWORD)).status_code == 200


async def test_every_spelling_of_a_domain_signs_in_to_one_account(running: Running) -> None:
    name = secrets.token_hex(4)
    shown = f"anna@{name}straße.example"
    spellings = [shown, f"Anna@{name.upper()}STRAßE.example", address_key(shown)]
    assert spellings[2].isascii()
    signed_up = await running.client.post("/v1/sign-up", json=sign_up(spellings[0]), headers=once())
    assert signed_up.status_code == 201, signed_up.text
    assert [await signs_in(running, spelling) for spelling in spellings] == [True, True, True]
    again = await running.client.post("/v1/sign-up", json=sign_up(spellings[2]), headers=once())
    assert again.status_code == 409, again.text


async def test_who_signs_up_with_an_a_label_signs_in_with_it(running: Running) -> None:
    email = f"anna@xn--mller-kva.{secrets.token_hex(4)}.example"
    signed_up = await running.client.post("/v1/sign-up", json=sign_up(email), headers=once())
    assert signed_up.status_code == 201, signed_up.text
    assert await signs_in(running, email)
    assert await signs_in(running, email.replace("xn--mller-kva", "Müller"))


async def test_two_domains_that_fold_alike_are_two_accounts(running: Running) -> None:
    name = secrets.token_hex(4)
    for email in (f"anna@{name}straße.example", f"anna@{name}strasse.example"):
        answer = await running.client.post("/v1/sign-up", json=sign_up(email), headers=once())
        assert answer.status_code == 201, answer.text


async def test_users_are_found_by_the_domain_as_it_is_shown_and_as_it_is_sent(running: Running) -> None:
    admin = await Person.sign_up(running)
    email = f"zoe.{secrets.token_hex(4)}@bäckerei.example"
    assert (await admin.post("/v1/users", new_user() | {"email": email})).status_code == 201
    for words in ("bäcker", "BÄCKEREI.example", "xn--bckerei-5wa.example"):
        found = (await admin.get(f"/v1/users?q={words}")).json()["items"]
        assert [user["email"] for user in found] == [email], words


async def test_a_local_part_beyond_ascii_is_refused_with_its_field(running: Running) -> None:
    answer = await running.client.post("/v1/sign-up", json=sign_up("jürgen@firma.example"), headers=once())
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["email"]


async def test_migrate_renews_the_keys_of_an_older_release(running: Running, mongo: Documents, tmp_path: Path) -> None:
    email = f"anna@{secrets.token_hex(4)}müller.example"
    signed_up = await running.client.post("/v1/sign-up", json=sign_up(email), headers=once())
    id = f"user:{signed_up.json()['user_id']}"
    users = mongo.collection(running)
    await users.update_one({"_id": id}, {"$set": {"uk.email": email}})
    assert not await signs_in(running, email)
    arguments = [sys.executable, "-m", "identity", "migrate"]
    await run("identity-migrate", arguments, env=running.env, log=tmp_path / "migrate.log")
    assert await signs_in(running, email)
