"""Delivery by SMTP: each mail once, in spite of crashes, repeated messages and failing servers."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any
from uuid import uuid4

import dkim
import pytest
from harness.dkim_key import dkim_key
from harness.documents import Documents
from harness.running import Running
from harness.topics import Topics
from service.notifications.messages import TOPIC, fate, requested, sealed, verified
from service.notifications.server import SilentMailbox, StrictServer
from support import eventually

from kontor_contracts.notifications import MailAbandoned, MailSent
from kontor_local.keys import SEALING_PRIVATE, SEALING_PUBLIC, write_keys
from kontor_local.mails import Mail

Service = Callable[..., AbstractAsyncContextManager[Running]]
LINK = "https://kontor.example/verify-contact/7f1?token=canary-Zm9vYmFy"
QUICK: dict[str, Any] = {
    "KONTOR_MAIL_RETRIES": "[0.2, 0.2, 0.2]",
    "KONTOR_MAIL_LEASE": 3,
    "KONTOR_SMTP_TIMEOUT": 1,
    "KONTOR_TIMER_INTERVAL": 0.1,
}


@pytest.fixture(scope="module")
async def post(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SilentMailbox]:
    """The mail server of these tests, theirs to stop, to set against a mail and to silence."""
    post = SilentMailbox(tmp_path_factory.mktemp("post"))
    await post.start()
    yield post
    await post.stop()


@pytest.fixture(scope="module")
async def running(service: Service, post: SilentMailbox) -> AsyncIterator[Running]:
    async with service("notifications", KONTOR_SMTP_PORT=post.port.number, **QUICK) as running:
        yield running


@pytest.fixture(autouse=True)
async def _as_ever(post: SilentMailbox) -> AsyncIterator[None]:
    """The server as it was, for the next test."""
    yield
    await post.forgive()


@asynccontextmanager
async def told(running: Running, **other: object) -> AsyncIterator[None]:
    """The service restarted with these settings, and back to its own afterwards."""
    before = dict(running.env)
    running.env.update({name: str(value) for name, value in other.items()})
    await running.restart()
    yield
    await running.stop()
    running.env.clear()
    running.env.update(before)
    await running.start()


def to(post: SilentMailbox, address: str) -> list[Mail]:
    return [mail for mail in post.mails() if address in mail.to]


async def state(mongo: Documents, running: Running, cause_id: str) -> dict[str, Any]:
    """The stored mail that this message led to; {} while there is none."""
    documents = await mongo.all(running, "mail")
    return next((d["state"] for d in documents if d["state"]["letter"]["cause_id"] == cause_id), {})


async def all_read(kafka: Topics, running: Running) -> None:
    async def nothing_left() -> bool:
        return await kafka.unread(running.group, running.topic(TOPIC)) == 0

    await eventually(nothing_left)


async def test_a_message_that_comes_twice_leads_to_one_mail(
    running: Running, kafka: Topics, mongo: Documents, post: SilentMailbox, keys: Path
) -> None:
    message = requested("sian@once.example", sealed(keys / SEALING_PUBLIC, LINK))
    for _ in range(2):
        await kafka.produce(running.topic(TOPIC), message)
    mail = await post.wait_for(lambda mail: "sian@once.example" in mail.to)
    assert await fate(kafka, running, message) == MailSent(
        mail_id=mail.message_id[1:37],
        template="contact-verification",
        cause_id=message.id,
        cause_subject=message.subject,
        attempts=1,
    )
    await running.stop()
    await kafka.rewind(running.group, running.topic(TOPIC))
    await running.start()
    await all_read(kafka, running)
    await asyncio.sleep(0.5)
    assert len(to(post, "sian@once.example")) == 1

    headers = message_from_bytes(mail.raw)
    assert mail.links == (LINK, running.env["KONTOR_IDENTITY_URL"])
    assert mail.message_id == f"<{mail.message_id[1:37]}@kontor.example>"
    assert headers["From"] == "Kontor <no-reply@kontor.example>"
    assert headers["X-Correlation-Id"] == message.correlationid
    assert (await state(mongo, running, message.id))["letter"]["sealed_link"] is None


async def test_neither_link_nor_address_is_in_any_log_or_event(
    running: Running, kafka: Topics, post: SilentMailbox, keys: Path
) -> None:
    post.refuse(1, code=451)
    message = requested("canary@secret.example", sealed(keys / SEALING_PUBLIC, LINK))
    await kafka.produce(running.topic(TOPIC), message)
    assert isinstance(await fate(kafka, running, message), MailSent)
    log = running.process.log.read_text()
    assert message.correlationid in log
    events = [read.record.value for read in await kafka.read_all(running.topic("notifications.events"))]
    for words in (log, *map(str, events)):
        assert "canary" not in words


async def test_a_mail_the_server_puts_off_is_sent_later(running: Running, kafka: Topics, post: SilentMailbox) -> None:
    post.refuse(1, code=451)
    message = verified("later@kontor.example")
    await kafka.produce(running.topic(TOPIC), message)
    end = await fate(kafka, running, message)
    assert isinstance(end, MailSent)
    assert (end.attempts, end.ambiguous) == (2, False)
    assert len(to(post, "later@kontor.example")) == 1
    assert await running.metric("kontor_mails_total", template="review-started", outcome="deferred") == 1


async def test_a_mail_the_server_always_puts_off_is_abandoned_in_the_end(
    running: Running, kafka: Topics, post: SilentMailbox
) -> None:
    post.refuse(10, code=452)
    message = verified("never@kontor.example")
    await kafka.produce(running.topic(TOPIC), message)
    end = await fate(kafka, running, message)
    assert isinstance(end, MailAbandoned)
    assert (end.reason, end.attempts) == ("retries-exhausted", 4)
    assert end.detail.startswith("452 ")


async def test_a_mail_the_server_refuses_is_abandoned_at_once(
    running: Running, kafka: Topics, mongo: Documents, post: SilentMailbox, keys: Path
) -> None:
    post.refuse(1, code=550, words="5.1.1 no such mailbox")
    message = requested("nobody@kontor.example", sealed(keys / SEALING_PUBLIC, LINK))
    await kafka.produce(running.topic(TOPIC), message)
    end = await fate(kafka, running, message)
    assert isinstance(end, MailAbandoned)
    assert (end.reason, end.failure, end.attempts) == ("refused-by-server", "unknown-mailbox", 1)
    stored = await state(mongo, running, message.id)
    assert (stored["status"], stored["next_at"]) == ("abandoned", None)
    # The staff may retry it for a while, which takes the link.
    assert stored["letter"]["sealed_link"] and stored["retry_until"]
    assert to(post, "nobody@kontor.example") == []


async def test_a_server_that_is_away_costs_no_mail_an_attempt(
    running: Running, kafka: Topics, mongo: Documents, post: SilentMailbox
) -> None:
    await post.stop()
    messages = [verified(f"patient-{number}@kontor.example") for number in range(20)]
    for message in messages:
        await kafka.produce(running.topic(TOPIC), message)

    async def away() -> bool:
        return await running.metric("kontor_mail_server_away") == 1

    await eventually(away)
    await all_read(kafka, running)
    await asyncio.sleep(1.5)
    stored = [await state(mongo, running, message.id) for message in messages]
    assert [(mail["status"], mail["attempts"]) for mail in stored] == [("queued", 0)] * 20

    await post.start()
    ends = [await fate(kafka, running, message) for message in messages]
    assert all(isinstance(end, MailSent) and end.attempts == 1 and not end.ambiguous for end in ends)
    assert [len(to(post, message.data.contact.email)) for message in messages] == [1] * 20
    assert not await away()


async def test_a_mail_whose_link_expires_before_delivery_is_abandoned(
    running: Running, kafka: Topics, post: SilentMailbox, keys: Path
) -> None:
    await post.stop()
    link = sealed(keys / SEALING_PUBLIC, LINK)
    message = requested("late@kontor.example", link, expires_in=timedelta(seconds=1.5))
    await kafka.produce(running.topic(TOPIC), message)
    end = await fate(kafka, running, message)
    assert isinstance(end, MailAbandoned)
    assert (end.reason, end.attempts) == ("expired", 0)


async def test_two_instances_send_each_mail_once(
    running: Running, beside: Service, kafka: Topics, post: SilentMailbox
) -> None:
    messages = [verified(f"twins-{number}@kontor.example") for number in range(100)]
    async with beside(running) as second:
        for message in messages:
            await kafka.produce(running.topic(TOPIC), message)
        await all_read(kafka, running)
        await eventually(lambda: sum("twins-" in mail.to[0] for mail in post.mails()) >= 100)
        await asyncio.sleep(1)
        share = await second.metric("kontor_mails_total", outcome="sent")
    assert [len(to(post, message.data.contact.email)) for message in messages] == [1] * 100
    assert 0 < share < 100, "both were to take part, or this shows nothing"


async def test_a_crash_before_the_outcome_costs_at_most_one_identical_copy(
    running: Running, kafka: Topics, mongo: Documents, post: SilentMailbox
) -> None:
    kept = post.silence("crash@kontor.example")
    message = verified("crash@kontor.example")
    await kafka.produce(running.topic(TOPIC), message)
    await asyncio.wait_for(kept.wait(), 60)
    running.kill()
    assert (await state(mongo, running, message.id))["status"] == "sending"
    post.speak()
    await kafka.forget_members(running.group)
    await running.start()
    end = await fate(kafka, running, message)
    assert isinstance(end, MailSent)
    assert (end.attempts, end.ambiguous) == (2, True)
    assert await running.metric("kontor_mail_ambiguous_total") == 1
    await asyncio.sleep(1)
    first, copy = to(post, "crash@kontor.example")
    assert first.message_id == copy.message_id
    assert message_from_bytes(first.raw)["Date"] == message_from_bytes(copy.raw)["Date"]


async def test_a_server_that_falls_silent_after_the_data_may_have_the_mail(
    running: Running, kafka: Topics, post: SilentMailbox
) -> None:
    kept = post.silence("silence@kontor.example")
    message = verified("silence@kontor.example")
    await kafka.produce(running.topic(TOPIC), message)
    await asyncio.wait_for(kept.wait(), 60)
    post.speak()
    end = await fate(kafka, running, message)
    assert isinstance(end, MailSent)
    assert (end.attempts, end.ambiguous) == (2, True)
    assert len({mail.message_id for mail in to(post, "silence@kontor.example")}) == 1


async def test_bad_mails_hold_up_no_others(
    running: Running, kafka: Topics, mongo: Documents, post: SilentMailbox, keys: Path
) -> None:
    write_keys(keys / "other")
    foreign = requested("foreign@kontor.example", sealed(keys / "other" / SEALING_PUBLIC, LINK))
    whole = sealed(keys / SEALING_PUBLIC, LINK)
    unreadable = requested("unreadable@kontor.example", f"{whole[:-8]}AAAAAAAA")
    no_link = requested("no-link@kontor.example", sealed(keys / SEALING_PUBLIC, "javascript:alert(1)"))
    unwritable = verified("two(mailboxes)@kontor.example")
    stuck = [verified(f"stuck-{number}@kontor.example") for number in range(4)]
    kept = post.silence(*(message.data.contact.email for message in stuck))
    async with told(running, KONTOR_SMTP_TIMEOUT=30, KONTOR_MAIL_LEASE=60):
        for message in (*stuck, foreign, unreadable, no_link, unwritable):
            await kafka.produce(running.topic(TOPIC), message)
        await asyncio.wait_for(kept.wait(), 60)
        for number in range(30):
            await kafka.produce(running.topic(TOPIC), verified(f"good-{number}@kontor.example"))
        await eventually(lambda: sum("good-" in mail.to[0] for mail in post.mails()) == 30, 20)
        ends = [await fate(kafka, running, message) for message in (foreign, unreadable, no_link, unwritable)]
        assert [end.reason for end in ends if isinstance(end, MailAbandoned)] == [
            "retries-exhausted",
            "unreadable-secret",
            "unreadable-secret",
            "retries-exhausted",
        ]
        assert {(await state(mongo, running, message.id))["status"] for message in stuck} == {"sending"}


async def test_a_mail_waits_for_the_key_that_it_was_sealed_with(
    running: Running, kafka: Topics, mongo: Documents, post: SilentMailbox, keys: Path
) -> None:
    write_keys(keys / "next")
    present, arriving = (json.loads((folder / SEALING_PRIVATE).read_text()) for folder in (keys, keys / "next"))
    file = keys / "notifications.jwk"
    file.write_text(json.dumps(present))
    message = requested("patient@kontor.example", sealed(keys / "next" / SEALING_PUBLIC, LINK))

    async def is_deferred() -> bool:
        return "not in the file" in ((await state(mongo, running, message.id)).get("last_error") or "")

    async with told(
        running, KONTOR_SEALING_KEY_FILE=file, KONTOR_MAIL_RETRIES="[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"
    ):
        await kafka.produce(running.topic(TOPIC), message)
        await eventually(is_deferred)
        file.write_text(json.dumps({"keys": [present, arriving]}))
        assert isinstance(await fate(kafka, running, message), MailSent)
    assert to(post, "patient@kontor.example")[0].links[0] == LINK


async def test_a_mail_goes_out_signed_over_tls_with_a_password(running: Running, kafka: Topics, tmp_path: Path) -> None:
    record = dkim_key(tmp_path / "dkim.pem")
    signed = {"KONTOR_MAIL_DKIM_KEY_FILE": tmp_path / "dkim.pem", "KONTOR_MAIL_DKIM_SELECTOR": "k1"}
    imprint = {"KONTOR_MAIL_IMPRINT": "Nordwind GmbH, Hafenstraße 7, 20457 Hamburg"}
    messages = [verified(f"{uuid4()}@kontor.example") for _ in range(3)]
    (tmp_path / "password").write_text("correct horse\n")
    async with (
        StrictServer(tmp_path, "correct horse").serving() as server,
        told(running, **strict(server, tmp_path), **signed, **imprint, SSL_CERT_FILE=server.certificate),
    ):
        for message in messages:
            await kafka.produce(running.topic(TOPIC), message)
        ends = [await fate(kafka, running, message) for message in messages]
    assert [type(end) for end in ends] == [MailSent] * 3
    assert len(server.mails) == 3
    assert all(dkim.verify(mail, dnsfunc=lambda _name, **_: record) for mail in server.mails)
    assert all("Nordwind GmbH, Hafenstra=C3=9Fe 7" in mail.decode() for mail in server.mails)


@pytest.mark.parametrize("fault", ["wrong password", "unknown certificate"])
async def test_a_server_without_mutual_trust_gets_no_mail_and_loses_none(
    running: Running, kafka: Topics, mongo: Documents, tmp_path: Path, fault: str
) -> None:
    message = verified(f"{uuid4()}@kontor.example")
    (tmp_path / "password").write_text("guess" if fault == "wrong password" else "correct horse")
    async with StrictServer(tmp_path, "correct horse").serving() as server:
        trust = {"SSL_CERT_FILE": server.certificate} if fault == "wrong password" else {}
        async with told(running, **strict(server, tmp_path), **trust):
            await kafka.produce(running.topic(TOPIC), message)

            async def away() -> bool:
                return await running.metric("kontor_mail_server_away") == 1

            await all_read(kafka, running)
            await eventually(away)
            stored = await state(mongo, running, message.id)
            assert (stored["status"], stored["attempts"]) == ("queued", 0)
        assert server.mails == []
    end = await fate(kafka, running, message)
    assert isinstance(end, MailSent) and end.attempts == 1


def strict(server: StrictServer, directory: Path) -> dict[str, object]:
    return {
        "KONTOR_SMTP_PORT": server.port.number,
        "KONTOR_SMTP_TLS": "starttls",
        "KONTOR_SMTP_USERNAME": "mailer",
        "KONTOR_SMTP_PASSWORD_FILE": directory / "password",
    }
