"""On a broker that denies what nobody granted: the generated rights are enough, and each is needed."""

import asyncio
import base64
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from harness.secured_kafka import ADMIN, SecuredKafka

from kontor_contracts import access
from kontor_contracts.access import Grant
from kontor_contracts.topics import SERVICES, TOPICS
from kontor_local import kafka_program
from kontor_local.connected import connected
from kontor_local.environment import PREFIX, Surroundings, environment, inherited
from kontor_local.journey import connecting
from kontor_local.journey.client import until
from kontor_local.journey.play import play, stage
from kontor_local.journey.report import Report
from kontor_local.journey.steps import STEPS
from kontor_local.kafka_program import KafkaUnavailableError
from kontor_local.keys import write_keys
from kontor_local.mailbox import Mailbox
from kontor_local.ports import HOST, Port
from kontor_local.processes import Process, run, start_within
from kontor_local.servers import Database

pytestmark = [pytest.mark.apache_kafka, pytest.mark.timeout(600)]

EVENTS = Grant("notifications", "Topic", "enrollment.events", "Read, Describe", "its group reads it")
ONE_NODE = ("--replication-factor", "1", "--min-insync-replicas", "1")
DIFF, PLAN = ("topics", "diff", *ONE_NODE), ("topics", "plan", *ONE_NODE)

OF_ANOTHER_PORTAL = {connecting.other_portal_announces_a_customer, connecting.older_customer_appears}
"""Steps that write to the broker as somebody else."""
PRINCIPALS = (*SERVICES, access.OPERATOR, access.TOPICS_JOB)


class Secured:
    """All services on a secured broker, each as its own principal; a playground of the journey."""

    def __init__(self, folder: Path, kafka: SecuredKafka) -> None:
        self._folder = folder
        self.broker = kafka
        self.kafka = kafka.url
        self.mailbox = Mailbox(folder / "mails")
        self.database = Database(folder / "database")
        self._ports = {service: (Port(), Port()) for service in SERVICES}
        self._around = Surroundings(
            kafka=kafka.url,
            mongo=self.database.url,
            smtp_port=self.mailbox.port.number,
            urls={service: f"http://{HOST}:{port.number}" for service, (port, _) in self._ports.items()},
            management={service: port.number for service, (_, port) in self._ports.items()},
            keys=folder / "keys",
        )
        self.processes = {service: self._process(service) for service in SERVICES}
        self._cleanup = AsyncExitStack()

    async def start(self) -> None:
        write_keys(self._around.keys)
        self._cleanup.push_async_callback(self.database.stop)
        await self.database.start()
        self._cleanup.push_async_callback(self.mailbox.stop)
        await self.mailbox.start()
        settings = self.broker.settings(access.TOPICS_JOB, REPLICATION_FACTOR="1", MIN_INSYNC_REPLICAS="1")
        job = [sys.executable, "-m", "chassis", "topics"]
        await run("topics", job, env=inherited() | prefixed(settings), log=self._folder / "topics.log")
        for service in SERVICES:
            self._cleanup.push_async_callback(self.processes[service].terminate)
            await self.start_service(service)

    async def stop(self) -> None:
        await self._cleanup.aclose()

    async def start_service(self, service: str) -> None:
        for port in self._ports[service]:
            port.release()
        self.processes[service].start()
        address = f"http://{HOST}:{self._around.management[service]}"
        async with httpx2.AsyncClient(base_url=address, timeout=5.0) as http:
            await self.processes[service].until(lambda: is_ready(http), start_within())

    def env(self, service: str) -> dict[str, str]:
        return environment(service, self._around) | prefixed(self.broker.settings(service))

    def topic(self, name: str) -> str:
        return name

    def public_url(self, service: str) -> str:
        return self._around.urls[service]

    async def operator(self, email: str, full_name: str) -> str:
        command = [sys.executable, "-m", "identity", "create-operator", "--email", email, "--full-name", full_name]
        printed = await run("operator", command, env=self.env("identity"), log=self._folder / "operator.log")
        return printed.rstrip().splitlines()[-1].strip()

    async def park(self, group: str) -> None:
        """A record in its dead-letter topic, which is none of ours, and so no dead letter: there is something to read."""
        producer = AIOKafkaProducer(**self.broker.options(self.broker.settings(ADMIN)))
        async with connected(producer):
            await producer.send_and_wait(f"{group}.dlq", b"not a dead letter")

    def said(self, service: str) -> str:
        return self.processes[service].log.read_text()

    def _process(self, service: str) -> Process:
        command = [sys.executable, "-m", service, "migrate", "serve"]
        return Process(service, command, env=self.env(service), log=self._folder / f"{service}.log")


