"""``kontor republish``: announce events again that a topic has lost, or a reader has missed; fill a snapshot topic.

Exit codes: 0 done · 2 wrong usage · 3 no database, or it refuses us · 4 there is no such document with an event to announce.
"""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from kontor_cli.choosing import moment
from kontor_contracts.topics import BY_NAME, SERVICES

NO_DATABASE, NOT_FOUND = 3, 4


def republish(
    service: Annotated[str, typer.Argument(help=f"Whose documents: {', '.join(SERVICES)}.")],
    *,
    mongo_url: Annotated[
        str, typer.Option(envvar="KONTOR_MONGO_URL", help="The service's database.", show_default=False)
    ],
    database: Annotated[
        str, typer.Option(envvar="KONTOR_MONGO_DATABASE", help="Its name there; kontor_<service> unless given.")
    ] = "",
    document: Annotated[list[str] | None, typer.Option(help="A document, such as user:4711; several times.")] = None,
    kind: Annotated[str | None, typer.Option(help="All documents of a kind, such as user.")] = None,
    since: Annotated[
        str | None, typer.Option(help="Documents with an event since: 2h, 30m, 7d or an ISO 8601 time.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Documents with their last event until then.")] = None,
    after: Annotated[int, typer.Option(min=0, help="Only events with a higher sequence than this.")] = 0,
    snapshots: Annotated[
        bool, typer.Option("--snapshots", help="Instead of events: the present state, on <service>.snapshot.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say how many documents it would be.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: documents, dry_run.")] = False,
) -> None:
    """Announce events again with the ids they had: of documents, of a kind, of a time. With --snapshots: what is so now.

    A service keeps the last 16 events of each document. Its relay publishes them within seconds, each from the first one
    asked for to the last. Readers that have them pass over them; those that have missed one apply it, and what follows it.
    """
    if snapshots and f"{service}.snapshot" not in BY_NAME:
        raise typer.BadParameter(f"--snapshots: {service} has no snapshot topic; leave it out")
    where = _where(document, kind, since, until, everything=snapshots)
    wanted = _Wanted(where, after, snapshots=snapshots, dry_run=dry_run)
    count = asyncio.run(_announce(service, mongo_url, database, wanted))
    if as_json:
        typer.echo(json.dumps({"documents": count, "dry_run": dry_run}))
    else:
        typer.echo(f"{count} documents {'would be' if dry_run else 'are being'} announced again")
    if not count:
        raise typer.Exit(NOT_FOUND)


@dataclass(frozen=True, slots=True)
class _Wanted:
    where: dict[str, Any]
    after: int
    snapshots: bool
    dry_run: bool


def _where(
    documents: list[str] | None, kind: str | None, since: str | None, until: str | None, *, everything: bool
) -> dict[str, Any]:
    if not (documents or kind or since or until or everything):
        raise typer.BadParameter("name what to announce: --document, --kind, --since or --until")
    where: dict[str, Any] = {}
    if documents:
        where["_id"] = {"$in": documents}
    if kind:
        where["kind"] = kind
    times = {"$gte": _moment("--since", since), "$lte": _moment("--until", until)}
    if said := {operator: time for operator, time in times.items() if time}:
        where["said"] = said
    return where


def _moment(option: str, given: str | None) -> datetime | None:
    try:
        return moment(given, datetime.now(UTC)) if given else None
    except ValueError:
        raise typer.BadParameter(f"{option} {given}: write 2h, 30m, 7d or an ISO 8601 time") from None


def _with_snapshot(service: str, where: dict[str, Any]) -> dict[str, Any]:
    """Of the kinds that the snapshot topic has: ``customer`` for the type ``…customer-snapshot.v1``."""
    types = BY_NAME[f"{service}.snapshot"].types
    kinds = [type_.split(".")[2].removesuffix("-snapshot") for type_ in types]
    return {"$and": [{"kind": {"$in": kinds}}, where]}


async def _announce(service: str, url: str, database: str, wanted: _Wanted) -> int:
    # Here, so that the other commands do not load a database driver.
    from chassis import MongoStore, TransientError  # noqa: PLC0415

    store = MongoStore(url, database or f"kontor_{service}", service, lease=30)
    outbox = store.outbox
    try:
        if wanted.snapshots:
            return await outbox.renew_snapshots(_with_snapshot(service, wanted.where), dry_run=wanted.dry_run)
        if wanted.dry_run:
            return await outbox.kept(wanted.where, after=wanted.after)
        return await outbox.announce_again(wanted.where, after=wanted.after)
    except TransientError as error:
        typer.echo(f"{error}; is --mongo-url right?", err=True)
        raise typer.Exit(NO_DATABASE) from error
    finally:
        store.close()
