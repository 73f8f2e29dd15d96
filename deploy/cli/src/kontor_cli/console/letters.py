"""Dead letters for the console: the same functions that `kontor dlq` has."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from kontor_cli import showing
from kontor_cli.choosing import ever, named
from kontor_cli.connection import Connection
from kontor_cli.dlq import replay_letters
from kontor_cli.letters import piles, queues
from kontor_cli.reading import Reader
from kontor_cli.replaying import Plan, Result


def note(event: str, **fields: str) -> None:
    """A line of the console's log, on standard output: who did what. JSON, as the services' lines are."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    print(json.dumps({"timestamp": at, "event": event, "logger": "kontor.console", **fields}), flush=True)  # noqa: T201


@asynccontextmanager
async def reading(connection: Connection) -> AsyncIterator[Reader]:
    async with connection.consumer() as consumer, connection.admin() as admin:
        yield Reader(consumer, admin, connection)


async def list_piles(connection: Connection, *, settled: bool) -> tuple[list[dict[str, Any]], list[str]]:
    """Those of the topics that this user may see, and the names of the others. Raises UnseenError, KafkaError."""
    async with reading(connection) as reader:
        boxes = await reader.read(None)
        found = [showing.pile_document(pile) for box in boxes.values() for pile in piles(box, settled=settled)]
        return found, reader.unseen


async def show(connection: Connection, name: str, *, group: str, reveal: bool) -> list[dict[str, Any]]:
    """By fingerprint or id. Raises ChoiceError, UnseenError, KafkaError."""
    async with reading(connection) as reader:
        boxes = await reader.read(group)
        letters = ever(boxes.values(), name) or named(boxes.values(), name)
        return [
            showing.letter_document(letter, boxes[letter.group], prefix=connection.prefix, reveal=reveal)
            for letter in letters
        ]


async def replay(connection: Connection, name: str, *, group: str, operator: str) -> list[Result]:
    """Raises ChoiceError, UnseenError, KafkaError."""
    plan = Plan(rate=50.0, limit=None, timeout=30.0, with_waiting=True, operator=operator)
    async with reading(connection) as reader:
        boxes = await reader.read(group)
        ordered = queues(named(boxes.values(), name), boxes, with_waiting=True)
        return await asyncio.shield(replay_letters(reader, connection, ordered, plan))
