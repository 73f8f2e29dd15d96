"""``kontor story``: what one request or command led to, through all topics, as a timeline.

Exit codes: 0 told · 2 wrong usage · 3 no broker · 4 no record has this correlation id · 5 this user may not look.
"""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

import typer
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from kontor_cli import showing, timeline
from kontor_cli.choosing import moment
from kontor_cli.connection import REFUSED, Connection, fail
from kontor_cli.reading import Reader, UnseenError
from kontor_cli.timeline import Entry
from kontor_contracts.topics import TOPICS

NO_BROKER, NOT_FOUND, NOT_ALLOWED = 3, 4, 5
POLL_MS = 200
DAY = "24h"


def story(
    context: typer.Context,
    correlation_id: Annotated[str, typer.Argument(help="Of the answer's header, a log line or a mail's header.")],
    since: Annotated[str, typer.Option(help="How far back to read: 2h, 7d, or a time in ISO 8601.")] = DAY,
    json: Annotated[bool, typer.Option("--json", help="For programs; the fields are described in the README.")] = False,
) -> None:
    """Tell what one request or command led to: events, refusals, dead letters and mails, in order."""
    connection: Connection = context.obj
    if not connection.bootstrap:
        raise typer.BadParameter("say where the broker is: kontor --bootstrap host:port story …", context)
    try:
        begin = moment(since, datetime.now(UTC))
    except ValueError as error:
        raise typer.BadParameter("write --since as 2h, 7d, or a time in ISO 8601", context) from error
    try:
        entries = asyncio.run(read(connection, correlation_id, begin))
    except REFUSED as error:
        fail(f"{connection.bootstrap}: this user may not look: {error}. It needs Read on the topics.", NOT_ALLOWED)
    except (KafkaError, OSError) as error:
        fail(f"{connection.bootstrap}: {type(error).__name__}: {error}", NO_BROKER)
    if json:
        showing.print_json(timeline.document(correlation_id, entries))
    elif entries:
        showing.print_lines(timeline.lines(entries))
    if not entries:
        fail(
            f"no record since {since} has the correlation id {correlation_id}; look further back with --since",
            NOT_FOUND,
        )


async def read(connection: Connection, correlation_id: str, since: datetime) -> list[Entry]:
    """Everything that belongs to it, in order. Raises KafkaError."""
    async with connection.consumer() as consumer, connection.admin() as admin:
        names = [f"{connection.prefix}{topic.name}" for topic in TOPICS if topic.kind in ("events", "commands")]
        found = await _records(consumer, connection.prefix, correlation_id, since, await places(admin, names))
        try:
            boxes = await Reader(consumer, admin, connection).read(None)
        except UnseenError:
            boxes = {}
        for box in boxes.values():
            found += timeline.parked(box, [one for one in found if not one.parked], correlation_id, connection.prefix)
    return timeline.told(found)


async def _records(
    consumer: AIOKafkaConsumer, prefix: str, correlation_id: str, since: datetime, assigned: list[TopicPartition]
) -> list[Entry]:
    if not assigned:
        return []
    consumer.assign(assigned)
    ends = await consumer.end_offsets(assigned)
    begins = await consumer.offsets_for_times(dict.fromkeys(assigned, int(since.timestamp() * 1000)))
    for place in assigned:
        begin = begins.get(place)
        consumer.seek(place, begin.offset if begin is not None else ends[place])
    wanted = correlation_id.encode()
    found: list[Entry] = []
    while [place for place in assigned if await consumer.position(place) < ends[place]]:
        for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
            for record in records:
                # Most records are of other stories, and are not worth parsing.
                if wanted not in (record.value or b"") and not any(wanted == raw for _, raw in record.headers):
                    continue
                if (one := timeline.entry(record, correlation_id, prefix)) is not None:
                    found.append(one)
    return found


async def places(admin: AIOKafkaAdminClient, names: Iterable[str]) -> list[TopicPartition]:
    """Of those topics that the broker has, all partitions."""
    there = set(await admin.list_topics())
    if not (known := [name for name in names if name in there]):
        return []
    return [
        TopicPartition(topic["topic"], partition["partition"])
        for topic in await admin.describe_topics(known)
        for partition in topic["partitions"]
    ]
