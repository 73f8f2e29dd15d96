"""A user's new mail address: the mail to it, the page behind its link, and what is over then."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from harness.browser import Browser
from harness.running import Running
from harness.topics import Topics
from service.conftest import Service
from service.identity.company import PASSWORD, Person, announced, is_problem, some_email, token

from chassis.crypto import Sealer
from kontor_contracts.identity import AddressChangeRequested, UserAddressChanged
from kontor_local.keys import SEALING_PRIVATE


@pytest.fixture(scope="module")
async def running(service: Service) -> AsyncIterator[Running]:
    async with service("identity") as running:
        yield running


@pytest.fixture
async def admin(running: Running) -> Person:
    return await Person.sign_up(running, "customer")


async def link_for(admin: Person, email: str, kafka: Topics, keys: Path) -> str:
    answer = await admin.post("/v1/me/address", {"email": email, "current_password": PASSWORD})
    assert (answer.status_code, answer.json()) == (202, {"accepted": True}), answer.text
    subject, count = f"user:{admin.user_id}", 2
    while True:
        events = await announced(kafka, admin.running, subject, count)
        asked = [each.data for each in events if isinstance(each.data, AddressChangeRequested)]
        if asked and asked[-1].recipient.email == email:
            return Sealer(keys / SEALING_PRIVATE).open(asked[-1].sealed_link)
        count = len(events) + 1


async def test_a_user_moves_to_another_address(running: Running, admin: Person, kafka: Topics, keys: Path) -> None:
    new = some_email()
    link = await link_for(admin, new, kafka, keys)
    async with Browser() as browser:
        for _ in range(2):
            await browser.open(link)
            assert new in browser.text
        assert (await admin.get("/v1/me")).status_code == 200
        await browser.send()
        assert browser.page.status_code == 200
        await browser.open(link)
        assert browser.page.status_code == 410
    old = await token(running, grant_type="password", email=admin.email, password=PASSWORD)
    is_problem(old, 401, "invalid-credentials")
    events = await announced(kafka, running, f"user:{admin.user_id}", 3)
    (moved,) = [each.data for each in events if isinstance(each.data, UserAddressChanged)]
    assert (moved.email, moved.previous.email) == (new, admin.email)
    admin.email = new
    await admin.sign_in(PASSWORD)
    assert (await admin.me())["email"] == new


async def test_an_address_of_another_user_is_told_by_the_mail_alone(
    running: Running, admin: Person, kafka: Topics, keys: Path
) -> None:
    other = await Person.sign_up(running, "customer")
    link = await link_for(admin, other.email, kafka, keys)
    async with Browser() as browser:
        await browser.open(link)
        await browser.send()
        assert browser.page.status_code == 409
    await other.sign_in(PASSWORD)
    await admin.sign_in(PASSWORD)


async def test_a_move_needs_the_password_and_another_address(admin: Person) -> None:
    wrong = {"email": some_email(), "current_password": "not mine"}
    is_problem(await admin.post("/v1/me/address", wrong), 422, "wrong-password", "current_password")
    same = {"email": admin.email.upper(), "current_password": PASSWORD}
    is_problem(await admin.post("/v1/me/address", same), 422, "same-address", "email")


async def test_changes_of_address_have_a_budget_of_mails(service: Service) -> None:
    limits = {"KONTOR_MAILS_PER_ADDRESSEE": 2, "KONTOR_MAILS_UNPROVED": 3}
    async with service("identity", **limits) as thrifty:
        admin, victim = await Person.sign_up(thrifty), some_email()

        async def ask(email: str) -> int:
            answer = await admin.post("/v1/me/address", {"email": email, "current_password": PASSWORD})
            if answer.status_code == 429:
                is_problem(answer, 429, "mail-budget-spent")
                assert int(answer.headers["retry-after"]) > 0
            return answer.status_code

        assert [await ask(victim) for _ in range(3)] == [202, 202, 429]
        assert await ask(some_email()) == 429, "the organization has spent its own"
