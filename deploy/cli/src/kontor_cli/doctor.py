"""``kontor doctor``: look at an installation from outside, and say what is wrong and what to do.

Exit codes: 0 nothing found · 1 something found · 2 wrong usage.
"""

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal
from urllib.error import URLError
from urllib.request import urlopen

import typer
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from kontor_cli import showing
from kontor_cli.connection import Connection
from kontor_cli.reading import Reader, UnseenError, unseen_text
from kontor_cli.topics import drift
from kontor_contracts.topics import SERVICES, read_by

FOUND = 1
HTTP_SECONDS = 5
LATE_SECONDS = 60
BEHIND = 5000


@dataclass(frozen=True, slots=True)
class Finding:
    """``state`` unknown: this user may not see it, or it does not answer."""

    about: str
    state: Literal["ok", "problem", "unknown"]
    detail: str
    remedy: str = ""


def doctor(
    context: typer.Context,
    *,
    management: Annotated[
        list[str] | None,
        typer.Option(help="A service's management port, such as http://localhost:9000; several times."),
    ] = None,
    replication_factor: Annotated[int, typer.Option(envvar="KONTOR_REPLICATION_FACTOR", min=1)] = 3,
    min_insync_replicas: Annotated[int, typer.Option(envvar="KONTOR_MIN_INSYNC_REPLICAS", min=1)] = 2,
    as_json: Annotated[
        bool, typer.Option("--json", help="For programs; the fields are described in the README.")
    ] = False,
) -> None:
    """Ask the broker and the services: topics, lag, dead letters, servers that are away, what waits."""
    connection: Connection = context.obj
    if not connection.bootstrap and not management:
        raise typer.BadParameter("say what to look at: --bootstrap host:port before doctor, --management URL after it")
    found: list[Finding] = []
    if connection.bootstrap:
        found += asyncio.run(_broker(connection, replication_factor, min_insync_replicas))
    for url in management or []:
        found += _service(url)
    if as_json:
        showing.print_json({"findings": [asdict(one) for one in found]})
    else:
        showing.print_lines(
            f"{one.state:8}{one.about}: {one.detail}{f' -> {one.remedy}' if one.remedy else ''}" for one in found
        )
    if any(one.state != "ok" for one in found):
        raise typer.Exit(FOUND)


async def _broker(connection: Connection, replicas: int, min_insync: int) -> list[Finding]:
    try:
        async with connection.consumer() as consumer, connection.admin() as admin:
            return [
                Finding("broker", "ok", f"{connection.bootstrap} answers"),
                await _topics(admin, connection, replicas, min_insync),
                await _letters(consumer, admin, connection),
                *[await _lag(consumer, admin, connection, service) for service in SERVICES],
            ]
    except (KafkaError, OSError, ValueError) as error:
        remedy = "is the address right, and may this user connect? (--bootstrap, --security, --username, --ca-file)"
        return [Finding("broker", "problem", f"{connection.bootstrap}: {type(error).__name__}: {error}", remedy)]


async def _topics(admin: AIOKafkaAdminClient, connection: Connection, replicas: int, min_insync: int) -> Finding:
    found = await drift(admin, connection.prefix, replicas, min_insync)
    if not found:
        return Finding("topics", "ok", "as the registry says")
    names = sorted({one.topic for one in found})
    return Finding(
        "topics", "problem", f"{len(names)} differ from the registry, such as {names[0]}", "kontor topics diff"
    )


async def _letters(consumer: AIOKafkaConsumer, admin: AIOKafkaAdminClient, connection: Connection) -> Finding:
    reader = Reader(consumer, admin, connection)
    remedy = "ask with a user that may read *.dlq"
    try:
        boxes = await reader.read(None)
    except (UnseenError, KafkaError) as error:
        return Finding("dead letters", "unknown", str(error) or type(error).__name__, remedy)
    opened = {name: len(box.open) for name, box in boxes.items() if box.open}
    if not opened and reader.unseen:
        return Finding("dead letters", "unknown", unseen_text(reader.unseen), remedy)
    if not opened:
        return Finding("dead letters", "ok", "none is open")
    said = ", ".join(f"{count} of {name}" for name, count in opened.items())
    return Finding("dead letters", "problem", f"open: {said}", "kontor dlq list")


async def _lag(consumer: AIOKafkaConsumer, admin: AIOKafkaAdminClient, connection: Connection, service: str) -> Finding:
    about = f"group {service}"
    try:
        committed = await admin.list_consumer_group_offsets(f"{connection.prefix}{service}")
        places = [place for place in committed if place.topic in _read(connection, service)]
        ends: Mapping[TopicPartition, int] = await consumer.end_offsets(places) if places else {}
    except KafkaError as error:
        return Finding(
            about, "unknown", type(error).__name__, "ask with a user that may describe the group and its topics"
        )
    if not places:
        return Finding(about, "unknown", "has read nothing yet", "does the service run?")
    lag = sum(max(0, ends[place] - committed[place].offset) for place in places)
    if lag > BEHIND:
        return Finding(about, "problem", f"{lag} records behind", "docs/operating/runbooks/KontorConsumerLag.md")
    return Finding(about, "ok", f"{lag} records behind")


def _read(connection: Connection, service: str) -> set[str]:
    return {f"{connection.prefix}{topic.name}" for topic in read_by(service)}


def _service(url: str) -> list[Finding]:
    try:
        with urlopen(f"{url.rstrip('/')}/status", timeout=HTTP_SECONDS) as answer:  # noqa: S310  the operator names it
            status: dict[str, Any] = json.load(answer)
    except (URLError, OSError, ValueError) as error:
        return [Finding(url, "problem", f"does not answer: {error}", "is this its management port (9000)?")]
    about = status.get("service", url)
    running = f"{status.get('phase')}, version {status.get('version')} {status.get('revision') or ''}".rstrip()
    state: Literal["ok", "problem"] = "ok" if status.get("phase") == "running" else "problem"
    problems = [finding for check in (_servers, _partitions, _outbox) for finding in check(about, status)]
    return [Finding(about, state, running), *problems]


def _servers(about: str, status: Mapping[str, Any]) -> Iterator[Finding]:
    for server, how in status.get("dependencies", {}).items():
        if not how.get("available"):
            detail = f"{server} does not answer it for {how.get('away_seconds')} s: {how.get('error')}"
            yield Finding(about, "problem", detail, "docs/operating/runbooks/KontorDependencyUnavailable.md")


def _partitions(about: str, status: Mapping[str, Any]) -> Iterator[Finding]:
    consumer = status.get("consumer") or {}
    for paused in consumer.get("paused_partitions", ()):
        yield Finding(
            about,
            "problem",
            f"{paused['topic']}/{paused['partition']} is paused since {paused['since']}",
            "docs/operating/runbooks/KontorPartitionPaused.md",
        )
    without = consumer.get("unassigned_seconds")
    if without is not None and without > LATE_SECONDS:
        detail = f"has had no partition for {without:g} s"
        yield Finding(about, "problem", detail, "docs/operating/runbooks/KontorNoPartitions.md")


def _outbox(about: str, status: Mapping[str, Any]) -> Iterator[Finding]:
    oldest = (status.get("relay") or {}).get("oldest_pending_seconds")
    if oldest is not None and oldest > LATE_SECONDS:
        detail = f"its oldest event has waited for {oldest:g} s"
        yield Finding(about, "problem", detail, "docs/operating/runbooks/KontorOutboxStuck.md")
