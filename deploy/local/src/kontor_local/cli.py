"""The commands behind `make up`, `make demo` and `make kafka`."""

import asyncio
import logging
import shutil
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from kontor_local import kafka_program
from kontor_local.apache_kafka import ApacheKafka
from kontor_local.environment import IDLE
from kontor_local.kafka_program import KafkaUnavailableError
from kontor_local.ports import Port
from kontor_local.processes import ProcessError
from kontor_local.shutdown import BusyError, only_one, sigterm_as_interrupt
from kontor_local.stack import Stack

ROOT = Path(".local")
# The same addresses every time, for bookmarks and scripts, as long as nothing else has them.
PORTS = {
    "gateway": 8000,
    "identity": 8001,
    "enrollment": 8002,
    "relationships": 8003,
    "notifications": 8004,
    "identity management": 9001,
    "enrollment management": 9002,
    "relationships management": 9003,
    "notifications management": 9004,
    "console": 8090,
    "mails": 8025,
    "smtp": 1025,
    "kafka": 9092,
    "mongo": 27017,
}
OPERATOR = ("operator@kontor.example", "Olga Operator")
FAILED = 1
UNAVAILABLE = 3
"""Nothing is wrong with Kontor: this machine has no Java or no Maven, or the artifacts are out of reach."""

app = typer.Typer(help="Kontor on this machine: no Docker, nothing to install.", no_args_is_help=True)
console = Console(soft_wrap=True)
Fresh = Annotated[bool, typer.Option("--fresh", help="Remove the data of the last run, and start empty.")]


@app.command()
def up(fresh: Fresh = False) -> None:
    """Run everything until Ctrl-C, with the data of the last run."""
    _run(_up(ROOT / "up", keep_data=not fresh))


@app.command()
def servers(fresh: Fresh = False) -> None:
    """Run only the broker, the database and the mail catcher, until Ctrl-C."""
    _run(_servers(ROOT / "servers", keep_data=not fresh))


@app.command()
def demo(keep: Annotated[bool, typer.Option(help="Leave it running afterwards, until Ctrl-C.")] = False) -> None:
    """Play the program from enrollment to a joint customer; the exit code tells whether every step was so."""
    from kontor_local import demo as journey  # noqa: PLC0415 - the other commands need no journey

    raise typer.Exit(journey.run(keep=keep))


@app.command()
def kafka(
    nodes: Annotated[int, typer.Option(min=1, help="Three make a cluster that survives the loss of one.")] = 1,
    fresh: Fresh = False,
) -> None:
    """Run only Apache Kafka until Ctrl-C; exit code 3 where it cannot be had."""
    _run(_kafka((ROOT / "kafka" / f"nodes-{nodes}").resolve(), nodes, keep_data=not fresh))


@app.command()
def fetch_kafka() -> None:
    """Get Apache Kafka's program, once; exit code 3 where it cannot be had."""
    try:
        where = kafka_program.fetch()
    except KafkaUnavailableError as failure:
        raise _unavailable(failure) from None
    console.print(f"Apache Kafka {kafka_program.version()} is in {where}")


def _run(work: Coroutine[Any, Any, None]) -> None:
    # While servers start, the client reports every attempt that came too early.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        asyncio.run(work)
    except KeyboardInterrupt:
        console.print("Stopped.")
    except (ProcessError, BusyError) as failure:
        console.print(str(failure), style="red", markup=False, highlight=False)
        raise typer.Exit(FAILED) from None
    except KafkaUnavailableError as failure:
        raise _unavailable(failure) from None


def _unavailable(failure: KafkaUnavailableError) -> typer.Exit:
    console.print("APACHE KAFKA CANNOT BE RUN HERE", style="bold red")
    console.print(str(failure), style="red", markup=False, highlight=False)
    return typer.Exit(UNAVAILABLE)


async def _up(root: Path, *, keep_data: bool) -> None:
    console.print(
        f"Starting broker, database, mail catcher and four services {_with_data(root, keep_data=keep_data)} …"
    )
    async with Stack(root, keep_data=keep_data, ports=PORTS, settings=IDLE, one_host=True, console=True) as stack:
        rows = [
            ("Kontor", stack.public_url("identity")),
            ("API of all services", f"{stack.public_url('identity')}/docs"),
        ]
        if stack.console is not None:
            rows.append(("console", f"{stack.console.url}, for the program's operator"))
        _print_addresses(stack, rows)
        console.print(await _operator(stack))
        await _until_stopped(stack)


def _with_data(root: Path, *, keep_data: bool) -> str:
    if not keep_data:
        return "without data"
    return (
        "with the data of the last run (--fresh starts empty)" if (root / "database").exists() else "for the first time"
    )


async def _servers(root: Path, *, keep_data: bool) -> None:
    async with Stack(root, services=(), keep_data=keep_data, ports=PORTS) as stack:
        _print_addresses(stack, [])
        await _until_stopped(stack)


async def _kafka(root: Path, nodes: int, *, keep_data: bool) -> None:
    with sigterm_as_interrupt(), only_one(root):
        if not keep_data:
            shutil.rmtree(root / "data", ignore_errors=True)
        cluster = ApacheKafka(root / "data", nodes, port=Port(PORTS["kafka"]), log=root / "kafka.log")
        console.print(f"Starting {cluster.description} …")
        await cluster.start()
        try:
            console.print(f"bootstrap servers  {cluster.url}")
            console.print(f"logs, data         {root}")
            console.print("Ctrl-C stops it.")
            await cluster.watch()
        finally:
            await cluster.stop()


async def _operator(stack: Stack) -> str:
    # Kept in a file, because with kept data the operator exists already and the password cannot be shown again.
    note = stack.root / "keys" / "operator.txt"
    if not note.exists():
        email, full_name = OPERATOR
        password = await stack.operator(email, full_name)
        note.touch(mode=0o600)
        note.write_text(f"{email} with the temporary password {password}")
    return f"The program's operator signs in as {note.read_text()}"


def _print_addresses(stack: Stack, services: list[tuple[str, str]]) -> None:
    table = Table(show_header=False, box=None)
    smtp = f"{stack.mailbox.port.number} on 127.0.0.1 (SMTP, delivers nothing)"
    for name, address in [
        *services,
        ("caught mails", stack.mail_page.url),
        ("mail catcher", smtp),
        ("kafka", stack.kafka),
        ("mongodb", stack.mongo),
        ("logs, mails, data", str(stack.root)),
    ]:
        table.add_row(name, address)
    console.print(table)
    console.print(stack.backend)


async def _until_stopped(stack: Stack) -> None:
    console.print("Ctrl-C stops it.")
    await stack.watch()
