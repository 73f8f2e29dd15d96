"""What the program's staff do with mails and suppressed addresses over HTTP."""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from harness.command_line import Said, kontor
from harness.documents import Documents
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.notifications.messages import TOPIC, announced, fate, requested, sealed, verified
from service.notifications.server import SilentMailbox
from service.twice import Twice
from support import eventually

from kontor_contracts import Envelope
from kontor_contracts.notifications import (
    AddressSuppressed,
    MailAbandoned,
    MailOrdered,
    MailSent,
    MailSuppressed,
    SuppressionLifted,
)
from kontor_local.keys import SEALING_PUBLIC

Service = Callable[..., AbstractAsyncContextManager[Running]]
LINK = "https://kontor.example/verify-contact/7f1?token=canary-Zm9vYmFy"
WHY = {"reason": "The relay refused it by mistake."}
NOTE = {"note": "The mailbox exists now."}
UNKNOWN = "5.1.1 no such mailbox"


@pytest.fixture(scope="module")
async def post(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SilentMailbox]:
    post = SilentMailbox(tmp_path_factory.mktemp("mails"))
    await post.start()
    yield post
    await post.stop()


@pytest.fixture(scope="module")
async def running(service: Service, post: SilentMailbox) -> AsyncIterator[Running]:
    async with service("notifications", KONTOR_SMTP_PORT=post.port.number, KONTOR_TIMER_INTERVAL=0.1) as running:
        yield running


