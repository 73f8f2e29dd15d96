"""Services over real sockets: a broker, a database and a mailbox for the session, and each service as a process.

The broker and the database are the embedded ones, or those that KONTOR_TEST_BACKEND, KONTOR_TEST_KAFKA and KONTOR_TEST_MONGO
ask for (`kontor_local.backends`). A service process is forked from one that has imported all services (`harness.forkserver`).
Tests that stop a server start one of their own (`own_broker`, `own_database`).
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from harness.documents import Documents
from harness.mailed import MailedLinks
from harness.rest import at_rest
from harness.running import Running, Services
from harness.tokens import Tokens
from harness.topics import Topics
from service.chassis.tally.aggregates import AGGREGATES
from service.chassis.tally.messages import OWN
from service.chassis.tally.messages import TOPICS as TALLY_TOPICS
from service.chassis.tally.seeds import tally_store
from support import eventually

from kontor_contracts.topics import TOPICS
from kontor_local.backends import AnyBroker, AnyDatabase, Backends, new_broker
from kontor_local.environment import Surroundings
from kontor_local.keys import SEALING_PRIVATE, SIGNING, write_keys
from kontor_local.mailbox import Mailbox
from kontor_local.servers import Database

Service = Callable[..., AbstractAsyncContextManager[Running]]
Quiet = Callable[[Running], Awaitable[None]]
TYPES = {type_: payload for topic in (*TOPICS, *TALLY_TOPICS) for type_, payload in topic.types.items()}


def pytest_report_header() -> str:
    return f"backends: {Backends(Path(), keep_data=False, ports={}).description}"


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where this session's data and logs are."""
    return tmp_path_factory.mktemp("kontor")


@pytest.fixture(scope="session")
async def backends(ground: Path) -> AsyncIterator[Backends]:
    """The broker and the database of the session, wherever they are: `.kafka` and `.mongo` are their addresses."""
    backends = Backends(ground, keep_data=False, ports={})
    await backends.start()
    yield backends
    await backends.stop()


@pytest.fixture(scope="session")
def broker(backends: Backends) -> AnyBroker:
    """The broker of the session. Do not stop it: others use it."""
    return backends.broker or pytest.skip("the broker is not ours: KONTOR_TEST_KAFKA is set")


@pytest.fixture(scope="session")
def database(backends: Backends) -> AnyDatabase:
    """The embedded database of the session. Do not stop it: others use it."""
    return backends.database or pytest.skip("the database is not ours: KONTOR_TEST_MONGO is set")


@pytest.fixture
async def own_broker(tmp_path: Path) -> AsyncIterator[AnyBroker]:
    """A broker to stop and start, for one test."""
    broker = new_broker(tmp_path / "broker")
    await broker.start()
    yield broker
    await broker.stop()


@pytest.fixture
async def own_database(tmp_path: Path) -> AsyncIterator[Database]:
    """A database to stop and start, for one test."""
    database = Database(tmp_path / "database")
    await database.start()
    yield database
    await database.stop()


@pytest.fixture(scope="session")
async def mailbox(ground: Path) -> AsyncIterator[Mailbox]:
    """The session's mail catcher: look for mails by an address that only your test uses."""
    mailbox = Mailbox(ground / "mails")
    await mailbox.start()
    yield mailbox
    await mailbox.stop()


@pytest.fixture(scope="session")
def keys(ground: Path) -> Path:
    """The directory with the secret files (names: kontor_local.keys)."""
    write_keys(ground / "keys")
    return ground / "keys"


@pytest.fixture(scope="session")
def tokens(keys: Path) -> Iterator[Tokens]:
    """Signs access tokens that every service under test accepts."""
    tokens = Tokens(keys / SIGNING)
    tokens.start()
    yield tokens
    tokens.stop()


