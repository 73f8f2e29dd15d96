"""``kontor indexes``: a service's indexes against those that this release needs.

Exit codes: 0 nothing differs, or all was done · 1 something could not be done · 2 something differs (and wrong usage) ·
3 no database.
"""

import asyncio
import json as documents
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kontor_cli import showing
from kontor_cli.connection import fail
from kontor_cli.index_drift import Drift, Index, drift
from kontor_contracts.topics import SERVICES

if TYPE_CHECKING:
    from chassis import MongoStore

app = typer.Typer(help="Indexes: plan, apply, drift.", no_args_is_help=True)

NOT_DONE, DIFFERS, NO_DATABASE = 1, 2, 3

Service = Annotated[str, typer.Argument(help=f"Whose documents: {', '.join(SERVICES)}.")]
Url = Annotated[str, typer.Option(envvar="KONTOR_MONGO_URL", help="The service's database.", show_default=False)]
Database = Annotated[
    str, typer.Option(envvar="KONTOR_MONGO_DATABASE", help="Its name there; kontor_<service> unless given.")
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs; the fields are described in the README.")]


@app.command("drift")
def show_drift(service: Service, *, mongo_url: Url, database: Database = "", json: AsJson = False) -> None:
    """Say which indexes are missing, differ, or are unused. Ends with 2 where there is one."""
    found = _on(service, mongo_url, database, lambda store: _drift(service, store))
    _print(found, json=json)


@app.command()
def plan(service: Service, *, mongo_url: Url, database: Database = "", json: AsJson = False) -> None:
    """Say which indexes apply would make, and change nothing. Ends with 2 where there is one."""
    found = _on(service, mongo_url, database, lambda store: _drift(service, store))
    _print([one for one in found if one.state == "missing"], json=json)


@app.command()
def apply(
    service: Service,
    *,
    mongo_url: Url,
    database: Database = "",
    drop: Annotated[
        list[str] | None, typer.Option(help="First drop this index, which differs or is unused; several times.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Make the missing indexes, one after the other. A large collection takes minutes; the service runs on meanwhile."""
    results = _on(service, mongo_url, database, lambda store: _applied(service, store, drop or []))
    if json:
        showing.print_json({"results": results})
    else:
        showing.print_lines([_line(one) for one in results] or ["nothing to do"])
    if any(one["outcome"] == "failed" for one in results):
        raise typer.Exit(NOT_DONE)


def wanted(service: str) -> list[Index]:
    """What this release needs."""
    text = files("kontor_cli").joinpath("data/indexes.json").read_text(encoding="utf-8")
    found: list[Index] = documents.loads(text)[service]
    return found


def _print(found: list[Drift], *, json: bool) -> None:
    if json:
        showing.print_json({"differences": [asdict(one) for one in found]})
    else:
        showing.print_lines([one.text for one in found] or ["no differences"])
    if found:
        raise typer.Exit(DIFFERS)


async def _drift(service: str, store: "MongoStore") -> list[Drift]:
    return drift(wanted(service), await store.indexes.found())


async def _applied(service: str, store: "MongoStore", drop: list[str]) -> list[dict[str, Any]]:
    droppable = {one.name for one in await _drift(service, store) if one.state != "missing"}
    if strange := [name for name in drop if name not in droppable]:
        raise typer.BadParameter(f"--drop {strange[0]}: there is no such index that differs or is unused")
    results = [await _tried(name, "dropped", store.indexes.drop(name)) for name in drop]
    for one in await _drift(service, store):
        if one.state == "missing":
            sys.stderr.write(f"making {one.name} ...\n")
            results.append(await _tried(one.name, "made", store.indexes.create(one.index)))
        else:
            results.append({"name": one.name, "outcome": "left", "detail": one.remedy})
    return results


async def _tried(name: str, outcome: str, work: Awaitable[None]) -> dict[str, Any]:
    """One that fails does not stop the rest."""
    try:
        await work
    except Exception as error:  # noqa: BLE001  the database says what it has against it
        # Behind "dup key" stands what two documents share, such as an address.
        text = str(error).partition("dup key")[0].strip()
        return {"name": name, "outcome": "failed", "detail": f"{type(error).__name__}: {text}"}
    return {"name": name, "outcome": outcome, "detail": ""}


def _line(result: dict[str, Any]) -> str:
    return f"{result['name']}: {result['outcome']} {result['detail']}".rstrip()


def _on(service: str, url: str, database: str, ask: "Callable[[MongoStore], Awaitable[Any]]") -> Any:
    # Here, so that the other commands do not load a database driver.
    from chassis import MongoStore, TransientError  # noqa: PLC0415

    if service not in SERVICES:
        raise typer.BadParameter(f"there is no service {service}; there are: {', '.join(SERVICES)}")

    async def run() -> Any:
        store = MongoStore(url, database or f"kontor_{service}", service, lease=30)
        try:
            return await ask(store)
        except TransientError as error:
            fail(f"{error}; is --mongo-url right?", NO_DATABASE)
        finally:
            store.close()

    return asyncio.run(run())