class Staff:
    def __init__(self, running: Running, tokens: Tokens) -> None:
        self.headers = tokens.bearer(
            "program", organization_kind="operator", permissions=("mails:read", "mails:manage"), user_id="vera"
        )
        self._running = running

    async def post(self, path: str, form: Any) -> httpx2.Response:
        headers = self.headers | {"Idempotency-Key": secrets.token_hex(8)}
        return await self._running.client.post(path, json=form, headers=headers)

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self._running.client.get(path, params=query, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def found(self, **query: Any) -> list[str]:
        return [one["mail_id"] for one in (await self.get("/v1/mails", **query))["items"]]

    async def mail(self, mail_id: str) -> dict[str, Any]:
        mail: dict[str, Any] = await self.get(f"/v1/mails/{mail_id}")
        return mail


@pytest.fixture(scope="module")
def staff(running: Running, tokens: Tokens) -> Staff:
    return Staff(running, tokens)


def somebody() -> str:
    return f"{uuid4()}@harbour-finch.example"


async def copied(staff: Staff, mail_id: str) -> None:
    """The copy of the mail was sent, and this is recorded."""

    async def sent() -> bool:
        mail = await staff.mail(mail_id)
        return (mail["status"], mail["copies"]) == ("sent", 1)

    await eventually(sent, timeout=60.0)


async def refused(running: Running, kafka: Topics, post: SilentMailbox, message: Envelope[Any]) -> str:
    """The mail of this message, which the server has refused for good: its address is suppressed then."""
    post.refuse(1, code=550, words=UNKNOWN)
    await kafka.produce(running.topic(TOPIC), message)
    end = await fate(kafka, running, message)
    assert isinstance(end, MailAbandoned)
    return end.mail_id


async def lifted(staff: Staff, email: str) -> dict[str, Any]:
    (one,) = (await staff.get("/v1/suppressions", email=email))["items"]
    answer = await staff.post(f"/v1/suppressions/{one['suppression_id']}/lift", NOTE)
    assert answer.status_code == 200, answer.text
    suppression: dict[str, Any] = answer.json()
    return suppression


async def test_an_undelivered_mail_is_found_lifted_and_retried_with_its_link(
    running: Running, kafka: Topics, keys: Path, post: SilentMailbox, staff: Staff
) -> None:
    email = somebody()
    message = requested(email, sealed(keys / SEALING_PUBLIC, LINK))
    mail_id = await refused(running, kafka, post, message)
    for query in ({"recipient": email.upper()}, {"cause": message.id}, {"cause": message.subject}):
        assert await staff.found(**query) == [mail_id]
    assert mail_id in await staff.found(failure="unknown-mailbox", status="abandoned", template="contact-verification")
    mail = await staff.mail(mail_id)
    assert (mail["address"], mail["failure"], mail["organization_id"]) == (email, "unknown-mailbox", "organization-1")
    assert mail["retry_until"] is not None

    suppression = await lifted(staff, email)
    assert (suppression["reason"], suppression["history"][-1]["note"]) == (None, NOTE["note"])
    answer = await staff.post(f"/v1/mails/{mail_id}/retry", WHY)
    assert (answer.status_code, answer.json()) == (200, {"mail_id": mail_id, "status": "queued"})
    await announced(kafka, running, MailSent, mail_id=mail_id)
    assert LINK in (await post.wait_for(lambda one: email in one.to)).text
    order = await announced(kafka, running, MailOrdered, mail_id=mail_id)
    assert (order.data.order, order.data.reason, order.actor) == ("retry", WHY["reason"], "user:vera")
    assert (await staff.mail(mail_id))["retry_until"] is None


async def test_mails_of_one_class_are_retried_a_bounded_number_at_a_time(
    running: Running, kafka: Topics, post: SilentMailbox, staff: Staff
) -> None:
    began = datetime.now(UTC).isoformat()
    emails = [somebody() for _ in range(3)]
    mail_ids = [await refused(running, kafka, post, verified(email)) for email in emails]
    for email in emails:
        await lifted(staff, email)
    chosen = {"failure": "unknown-mailbox", "template": "review-started", "since": began, **WHY}
    first = await staff.post("/v1/mails/retry", chosen | {"limit": 2})
    assert (first.status_code, first.json()) == (200, {"mails": 2, "more": True})
    for mail_id in mail_ids[:2]:
        await announced(kafka, running, MailSent, mail_id=mail_id)
    rest = await staff.post("/v1/mails/retry", chosen)
    assert rest.json() == {"mails": 1, "more": False}
    await announced(kafka, running, MailSent, mail_id=mail_ids[2])


async def test_a_copy_of_a_sent_mail_is_another_message(
    running: Running, kafka: Topics, post: SilentMailbox, staff: Staff
) -> None:
    email = somebody()
    message = verified(email)
    await kafka.produce(running.topic(TOPIC), message)
    mail_id = (await fate(kafka, running, message)).mail_id  # type: ignore[attr-defined]
    assert (await staff.post(f"/v1/mails/{mail_id}/resend", WHY)).status_code == 200
    await copied(staff, mail_id)
    first, second = [one for one in post.mails() if email in one.to]
    assert first.message_id != second.message_id
    answer = await staff.post(f"/v1/mails/{mail_id}/withdraw", WHY)
    assert (answer.status_code, answer.json()["code"]) == (409, "mail-sent")


async def test_a_suppressed_address_gets_no_mail_until_it_is_lifted(
    running: Running, kafka: Topics, staff: Staff
) -> None:
    email = somebody()
    answer = await staff.post("/v1/suppressions", {"email": email, "note": "Its owner asks for it."})
    assert (answer.status_code, answer.json()["reason"]) == (200, "staff")
    key = answer.json()["suppression_id"]
    assert "@harbour-finch.example" in answer.json()["address"] and email not in answer.text
    message = verified(email)
    await kafka.produce(running.topic(TOPIC), message)
    gone = await announced(kafka, running, MailSuppressed, cause_id=message.id)
    assert gone.data.reason == "staff"
    assert key in [one["suppression_id"] for one in (await staff.get("/v1/suppressions", reason="staff"))["items"]]
    await lifted(staff, email)
    assert (await staff.get("/v1/suppressions", email=email))["items"] == []
    again = await staff.post(f"/v1/suppressions/{key}/lift", NOTE)
    assert (again.status_code, again.json()["code"]) == (409, "not-suppressed")
    assert (await staff.get(f"/v1/suppressions/{key}"))["history"][0]["by"] == "user:vera"
    for kind in (AddressSuppressed, SuppressionLifted):
        assert (await announced(kafka, running, kind)).subject.startswith("suppression:")


class Desk:
    """The program's staff at the command line."""

    def __init__(self, running: Running, folder: Path, headers: dict[str, str]) -> None:
        self._running = running
        self._token = folder / "token"
        self._token.write_text(headers["Authorization"].removeprefix("Bearer "))

    async def mails(self, *arguments: str) -> Said:
        variables = {"KONTOR_URL": self._running.url, "KONTOR_TOKEN_FILE": str(self._token)}
        return await kontor(self._running, "mails", *arguments, **variables)


async def test_mails_are_found_and_retried_at_the_command_line(
    running: Running, kafka: Topics, post: SilentMailbox, staff: Staff, tmp_path: Path
) -> None:
    desk = Desk(running, tmp_path, staff.headers)
    email = somebody()
    message = verified(email)
    mail_id = await refused(running, kafka, post, message)
    listed = await desk.mails("list", "--status", "abandoned", "--cause", message.id)
    assert listed.code == 0, listed.err
    assert (mail_id in listed.out, email in listed.out) == (True, False)
    shown = await desk.mails("show", mail_id, "--json")
    assert (shown.document["failure"], shown.document["address"]) == ("unknown-mailbox", None)
    assert email in (await desk.mails("show", mail_id, "--reveal")).out
    await lifted(staff, email)
    again = await desk.mails("retry", mail_id, "--reason", "The mailbox exists now.", "--json")
    assert (again.code, [one["status"] for one in again.document["results"]]) == (0, ["queued"]), again.err
    await announced(kafka, running, MailSent, mail_id=mail_id)
    late = await desk.mails("withdraw", mail_id, "--yes", "--reason", "Too late.")
    assert (late.code, "mail-sent" in late.out) == (1, True)


async def test_the_command_line_says_who_may_not_and_what_is_not(
    running: Running, tokens: Tokens, staff: Staff, tmp_path: Path
) -> None:
    other = Desk(running, tmp_path, tokens.bearer("organization-1", permissions=("mails:read",)))
    denied = await other.mails("retry", "some-mail", "--reason", "Please.")
    assert (denied.code, "forbidden" in denied.out) == (5, True)
    desk = Desk(running, tmp_path, staff.headers)
    assert (await desk.mails("show", "no-such-mail")).code == 4
    assert (await desk.mails("list", "--since", "yesterday")).code == 2
    assert (await desk.mails("retry", "--reason", "Nothing named.")).code == 2
    nobody = await kontor(
        running, "mails", "list", KONTOR_URL="http://127.0.0.1:9", KONTOR_TOKEN_FILE=str(tmp_path / "token")
    )
    assert (nobody.code, "--url" in nobody.err) == (3, True)


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/v1/mails/retry", WHY),
        ("/v1/mails/some-mail/retry", WHY),
        ("/v1/mails/some-mail/resend", WHY),
        ("/v1/mails/some-mail/withdraw", WHY),
        ("/v1/suppressions", {"email": "a@b.example", **NOTE}),
        ("/v1/suppressions/some/lift", NOTE),
    ],
)
async def test_an_organization_gives_no_orders(running: Running, tokens: Tokens, path: str, form: Any) -> None:
    headers = tokens.bearer("organization-1", permissions=("mails:read",)) | {"Idempotency-Key": secrets.token_hex(8)}
    answer = await running.client.post(path, json=form, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_an_order_sent_again_changes_nothing_more(
    running: Running, kafka: Topics, mongo: Documents, post: SilentMailbox, staff: Staff
) -> None:
    email = somebody()
    mail_id = await refused(running, kafka, post, verified(email))
    twice = Twice(running, mongo, {"suppression", "retrial"})
    (one,) = (await staff.get("/v1/suppressions", email=email))["items"]
    await twice.post(
        "/v1/suppressions/{suppression_id}/lift", staff.headers, NOTE, suppression_id=one["suppression_id"]
    )
    await twice.post("/v1/suppressions", staff.headers, {"email": somebody(), **NOTE})
    await twice.post("/v1/mails/{mail_id}/retry", staff.headers, WHY, mail_id=mail_id)
    await announced(kafka, running, MailSent, mail_id=mail_id)
    await twice.post("/v1/mails/{mail_id}/resend", staff.headers, WHY, mail_id=mail_id)
    await copied(staff, mail_id)
    await twice.post("/v1/mails/retry", staff.headers, {"failure": "no-such-failure", **WHY})
    kept = await refused(running, kafka, post, verified(somebody()))
    await twice.post("/v1/mails/{mail_id}/withdraw", staff.headers, WHY, mail_id=kept)
    assert await twice.missed() == set()