@pytest.fixture(scope="session")
def around(backends: Backends, mailbox: Mailbox, keys: Path, tokens: Tokens) -> Surroundings:
    """The servers that services of this session run on."""
    return Surroundings(
        kafka=backends.kafka,
        mongo=backends.mongo,
        smtp_port=mailbox.port.number,
        urls={"identity": tokens.url},
        keys=keys,
        topic_prefix=backends.topic_prefix,
        database_suffix=backends.database_suffix,
        replication=backends.replication,
    )


@pytest.fixture(scope="session")
def services(around: Surroundings, tokens: Tokens, ground: Path, kafka: Topics) -> Services:
    # Many tests send mails for one person; what the budgets do is tested with small ones.
    budgets = dict.fromkeys(("UNPROVED", "PER_PERSON", "PER_ORGANIZATION", "PER_ADDRESSEE"), "100000")
    issuer = {"KONTOR_ISSUER": tokens.issuer, "KONTOR_JWKS_URL": tokens.jwks_url}
    issuer |= {f"KONTOR_MAILS_{name}": limit for name, limit in budgets.items()}
    # As little work per password as Argon2 allows for. Tests of that work ask for as much as is shipped (`SHIPPED_MEMORY`).
    own = {"identity": {"KONTOR_PASSWORD_MEMORY": "64"}}
    return Services(around, issuer, ground / "logs", MailedLinks(kafka, around.keys / SEALING_PRIVATE), own=own)


@pytest.fixture(scope="session")
def service(services: Services) -> Service:
    """One of Kontor's services as a process of its own, ready inside the ``async with`` and gone after it."""
    return services.run


@pytest.fixture(scope="session")
def tally(services: Services) -> Service:
    """Runs the sample service on which the chassis is tested."""

    async def migrate(running: Running) -> None:
        store = tally_store(running)
        await store.ensure_indexes(AGGREGATES)
        store.close()

    path = os.pathsep.join([str(Path(__file__).parent.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    return partial(
        services.run, "tally", module="service.chassis.tally", topics=TALLY_TOPICS, migrate=migrate, PYTHONPATH=path
    )


@pytest.fixture(scope="session")
async def kafka(backends: Backends) -> AsyncIterator[Topics]:
    """Reads and writes topics; names with prefix: ``running.topic("enrollment.events")``."""
    async with Topics(backends.kafka, TYPES) as topics:
        yield topics


@pytest.fixture(scope="session")
async def mongo(backends: Backends) -> AsyncIterator[Documents]:
    """Reads a service's documents: ``await mongo.all(running, "enrollment")``."""
    async with Documents(backends.mongo) as documents:
        yield documents


@pytest.fixture(scope="session")
def quiet(kafka: Topics, mongo: Documents) -> Quiet:
    """Waits until a service has read all that is in its topics and announced all that came of it."""

    async def wait(running: Running) -> None:
        await eventually(lambda: at_rest(running, kafka, mongo, _read_by(running)))

    return wait


@pytest.fixture(scope="session")
def beside(services: Services, kafka: Topics, quiet: Quiet) -> Service:
    """Runs one more instance of a running service, which joins and leaves the group while nobody has anything to commit.

    The embedded broker takes a member that commits during a rebalance for a new one, and waits for the old one for ever
    (docs/adr/0006).
    """

    @asynccontextmanager
    async def run(first: Running, **env: Any) -> AsyncIterator[Running]:
        await quiet(first)
        async with services.another(first, **env) as second:
            if _read_by(first):
                await eventually(lambda: kafka.settled(first.group, 2))
            yield second
            await quiet(first)

    return run


def _read_by(running: Running) -> list[str]:
    """Names without prefix. A tally without its mirror does not read its own topic."""
    topics = [topic for topic in (*TOPICS, *TALLY_TOPICS) if topic.kind != "dlq"]
    followed = [topic for topic in topics if topic is not OWN or running.env.get("KONTOR_MIRROR") != "False"]
    return [topic.name for topic in followed if running.name in topic.consumers]
