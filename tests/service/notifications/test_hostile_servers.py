"""Delivery to servers that refuse, stall and hang up: each mail once, none lost for a trouble of ours, none held up by others."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from email import message_from_bytes
from typing import Any
from uuid import uuid4

import pytest
from harness.documents import Documents
from harness.running import Running
from harness.topics import Topics
from service.notifications.hostile import HANG_UP, SILENCE, TAKE_AND_HANG_UP, Command, HostileServer
from service.notifications.messages import TOPIC, fate, verified
from support import eventually

from kontor_contracts import Envelope
from kontor_contracts.notifications import MailAbandoned, MailDeferred, MailSent, MailSuppressed

Service = Callable[..., AbstractAsyncContextManager[Running]]
CONNECTIONS = 4
QUICK: dict[str, Any] = {
    "KONTOR_MAIL_RETRIES": "[0.2, 0.2, 0.2]",
    "KONTOR_MAIL_LEASE": 6,
    "KONTOR_SMTP_TIMEOUT": 3,
    "KONTOR_SMTP_CONNECTIONS": CONNECTIONS,
    "KONTOR_TIMER_INTERVAL": 0.1,
}


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[HostileServer]:
    async with HostileServer().serving() as server:
        yield server


@pytest.fixture(scope="module")
async def fallback() -> AsyncIterator[HostileServer]:
    """The second mail server, which nobody needs while the first one serves."""
    async with HostileServer().serving() as fallback:
        yield fallback


@pytest.fixture(scope="module")
async def running(service: Service, server: HostileServer) -> AsyncIterator[Running]:
    async with service("notifications", KONTOR_SMTP_PORT=server.port.number, **QUICK) as running:
        yield running


@pytest.fixture(autouse=True)
def _friendly(server: HostileServer) -> None:
    """Each test begins with a server that takes all mails."""
    server.forget()


def anybody(domain: str = "") -> str:
    """An address that nobody had, at a domain of its own unless one is given."""
    name = uuid4().hex[:12]
    return f"{name}@{domain or f'{name}.example'}"


async def mailed(kafka: Topics, running: Running, address: str) -> Envelope[Any]:
    message = verified(address)
    await kafka.produce(running.topic(TOPIC), message)
    return message


async def announced(kafka: Topics, running: Running, message: Envelope[Any], kind: type[Any]) -> Any:
    async def found() -> Any:
        envelopes = await kafka.envelopes(running.topic("notifications.events"))
        return next((e.data for e in envelopes if isinstance(e.data, kind) and e.data.cause_id == message.id), None)

    return await eventually(found, timeout=60.0)


@pytest.mark.parametrize(
    ("script", "failure"),
    [
        (("RCPT", "550 5.1.1 user unknown"), "unknown-mailbox"),
        (("DOT", "550 5.1.1 user unknown"), "unknown-mailbox"),
        (("RCPT", "550 5.2.1 mailbox disabled"), "mailbox-disabled"),
        (("DOT", "554 5.6.1 not supported"), "content"),
        (("DOT", "552 5.3.4 too big"), "too-large"),
    ],
)
async def test_a_hopeless_reply_ends_the_mail_at_once(
    running: Running, kafka: Topics, server: HostileServer, script: tuple[Command, str], failure: str
) -> None:
    address = anybody()
    server.answer(script[0], address, script[1])
    end = await fate(kafka, running, await mailed(kafka, running, address))
    assert isinstance(end, MailAbandoned)
    assert (end.reason, end.failure, end.attempts) == ("refused-by-server", failure, 1)


@pytest.mark.parametrize(
    ("script", "ambiguous"),
    [
        (("RCPT", "450 4.7.1 greylisted"), False),
        (("RCPT", "452 4.2.2 mailbox full"), False),
        (("RCPT", "550 mailbox unavailable"), False),
        (("RCPT", "421 4.7.0 closing"), False),
        (("RCPT", HANG_UP), False),
        (("RCPT", SILENCE), False),
        (("DATA", "451 4.3.0 later"), False),
        (("DATA", "554 no valid recipients"), False),
        (("DOT", "451 4.3.0 later"), False),
        (("DOT", "550 5.7.1 policy"), False),
        (("DOT", "421 4.3.2 shutting down"), False),
        (("DOT", HANG_UP), True),
        (("DOT", SILENCE), True),
    ],
)
async def test_a_reply_that_leaves_hope_delays_the_mail(
    running: Running, kafka: Topics, server: HostileServer, script: tuple[Command, str], ambiguous: bool
) -> None:
    address = anybody()
    server.answer(script[0], address, script[1], times=1)
    end = await fate(kafka, running, await mailed(kafka, running, address))
    assert isinstance(end, MailSent)
    assert (end.attempts, end.ambiguous) == (2, ambiguous)
    assert len(server.taken(address)) == 1


async def test_a_mail_whose_answer_was_lost_comes_again_as_the_same(
    running: Running, kafka: Topics, server: HostileServer
) -> None:
    address = anybody()
    server.answer("DOT", address, TAKE_AND_HANG_UP, times=1)
    end = await fate(kafka, running, await mailed(kafka, running, address))
    assert isinstance(end, MailSent) and end.ambiguous
    first, copy = (message_from_bytes(content) for content in server.taken(address))
    assert (first["Message-ID"], first["Date"]) == (copy["Message-ID"], copy["Date"])


async def test_a_blocklisted_server_loses_no_mail(running: Running, kafka: Topics, server: HostileServer) -> None:
    """It refuses more often than a mail is tried; an hour of it is a matter of the domain's tests."""
    server.answer("RCPT", ".example", "554 5.7.1 Service unavailable; blocked using zen.spamhaus.org", times=6)
    addresses = [anybody() for _ in range(6)]
    messages = [await mailed(kafka, running, address) for address in addresses]
    ends = [await fate(kafka, running, message, within=120) for message in messages]
    assert {type(end) for end in ends} == {MailSent}
    assert [len(server.taken(address)) for address in addresses] == [1] * 6


