"""The embedded servers keep their promises: they serve when started, keep data over a restart, and never outlive us."""

import asyncio
import itertools
import json
import signal
import sys
from collections.abc import AsyncIterator
from email.message import EmailMessage
from functools import partial
from pathlib import Path

import aiosmtplib
import httpx2
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from pymongo import AsyncMongoClient
from support import eventually

from kontor_local.connected import connected
from kontor_local.mailbox import Mailbox
from kontor_local.mailpage import MailPage
from kontor_local.ports import HOST, Port, is_open
from kontor_local.processes import Process, ProcessError, run
from kontor_local.servers import Broker, Database

PARENT = """
import asyncio, json, sys
from pathlib import Path
from kontor_local.servers import Broker, Database

async def main():
    servers = [Broker(Path(sys.argv[1]) / "broker"), Database(Path(sys.argv[1]) / "database")]
    for server in servers:
        await server.start()
    children = [[server.process.pid, server.port.number] for server in servers]
    Path(sys.argv[1], "draft").write_text(json.dumps(children))
    Path(sys.argv[1], "draft").rename(Path(sys.argv[1], "children.json"))
    await asyncio.Event().wait()

asyncio.run(main())
"""

DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(60)
"""

FAILING = """
import sys
print("no such index", file=sys.stderr)
sys.exit(3)
"""

HTML = '<a href="https://kontor.example/a?b=1&amp;c=2">go</a><script>alert(1)</script>'


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    broker = Broker(tmp_path / "broker")
    await broker.start()
    yield broker
    await broker.stop()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(tmp_path / "database")
    await database.start()
    yield database
    await database.stop()


@pytest.fixture
async def mailbox(tmp_path: Path) -> AsyncIterator[Mailbox]:
    mailbox = Mailbox(tmp_path / "mails")
    await mailbox.start()
    yield mailbox
    await mailbox.stop()


async def test_the_broker_keeps_a_record_over_a_restart(broker: Broker) -> None:
    await _produce(broker.url, b"before")
    await broker.restart()
    await _produce(broker.url, b"after")
    assert await _consume(broker.url, count=2) == [b"before", b"after"]


async def test_the_broker_keeps_what_it_acknowledged_while_it_stopped(broker: Broker) -> None:
    acknowledged: list[bytes] = []
    numbers = itertools.count()

    async def send(producer: AIOKafkaProducer) -> None:
        while True:
            value = b"%d" % next(numbers)
            await producer.send_and_wait("numbers", value, partition=0)
            acknowledged.append(value)

    async with connected(AIOKafkaProducer(bootstrap_servers=broker.url)) as producer:
        senders = [asyncio.create_task(send(producer)) for _ in range(20)]
        for _ in range(5):
            wanted = len(acknowledged) + 100
            await eventually(partial(_has, acknowledged, wanted))
            await broker.restart()
        for sender in senders:
            sender.cancel()
        await asyncio.gather(*senders, return_exceptions=True)
    numbered = TopicPartition("numbers", 0)
    kept: list[bytes] = []
    async with connected(AIOKafkaConsumer(bootstrap_servers=broker.url, auto_offset_reset="earliest")) as consumer:
        consumer.assign([numbered])
        end = (await consumer.end_offsets([numbered]))[numbered]
        while await consumer.position(numbered) < end:
            kept += [record.value for record in (await consumer.getmany(timeout_ms=1000)).get(numbered, [])]
    assert set(acknowledged) <= set(kept)


async def test_a_stopped_broker_leaves_neither_port_nor_process(broker: Broker) -> None:
    await broker.stop()
    assert not is_open(broker.port.number)
    assert not broker.process.alive


async def test_the_database_keeps_a_document_over_a_restart(database: Database) -> None:
    async with AsyncMongoClient[dict[str, object]](database.url) as client:
        await client.kontor.things.insert_one({"_id": 1, "name": "kept"})
    await database.restart()
    async with AsyncMongoClient[dict[str, object]](database.url) as client:
        assert await client.kontor.things.find_one({"_id": 1}) == {"_id": 1, "name": "kept"}


async def test_a_server_that_cannot_start_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "database").write_text("in the way")
    database = Database(tmp_path / "database")
    with pytest.raises(ProcessError, match=r"(?s)database did not start; it ended with .*FileExistsError"):
        await database.start()
    assert not database.process.alive


async def test_a_mail_arrives_as_it_was_sent_and_is_kept_on_disk(mailbox: Mailbox, tmp_path: Path) -> None:
    waiting = asyncio.create_task(mailbox.wait_for(lambda mail: "grete@reseller.example" in mail.to))
    await _send(mailbox, subject="Grüße", text="Bitte öffnen: https://kontor.example/a?b=1.")
    mail = await waiting
    assert (mail.subject, mail.links) == ("Grüße", ("https://kontor.example/a?b=1", "https://kontor.example/a?b=1&c=2"))
    assert mail.text == "Bitte öffnen: https://kontor.example/a?b=1.\n"
    assert mail.message_id == "<1@kontor.example>"
    assert (tmp_path / "mails" / "00001.eml").read_bytes() == mail.raw


async def test_the_mailbox_refuses_as_many_mails_as_it_is_told(mailbox: Mailbox) -> None:
    mailbox.refuse(2, code=452)
    for _ in range(2):
        with pytest.raises(aiosmtplib.SMTPDataError) as refusal:
            await _send(mailbox)
        assert refusal.value.code == 452
    await _send(mailbox)
    assert len(mailbox.mails()) == 1


async def test_the_mailbox_comes_back_on_its_port_with_its_mails(mailbox: Mailbox) -> None:
    await _send(mailbox)
    await mailbox.stop()
    with pytest.raises(aiosmtplib.SMTPConnectError):
        await _send(mailbox)
    await mailbox.start()
    await _send(mailbox)
    assert [mail.number for mail in mailbox.mails()] == [1, 2]


async def test_waiting_for_a_mail_that_never_comes_names_those_that_did(mailbox: Mailbox) -> None:
    await _send(mailbox, subject="Another one")
    with pytest.raises(TimeoutError, match=r"'Another one' to grete@reseller.example"):
        await mailbox.wait_for(lambda mail: mail.subject == "The one", timeout=0.05)


async def test_the_mail_page_shows_html_without_running_it(mailbox: Mailbox) -> None:
    await _send(mailbox, subject="<script>alert(1)</script>")
    page = MailPage(mailbox)
    await page.start()
    async with httpx2.AsyncClient(base_url=page.url) as browser:
        listed, shown = await browser.get("/"), await browser.get("/mails/1")
        as_json = (await browser.get("/api/mails")).json()
        missing = await browser.get("/mails/2")
    await page.stop()
    assert "<script" not in listed.text + shown.text
    assert '<iframe sandbox=""' in shown.text
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    assert [mail["to"] for mail in as_json] == [["grete@reseller.example"]]
    assert missing.status_code == 404


async def test_no_child_outlives_a_killed_parent(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux ties a child's life to its parent's")
    parent = Process("parent", [sys.executable, "-c", PARENT, str(tmp_path)], log=tmp_path / "parent.log")
    parent.start()
    try:
        await parent.until(lambda: asyncio.to_thread((tmp_path / "children.json").exists), within=60)
        children = json.loads((tmp_path / "children.json").read_text())
        assert all(is_open(port) and _runs(pid) for pid, port in children)
    finally:
        parent.kill()
    assert parent.poll() == -signal.SIGKILL
    await eventually(lambda: not any(is_open(port) or _runs(pid) for pid, port in children))


async def test_a_process_that_ignores_the_request_to_stop_is_killed(tmp_path: Path) -> None:
    process = Process("deaf", [sys.executable, "-c", DEAF], log=tmp_path / "log")
    process.start()
    await eventually(lambda: "deaf" in process.tail())
    await process.terminate(grace=0.1)
    assert process.poll() == -signal.SIGKILL


async def test_a_command_that_fails_shows_the_end_of_its_log(tmp_path: Path) -> None:
    with pytest.raises(ProcessError, match=r"(?s)migrate failed; it ended with 3\..*no such index"):
        await run("migrate", [sys.executable, "-c", FAILING], log=tmp_path / "log")
    assert await run("greet", [sys.executable, "-c", "print('hello')"], log=tmp_path / "log") == "hello\n"


def test_a_port_is_nobody_elses_while_its_owner_lives() -> None:
    port = Port()
    number = port.number
    assert Port(number).number != number
    # A server that is restarted finds its port again, so releasing it does not give it to others.
    port.release()
    assert Port(number).number != number
    del port
    assert Port(number).number == number


def _has(values: list[bytes], count: int) -> bool:
    return len(values) >= count


async def _produce(url: str, value: bytes) -> None:
    async with connected(AIOKafkaProducer(bootstrap_servers=url, enable_idempotence=True)) as producer:
        await producer.send_and_wait("things", value, partition=0)


async def _consume(url: str, *, count: int) -> list[bytes]:
    async with connected(AIOKafkaConsumer(bootstrap_servers=url, auto_offset_reset="earliest")) as consumer:
        consumer.assign([TopicPartition("things", 0)])
        return [(await asyncio.wait_for(consumer.getone(), 10)).value for _ in range(count)]


async def _send(mailbox: Mailbox, *, subject: str = "Hello", text: str = "Hello.") -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "no-reply@kontor.example", "grete@reseller.example", subject
    mail["Message-ID"] = "<1@kontor.example>"
    mail.set_content(text)
    mail.add_alternative(HTML, subtype="html")
    await aiosmtplib.send(mail, hostname=HOST, port=mailbox.port.number, timeout=5)


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"  # dead, and waiting for an init that collects its children late or never