@pytest.fixture(scope="module")
async def secured(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Secured]:
    try:
        await asyncio.to_thread(kafka_program.fetch)
    except KafkaUnavailableError as error:
        pytest.skip(f"NOT RUN: {error}")
    folder = tmp_path_factory.mktemp("secured")
    kafka = SecuredKafka(folder / "kafka", {principal: f"of-{principal}" for principal in PRINCIPALS})
    kontor = Secured(folder, kafka)
    try:
        await kafka.start()
        await kafka.allow(access.grants())
        await kontor.start()
        yield kontor
    finally:
        await kontor.stop()
        await kafka.stop()


async def test_all_services_run_with_the_generated_rights(secured: Secured) -> None:
    report = Report()
    steps = [step for step in STEPS if step.play not in OF_ANOTHER_PORTAL]
    async with stage(secured) as on:
        await play(on, steps, report)
    assert [f"{step.name}: {step.seen}" for step in report.steps if not step.ok] == []
    assert len(report.steps) == len(steps)
    assert {service: "Authorization" in secured.said(service) for service in SERVICES} == dict.fromkeys(SERVICES, False)


async def test_the_command_line_works_with_the_operators_rights(secured: Secured) -> None:
    done = await asyncio.to_thread(kontor, secured, "dlq", "list")
    assert (done.returncode, done.stdout, done.stderr) == (0, "no open dead letters\n", "")
    done = await asyncio.to_thread(kontor, secured, *DIFF)
    assert (done.returncode, done.stdout, done.stderr) == (0, "no differences\n", "")


async def test_an_acl_that_is_missing_is_named(secured: Secured) -> None:
    async with secured.broker.without(EVENTS):
        for command, before in ((DIFF, ""), (PLAN, "left: ")):
            done = await asyncio.to_thread(kontor, secured, *command)
            wanted = [f"User:notifications {one} on Topic enrollment.events allowed" for one in ("Read", "Describe")]
            text = "{}enrollment.events: ACL is missing, the registry says {} (grant it, as docs/acls.md says)"
            assert (done.returncode, done.stdout.splitlines()) == (2, [text.format(before, one) for one in wanted])


async def test_acls_that_may_not_be_seen_are_not_taken_for_right(secured: Secured) -> None:
    async with secured.broker.without(Grant(access.OPERATOR, "Cluster", access.CLUSTER, "Describe", "")):
        done = await asyncio.to_thread(kontor, secured, *DIFF)
        assert done.returncode == 5, done.stdout + done.stderr
        assert "it needs Describe on the cluster" in done.stderr
        done = await asyncio.to_thread(kontor, secured, *DIFF, "--no-acls")
        assert (done.returncode, done.stdout, done.stderr) == (0, "no differences\n", "")


async def test_settings_that_may_not_be_read_are_named(secured: Secured) -> None:
    async with secured.broker.without(Grant(access.OPERATOR, "Topic", "*", "DescribeConfigs", "")):
        done = await asyncio.to_thread(kontor, secured, *DIFF, "--no-acls")
        assert done.returncode == 2, done.stdout + done.stderr
        named = {line.partition(":")[0] for line in done.stdout.splitlines() if "it needs DescribeConfigs" in line}
        assert named == {topic.name for topic in TOPICS}


ON_ANY = Grant(access.OPERATOR, "Topic", "*", "Describe", "")