async def test_a_refused_sender_delays_a_mail_and_loses_none(
    running: Running, kafka: Topics, server: HostileServer
) -> None:
    server.answer("MAIL", "", "550 5.7.1 you are not welcome", times=2)
    address = anybody()
    end = await fate(kafka, running, await mailed(kafka, running, address))
    assert isinstance(end, MailSent) and end.attempts == 3
    assert len(server.taken(address)) == 1


async def test_mails_that_nobody_takes_delay_no_others(
    running: Running, kafka: Topics, server: HostileServer, mongo: Documents
) -> None:
    server.answer("RCPT", "@stuck.example", SILENCE)
    heads = [await mailed(kafka, running, anybody("stuck.example")) for _ in range(20)]
    await eventually(lambda: sum(to.endswith("@stuck.example") for to in server.tried) > 0, timeout=60.0)
    good = [anybody() for _ in range(20)]
    messages = [await mailed(kafka, running, address) for address in good]
    ends = [await fate(kafka, running, message) for message in messages]
    assert {type(end) for end in ends} == {MailSent}
    assert [len(server.taken(address)) for address in good] == [1] * 20
    waiting = {message.id for message in heads}
    stored = [one["state"] for one in await mongo.all(running, "mail")]
    assert {mail["status"] for mail in stored if mail["letter"]["cause_id"] in waiting} <= {
        "queued",
        "sending",
        "deferred",
    }


async def test_an_unknown_address_gets_no_second_mail(running: Running, kafka: Topics, server: HostileServer) -> None:
    address = anybody()
    server.answer("RCPT", address, "550 5.1.1 user unknown", times=1)
    await fate(kafka, running, await mailed(kafka, running, address))
    again = await announced(kafka, running, await mailed(kafka, running, address.upper()), MailSuppressed)
    assert (again.reason, again.attempts) == ("unknown-mailbox", 0)
    assert server.tried[address] == 1 and server.tried[address.upper()] == 0


async def test_many_mails_use_few_connections(running: Running, kafka: Topics, server: HostileServer) -> None:
    server.most = 0
    addresses = [anybody() for _ in range(300)]
    await asyncio.gather(*(mailed(kafka, running, address) for address in addresses))
    await eventually(lambda: all(server.taken(address) for address in addresses), timeout=120.0)
    assert [len(server.taken(address)) for address in addresses] == [1] * 300
    # A connection counts until the server has noticed its end. Without a limit there would be 32.
    assert server.most <= 2 * CONNECTIONS


async def test_a_mail_that_waits_for_long_is_announced(service: Service, kafka: Topics, server: HostileServer) -> None:
    waiting = QUICK | {"KONTOR_MAIL_RETRIES": "[0.2, 600]", "KONTOR_MAIL_LATE_AFTER": 0.1}
    async with service("notifications", KONTOR_SMTP_PORT=server.port.number, **waiting) as running:
        address = anybody()
        server.answer("RCPT", address, "451 4.3.0 later")
        told = await announced(kafka, running, await mailed(kafka, running, address), MailDeferred)
        assert (told.failure, told.template) == ("busy", "review-started")


async def test_the_second_server_serves_while_the_first_is_away(
    service: Service, kafka: Topics, server: HostileServer, fallback: HostileServer
) -> None:
    servers = {"KONTOR_SMTP_PORT": 1, "KONTOR_SMTP_FALLBACKS": f'["127.0.0.1:{fallback.port.number}"]'}
    async with service("notifications", **servers, **QUICK) as running:
        address = anybody()
        assert isinstance(await fate(kafka, running, await mailed(kafka, running, address)), MailSent)
        assert len(fallback.taken(address)) == 1 and server.taken(address) == []
        assert await running.metric("kontor_mail_relay_away", relay="127.0.0.1:1") == 1
        assert await running.metric("kontor_mail_server_away") == 0
