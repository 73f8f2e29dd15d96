"""``kontor outbox``: events that are saved and have not reached their topic.

Exit codes: 0 nothing waits for long · 1 something has waited for longer than a minute · 2 wrong usage · 3 no database.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer

from kontor_cli import showing
from kontor_cli.connection import fail
from kontor_contracts.topics import SERVICES

LATE, NO_DATABASE = 1, 3
LATE_SECONDS = 60
MOST = 1000


@dataclass(frozen=True, slots=True)
class Waiting:
    ids: list[str]
    oldest: datetime | None


def outbox(
    service: Annotated[str, typer.Argument(help=f"Whose documents: {', '.join(SERVICES)}.")],
    *,
    mongo_url: Annotated[
        str, typer.Option(envvar="KONTOR_MONGO_URL", help="The service's database.", show_default=False)
    ],
    database: Annotated[
        str, typer.Option(envvar="KONTOR_MONGO_DATABASE", help="Its name there; kontor_<service> unless given.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="Name at most so many documents.")] = 20,
    as_json: Annotated[
        bool, typer.Option("--json", help="For programs: waiting, at_least, oldest, oldest_seconds, documents.")
    ] = False,
) -> None:
    """Say which documents have events that the broker has not acknowledged, and since when."""
    found = asyncio.run(_look(service, mongo_url, database))
    age = None if found.oldest is None else round((datetime.now(UTC) - found.oldest).total_seconds(), 1)
    if as_json:
        showing.print_json(
            {
                "waiting": len(found.ids),
                "at_least": len(found.ids) >= MOST,
                "oldest": None if found.oldest is None else found.oldest.isoformat(),
                "oldest_seconds": age,
                "documents": found.ids[:limit],
            }
        )
    else:
        showing.print_lines(_lines(found, age, limit))
    if age is not None and age > LATE_SECONDS:
        raise typer.Exit(LATE)


def _lines(found: Waiting, age: float | None, limit: int) -> list[str]:
    if age is None:
        return ["nothing waits"]
    more = len(found.ids) - limit
    count = f"{len(found.ids)}{' or more' if len(found.ids) >= MOST else ''}"
    head = f"{count} documents with events that have not reached their topic; the oldest for {age:g} s"
    return [head, *found.ids[:limit], *([f"and {more} more (--limit)"] if more > 0 else [])]


async def _look(service: str, url: str, database: str) -> Waiting:
    # Here, so that the other commands do not load a database driver.
    from chassis import MongoStore, TransientError  # noqa: PLC0415

    store = MongoStore(url, database or f"kontor_{service}", service, lease=30)
    try:
        return Waiting(await store.outbox.pending_ids(MOST), await store.outbox.oldest_pending())
    except TransientError as error:
        fail(f"{error}; is --mongo-url right?", NO_DATABASE)
    finally:
        store.close()