@pytest.mark.parametrize(
    "less",
    [
        [Grant(access.OPERATOR, "Topic", "relationships.dlq", "Read", "")],
        [Grant(access.OPERATOR, "Topic", "relationships.dlq", "Read, Describe", ""), ON_ANY],
    ],
    ids=["not read", "not seen"],
)
async def test_dead_letters_that_may_not_be_looked_at_are_named(secured: Secured, less: list[Grant]) -> None:
    await secured.park("relationships")
    async with secured.broker.without(*less):
        done = await asyncio.to_thread(kontor, secured, "dlq", "list")
    assert done.returncode == 5, done.stdout + done.stderr
    assert done.stdout == "no open dead letters of enrollment, identity, notifications\n"
    assert "may not look at relationships.dlq: whether a dead letter is open there is not known" in done.stderr


@pytest.mark.parametrize(
    ("less", "named"),
    [
        (EVENTS, "does not let the principal notifications see enrollment.events"),
        (EVENTS._replace(operations="Read"), "TopicAuthorizationFailedError: enrollment.events"),
        (Grant("notifications", "Group", "notifications", "Read", ""), "GroupAuthorizationFailedError: notifications"),
        (Grant("notifications", "Topic", "notifications.dlq", "Write, Describe", ""), "see notifications.dlq"),
    ],
    ids=["topic", "read", "group", "dead letters"],
)
async def test_a_service_names_the_right_that_it_lacks(secured: Secured, less: Grant, named: str) -> None:
    service = secured.processes["notifications"]
    await service.terminate()
    before = len(secured.said("notifications"))
    async with secured.broker.without(less):
        service.start()

        async def said() -> str:
            return secured.said("notifications")[before:]

        await until(said, lambda lines: named in lines, f"a line that says {named}")
    await service.terminate()


async def test_a_service_names_the_topic_that_it_may_not_write(secured: Secured) -> None:
    before = len(secured.said("identity"))
    async with secured.broker.without(Grant("identity", "Topic", "identity.events", "Write", "")):
        await secured.operator("walter@provider.example", "Walter Writer")

        async def said() -> str:
            return secured.said("identity")[before:]

        await until(said, lambda lines: "identity.events: TopicAuthorizationFailedError" in lines, "the topic's name")


@pytest.mark.parametrize("way", ["SCRAM-SHA-256", "PLAIN", "OAUTHBEARER", "certificate"])
async def test_the_broker_knows_a_principal_by_each_way(secured: Secured, way: str) -> None:
    """It sees the topics that it may describe, and no others."""
    broker = secured.broker
    settings = {
        "certificate": lambda: broker.certificate_settings("identity"),
        "OAUTHBEARER": lambda: token_settings(broker, "identity"),
    }.get(way, lambda: broker.settings("identity", KAFKA_MECHANISM=way))()
    async with connected(AIOKafkaAdminClient(**broker.options(settings))) as admin:
        seen = set(await admin.list_topics())
    granted = {grant.name for grant in access.grants() if (grant.principal, grant.kind) == ("identity", "Topic")}
    assert seen == granted < {topic.name for topic in TOPICS}


def token_settings(broker: SecuredKafka, principal: str) -> dict[str, str]:
    """With a token that the test's broker takes without a signature."""
    now = int(time.time())
    parts: list[dict[str, Any]] = [{"alg": "none"}, {"sub": principal, "iat": now, "exp": now + 600}]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    file = broker.folder / f"{principal}.token"
    file.write_text(f"{'.'.join(encoded)}.")
    settings = broker.settings(principal, KAFKA_MECHANISM="OAUTHBEARER", KAFKA_TOKEN_FILE=str(file))
    return {name: value for name, value in settings.items() if name not in {"KAFKA_USERNAME", "KAFKA_PASSWORD_FILE"}}


def kontor(secured: Secured, *command: str) -> subprocess.CompletedProcess[str]:
    """The command line, as the operator."""
    given = [sys.executable, "-m", "kontor_cli", *command]
    env = inherited() | prefixed(secured.broker.settings(access.OPERATOR)) | {"COLUMNS": "400"}
    return subprocess.run(given, env=env, capture_output=True, text=True, check=False, timeout=120)


def prefixed(settings: dict[str, str]) -> dict[str, str]:
    return {PREFIX + name: value for name, value in settings.items()}


async def is_ready(http: httpx2.AsyncClient) -> bool:
    try:
        return (await http.get("/readyz")).is_success
    except httpx2.TransportError:
        return False
