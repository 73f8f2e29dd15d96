"""Looking at mails over HTTP: whose they are, what is shown of them, and what never is."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from harness.documents import Documents
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.notifications.messages import TOPIC, fate, requested, sealed, verified
from support import eventually

from kontor_contracts import new_envelope
from kontor_contracts.identity import OrganizationErased
from kontor_local.keys import SEALING_PUBLIC

Service = Callable[..., AbstractAsyncContextManager[Running]]
READ = ("mails:read",)
LINK = "https://kontor.example/verify-contact/7f1?token=canary-Zm9vYmFy"


@pytest.fixture(scope="module")
async def running(service: Service) -> AsyncIterator[Running]:
    async with service("notifications") as running:
        yield running


@pytest.fixture(scope="module")
async def ours(running: Running, kafka: Topics, keys: Path) -> list[str]:
    """The mails of organization-1, in order of id: three with nothing in them and one with a link."""
    link = sealed(keys / SEALING_PUBLIC, LINK)
    messages = [
        requested("sian.oconnor@harbour-finch.example", link),
        *(verified(f"mail-{number}@mueller-soehne.example") for number in range(3)),
    ]
    for message in messages:
        await kafka.produce(running.topic(TOPIC), message)
    return sorted([str((await fate(kafka, running, message)).mail_id) for message in messages])  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
async def theirs(running: Running, kafka: Topics) -> str:
    """A mail of organization-2."""
    message = verified("somebody@else.example", organization_id="organization-2")
    await kafka.produce(running.topic(TOPIC), message)
    return str((await fate(kafka, running, message)).mail_id)  # type: ignore[attr-defined]


async def ask(running: Running, path: str, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    answer = await running.client.get(path, headers=headers)
    return answer.status_code, answer.json()


async def test_an_organization_sees_its_own_mails_page_by_page(
    running: Running, tokens: Tokens, ours: list[str], theirs: str
) -> None:
    caller = tokens.bearer("organization-1", permissions=READ)
    seen: list[str] = []
    times: list[str] = []
    cursor = ""
    while True:
        status, page = await ask(running, f"/v1/mails?limit=2{cursor}", caller)
        assert status == 200
        seen += [mail["mail_id"] for mail in page["items"]]
        times += [mail["queued_at"] for mail in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert sorted(seen) == ours
    assert times == sorted(times, reverse=True), "newest first"


async def test_the_staff_of_the_program_sees_all_mails(
    running: Running, tokens: Tokens, ours: list[str], theirs: str
) -> None:
    operator = tokens.bearer("program", organization_kind="operator", permissions=READ)
    _, page = await ask(running, "/v1/mails", operator)
    assert {*ours, theirs} <= {mail["mail_id"] for mail in page["items"]}
    status, _ = await ask(running, f"/v1/mails/{theirs}", operator)
    assert status == 200


async def test_mails_are_found_by_what_became_of_them(running: Running, tokens: Tokens, ours: list[str]) -> None:
    caller = tokens.bearer("organization-1", permissions=READ)
    _, sent = await ask(running, "/v1/mails?status=sent", caller)
    _, abandoned = await ask(running, "/v1/mails?status=abandoned", caller)
    assert (sorted(mail["mail_id"] for mail in sent["items"]), abandoned["items"]) == (ours, [])
    status, problem = await ask(running, "/v1/mails?status=lost", caller)
    assert (status, problem["errors"][0]["field"]) == (422, "status")


async def test_a_mail_shows_its_fate_and_neither_its_reader_nor_its_words(
    running: Running, tokens: Tokens, ours: list[str]
) -> None:
    caller = tokens.bearer("organization-1", permissions=READ)
    mails = [(await ask(running, f"/v1/mails/{mail_id}", caller))[1] for mail_id in ours]
    mail = next(mail for mail in mails if mail["template"] == "contact-verification")
    assert (mail["status"], mail["attempts"], mail["ambiguous"]) == ("sent", 1, False)
    assert mail["recipient"] == "s***@harbour-finch.example"
    assert mail["queued_at"] <= mail["first_attempt_at"] == mail["last_attempt_at"] < mail["expires_at"]
    assert (mail["next_attempt_at"], mail["last_error"]) == (None, None)
    assert {mail["address"] for mail in mails} == {None}
    assert not re.search(r"canary|oconnor|Siân|Harbour|eyJ", str(mails))


@pytest.mark.parametrize("path", ["/v1/mails", "/v1/mails/{theirs}"])
async def test_mails_are_for_those_who_may_read_them(running: Running, tokens: Tokens, theirs: str, path: str) -> None:
    path = path.format(theirs=theirs)
    assert (await ask(running, path, {}))[0] == 401
    status, problem = await ask(running, path, tokens.bearer("organization-2", permissions=["users:read"]))
    assert (status, problem["code"]) == (403, "forbidden")


async def test_the_mail_of_another_organization_does_not_exist(running: Running, tokens: Tokens, theirs: str) -> None:
    caller = tokens.bearer("organization-1", permissions=READ)
    for mail_id in (theirs, "no-such-mail"):
        status, problem = await ask(running, f"/v1/mails/{mail_id}", caller)
        assert (status, problem["code"]) == (404, "not-found")


async def test_the_recipients_of_an_erased_organization_are_erased(
    running: Running, kafka: Topics, mongo: Documents, ours: list[str]
) -> None:
    id, person = "organization-erased", "contact@erased.example"
    message = verified(person, organization_id=id)
    await kafka.produce(running.topic(TOPIC), message)
    await fate(kafka, running, message)
    erased = new_envelope(
        OrganizationErased(organization_id=id),
        id=str(uuid4()),
        source="/kontor/identity",
        subject=f"organization:{id}",
        time=datetime.now(UTC),
        sequence=1,
        correlationid="erasure",
        tenantid=id,
    )
    await kafka.produce(running.topic("identity.events"), erased)

    async def gone() -> bool:
        return person not in str(await mongo.all(running))

    await eventually(gone)
    assert "mueller-soehne.example" in str(await mongo.all(running)), "mails of others stay"
