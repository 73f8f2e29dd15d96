"""A new password by mail for somebody whose address a stranger used first: the stranger's second factor can be removed."""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import httpx2
import pytest
from harness.documents import Documents
from harness.running import Running
from service.authenticator import set_up
from service.identity.company import PASSWORD, Person, is_problem, some_email, token
from support import eventually

from kontor_local.mailbox import Mailbox

Service = Callable[..., AbstractAsyncContextManager[Running]]
PAGE = "/reset-password"
NEW_PASSWORD = "ein Steg im Nebel, 1987"
OFFER = 'name="remove_unproved_factor"'


@pytest.fixture(scope="module")
async def running(service: Service) -> AsyncIterator[Running]:
    async with service("identity", KONTOR_PASSWORD_MEMORY=64) as running:
        yield running


@pytest.fixture
async def account(running: Running) -> Person:
    """An account with a second factor."""
    person = await Person.sign_up(running)
    await set_up(person)
    return person


async def set_up_before_proof(running: Running, mongo: Documents, account: Person) -> None:
    """As a release stored it that let people sign in before they had proved their address."""
    # Another version, so that the service does not go on from what it wrote itself.
    older = {"$unset": {"state.set_up_at": 1, "state.used_at": 1}, "$inc": {"v": 1}}
    await mongo.collection(running).update_one({"_id": f"factor:{account.user_id}"}, older)


@pytest.fixture
async def thrifty(service: Service) -> AsyncIterator[Running]:
    """With a budget of two mails."""
    small = {"KONTOR_MAILS_PER_ADDRESSEE": 2, "KONTOR_TRUSTED_PROXIES": '["127.0.0.1"]'}
    async with service("identity", **small) as running:
        yield running


async def asked_from(running: Running, network: int, email: str) -> int:
    headers = {"x-forwarded-for": f"198.51.{network}.7"}
    answer = await running.client.post("/v1/password-resets", json={"email": email}, headers=headers)
    return answer.status_code


@pytest.mark.parametrize("known", [True, False])
async def test_strangers_do_not_use_up_the_resets_of_an_owner(thrifty: Running, known: bool) -> None:
    email = (await Person.sign_up(thrifty)).email if known else some_email()
    for stranger in range(10):
        answers = [await asked_from(thrifty, stranger, email) for _ in range(3)]
        assert answers == [202, 202, 429]
    assert await asked_from(thrifty, 99, email) == 202
    if known:
        # The budget of the address is spent: the owner goes on with a link that is there, and then gets a new one.
        link = await thrifty.mailed_token(email, PAGE, 2)
        body = {"token": link, "new_password": NEW_PASSWORD}
        assert (await thrifty.client.post("/v1/password-resets/redeem", json=body)).status_code == 200
        assert await asked_from(thrifty, 99, email) == 202
        body = {"token": await thrifty.mailed_token(email, PAGE, 3), "new_password": PASSWORD}
        assert (await thrifty.client.post("/v1/password-resets/redeem", json=body)).status_code == 200


async def mailed_link(running: Running, email: str, number: int = 1) -> str:
    asked = await running.client.post("/v1/password-resets", json={"email": email})
    assert asked.status_code == 202
    return await running.mailed_token(email, PAGE, number)


async def sign_in(running: Running, email: str, password: str) -> httpx2.Response:
    return await token(running, grant_type="password", email=email, password=password)


async def gets_in(running: Running, email: str, password: str) -> None:
    async def without_code() -> bool:
        return (await sign_in(running, email, password)).status_code == 200

    await eventually(without_code)


async def test_a_reset_removes_a_factor_from_before_the_proof(
    running: Running, service: Service, mailbox: Mailbox, mongo: Documents, account: Person
) -> None:
    await set_up_before_proof(running, mongo, account)
    text = await mailed_link(running, account.email)
    shown = await running.client.get(f"{PAGE}?token={text}&lang=de")
    assert OFFER in shown.text and "Den zweiten Faktor dieses Kontos entfernen." in shown.text
    form = {"token": text, "new_password": "kurz", "remove_unproved_factor": "yes"}
    again = await running.client.post(f"{PAGE}?lang=en", data=form)
    assert again.status_code == 400 and "checked" in again.text, "the choice is kept"
    done = await running.client.post(f"{PAGE}?lang=en", data=form | {"new_password": NEW_PASSWORD})
    assert done.status_code == 200, done.text
    await gets_in(running, account.email, NEW_PASSWORD)
    async with service("notifications", KONTOR_TOPIC_PREFIX=running.prefix):
        notice = "Der zweite Faktor Ihres Kontos wurde abgeschaltet"
        await mailbox.wait_for(lambda mail: account.email in mail.to and mail.subject == notice, timeout=60)


async def test_a_program_asks_for_the_removal_by_a_field(running: Running, mongo: Documents, account: Person) -> None:
    await set_up_before_proof(running, mongo, account)
    body = {"token": await mailed_link(running, account.email), "new_password": NEW_PASSWORD}
    kept = await running.client.post("/v1/password-resets/redeem", json=body)
    assert kept.status_code == 200
    is_problem(await sign_in(running, account.email, NEW_PASSWORD), 401, "second-factor-required")
    other = f"{secrets.token_hex(8)} Wolken über dem Steg"
    body = {"token": await mailed_link(running, account.email, 2), "new_password": other}
    removed = await running.client.post("/v1/password-resets/redeem", json=body | {"remove_unproved_factor": True})
    assert removed.status_code == 200, removed.text
    await gets_in(running, account.email, other)


async def test_a_reset_leaves_a_factor_from_after_the_proof(running: Running, account: Person) -> None:
    text = await mailed_link(running, account.email)
    assert OFFER not in (await running.client.get(f"{PAGE}?token={text}&lang=en")).text
    body = {"token": text, "new_password": NEW_PASSWORD, "remove_unproved_factor": True}
    assert (await running.client.post("/v1/password-resets/redeem", json=body)).status_code == 200
    # The next event of the same user is handled after that of the reset.
    again = await mailed_link(running, account.email, 2)
    body = {"token": again, "new_password": PASSWORD, "remove_unproved_factor": True}
    assert (await running.client.post("/v1/password-resets/redeem", json=body)).status_code == 200
    is_problem(await sign_in(running, account.email, PASSWORD), 401, "second-factor-required")
