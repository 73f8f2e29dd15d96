"""Faults of the broker, the database and the mail server, and of the network to them."""

import asyncio
import signal
from contextlib import AsyncExitStack

from reliability.nemesis import READERS, Nemesis

from kontor_local.apache_kafka import ApacheKafka

AWAY = 3.0
"""Seconds that a server is gone or silent."""
LONG = 8.0
"""The same, longer than what is tried again in place: batches must be given back."""
SLOW = 15.0
"""Seconds that the database is slow: leases run out meanwhile."""
BEHIND = 2.0
"""Seconds for records to gather, well below the time after which a group counts a member out."""


async def mail_server_away(nemesis: Nemesis) -> None:
    async with nemesis.fault("smtp-cut:away", "smtp"):
        await nemesis.fleet.stack.mailbox.stop()
        await asyncio.sleep(AWAY)
        await nemesis.fleet.stack.mailbox.start()


async def mail_server_refuses(nemesis: Nemesis) -> None:
    async with nemesis.fault("smtp-refuses", "smtp"):
        nemesis.fleet.stack.mailbox.refuse(3, code=nemesis.random.choice((421, 451)))
        await asyncio.sleep(1)


async def mail_network(nemesis: Nemesis) -> None:
    assert nemesis.fleet.smtp
    for mood in ("slow", "silent", "cut"):
        async with nemesis.fault(f"smtp-cut:{mood}", "smtp"):
            with nemesis.fleet.smtp.behaving(mood):
                await asyncio.sleep(AWAY)


async def broker_network(nemesis: Nemesis) -> None:
    """Each service and one node lose sight of one another; the node itself is well."""
    if not nemesis.fleet.kafka:
        return
    for mood in ("slow", "silent", "cut"):
        async with nemesis.fault(f"broker:{mood}", "broker"):
            with nemesis.random.choice(nemesis.fleet.kafka).behaving(mood):
                await asyncio.sleep(AWAY)


async def database_network(nemesis: Nemesis) -> None:
    if nemesis.fleet.database is None:
        return
    for mood in ("slow", "silent", "cut"):
        async with nemesis.fault(f"database:{mood}", "database"):
            with nemesis.fleet.database.behaving(mood):
                await asyncio.sleep(AWAY)


async def database_slow(nemesis: Nemesis) -> None:
    """It answers all, and ever later the more it is asked: calls time out that it carries out all the same."""
    if nemesis.fleet.database is None:
        return
    async with nemesis.fault("database:busy", "database"):
        with nemesis.fleet.database.behaving("busy"):
            await asyncio.sleep(SLOW)
    await asyncio.sleep(AWAY)


async def database_away(nemesis: Nemesis) -> None:
    """An orderly end: what the embedded database does on SIGKILL is not what MongoDB does."""
    if (database := nemesis.fleet.stack.database) is None:
        return
    async with nemesis.fault("database:away", "database"):
        await database.stop()
        await asyncio.sleep(LONG)
        await database.start()


async def database_away_and_behind(nemesis: Nemesis) -> None:
    """The same while a service has records to catch up with: it stood still for a moment, and wakes up to no database.

    In a service that keeps up, a batch is over in a few milliseconds, and hardly ever is one in work when the database goes.
    """
    if (database := nemesis.fleet.stack.database) is None:
        return
    service = nemesis.random.choice(READERS)
    instances = nemesis.fleet.of(service)
    async with AsyncExitStack() as held:
        for instance in instances:
            await held.enter_async_context(nemesis.busy[instance.name])
        async with nemesis.fault("stop", service):
            for instance in instances:
                instance.process.signal(signal.SIGSTOP)
            await asyncio.sleep(BEHIND)
            await database.stop()
            for instance in instances:
                instance.process.signal(signal.SIGCONT)
        async with nemesis.fault("database:away", "database"):
            await asyncio.sleep(LONG)
            await database.start()


async def broker(nemesis: Nemesis) -> None:
    """Apache Kafka: a node is killed, or stands still. The embedded broker ends in order; killed, it forgets (ADR 6)."""
    broker = nemesis.fleet.stack.broker
    if broker is None:
        return
    if isinstance(broker, ApacheKafka):
        number = nemesis.random.choice(list(broker.nodes))
        async with nemesis.fault("broker:kill", f"node {number}"):
            broker.kill(number)
            await asyncio.sleep(AWAY)
            await broker.start_node(number)
        return
    async with nemesis.fleet.broker_answers, nemesis.fault("broker:restart", "broker"):
        await broker.stop()
        await asyncio.sleep(AWAY)
        await broker.start()


async def broker_stands_still(nemesis: Nemesis) -> None:
    if not isinstance(broker := nemesis.fleet.stack.broker, ApacheKafka):
        return
    number = nemesis.random.choice(list(broker.nodes))
    async with nemesis.fault("broker:stop", f"node {number}"):
        broker.pause(number)
        await asyncio.sleep(AWAY)
        broker.resume(number)
