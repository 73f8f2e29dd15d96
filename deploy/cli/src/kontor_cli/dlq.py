"""``kontor dlq``: what is parked, and what becomes of it.

Exit codes: 0 done · 1 something is still open that should not be · 2 wrong usage · 3 no broker · 4 there is no such dead letter ·
5 this user may not look, at some topics or at all, or there is nothing to look at.
"""

import asyncio
import getpass
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import typer
from aiokafka.errors import KafkaError

from kontor_cli import showing
from kontor_cli.choosing import ChoiceError, Filter, ever, moment, named
from kontor_cli.connection import REFUSED, Connection, fail
from kontor_cli.letters import Box, Letter, piles, queues
from kontor_cli.lost import lost_letter
from kontor_cli.reading import Reader, UnseenError, unseen_text
from kontor_cli.replaying import Plan, Replaying, Result

app = typer.Typer(help="Dead letters: list, show, replay, discard.", no_args_is_help=True)

STILL_OPEN, NO_BROKER, NOT_FOUND, NOT_ALLOWED = 1, 3, 4, 5
T = TypeVar("T")

Group = Annotated[str | None, typer.Option("--group", help="Only this consumer group, such as notifications.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs; the fields are described in the README.")]
Operator = Annotated[
    str, typer.Option(envvar="KONTOR_OPERATOR", help="Who is doing this; it stays with the record.", show_default=False)
]
WithWaiting = Annotated[bool, typer.Option(help="And then, in order, what waits behind it.")]
Timeout = Annotated[float, typer.Option(min=0.1, help="Seconds to wait for what becomes of each.")]


@app.command("list")
def list_(
    context: typer.Context,
    group: Group = None,
    all_: Annotated[bool, typer.Option("--all", help="Those that are settled, too.")] = False,
    json: AsJson = False,
) -> None:
    """Open dead letters, those that failed alike together."""

    async def look(reader: Reader) -> None:
        boxes = list((await reader.read(group)).values())
        found = [pile for box in boxes for pile in piles(box, settled=all_)]
        if json:
            opened = sum(len(box.open) for box in boxes)
            piled = [showing.pile_document(pile) for pile in found]
            showing.print_json({"open": opened, "groups": piled, "unseen": reader.unseen})
        else:
            showing.print_piles(found, where=boxes if reader.unseen else ())
        _name_unseen(reader)

    _run(context, look)


@app.command()
def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="FINGERPRINT_OR_ID")],
    group: Group = None,
    reveal: Annotated[bool, typer.Option(help="With people's data.")] = False,
    json: AsJson = False,
) -> None:
    """The records themselves; by id also those that are settled (their values are not kept)."""

    async def look(reader: Reader) -> None:
        boxes = await reader.read(group)
        letters = ever(boxes.values(), name) or named(boxes.values(), name)
        prefix = context.obj.prefix
        documents = [
            showing.letter_document(letter, boxes[letter.group], prefix=prefix, reveal=reveal) for letter in letters
        ]
        if json:
            showing.print_json({"letters": documents})
        else:
            showing.print_letters(documents)

    _run(context, look)


@app.command()
def replay(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="FINGERPRINT_OR_ID")] = None,
    *,
    all_: Annotated[bool, typer.Option("--all", help="All that is open.")] = False,
    group: Group = None,
    key: Annotated[str | None, typer.Option(help="Only records of this key.")] = None,
    since: Annotated[str | None, typer.Option(help="Only those parked since: 2h, 30m, or an ISO 8601 time.")] = None,
    dry_run: Annotated[bool, typer.Option(help="Say what would be sent, and send nothing.")] = False,
    rate: Annotated[float, typer.Option(min=0.01, help="Records a second.")] = 50.0,
    limit: Annotated[int | None, typer.Option(min=1, help="Send at most so many.")] = None,
    with_waiting: WithWaiting = True,
    timeout: Timeout = 30.0,
    operator: Operator = "",
    json: AsJson = False,
) -> None:
    """Let the group that parked them try them again, in order per key."""
    if (name is None) != all_:
        raise typer.BadParameter("name a fingerprint or an id, or give --all")
    chosen = Filter(key, _moment(since))
    plan = Plan(
        rate=rate, limit=limit, timeout=timeout, with_waiting=with_waiting, operator=operator or getpass.getuser()
    )

    async def send(reader: Reader) -> None:
        boxes = await reader.read(group)
        letters = named(boxes.values(), name) if name else [letter for box in boxes.values() for letter in box.open]
        letters = [letter for letter in letters if chosen.lets_through(letter)]
        ordered = queues(letters, boxes, with_waiting=with_waiting)
        if dry_run:
            _plan_only(ordered, json=json)
        else:
            _report(await replay_letters(reader, context.obj, ordered, plan), json=json)
        if all_:
            _name_unseen(reader)

    _run(context, send)


@app.command()
def discard(
    context: typer.Context,
    id: Annotated[str, typer.Argument(metavar="ID")],
    *,
    reason: Annotated[str, typer.Option(help="Why it need not be applied; it stays with the record.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    lost: Annotated[
        bool,
        typer.Option(
            "--lost", help="Its dead letter is gone from the topic, and its key still held up; needs --group."
        ),
    ] = False,
    group: Group = None,
    with_waiting: WithWaiting = True,
    timeout: Timeout = 30.0,
    operator: Operator = "",
    json: AsJson = False,
) -> None:
    """Give up one dead letter for good: it will not be applied, and what waits behind it goes on."""
    plan = Plan(
        rate=50.0,
        limit=None,
        timeout=timeout,
        with_waiting=with_waiting,
        operator=operator or getpass.getuser(),
        discard=reason,
    )
    if not reason.strip():
        raise typer.BadParameter("give a --reason")

    async def send(reader: Reader) -> None:
        boxes = await reader.read(group)
        letter = lost_letter(boxes, id, group, context.obj.prefix) if lost else _only(boxes, id)
        if not yes:
            typer.confirm(f"Discard {letter.id} of {letter.group} for good?", abort=True, err=True)
        ordered = queues([letter], boxes, with_waiting=with_waiting)
        _report(await replay_letters(reader, context.obj, ordered, plan), json=json)

    _run(context, send)


def _only(boxes: dict[str, Box], id: str) -> Letter:
    if "/" not in id:
        raise ChoiceError(f"{id} is no id; one dead letter is discarded at a time, by <topic>/<partition>/<offset>")
    return named(boxes.values(), id)[0]


async def replay_letters(
    reader: Reader, connection: Connection, ordered: Sequence[Sequence[Letter]], plan: Plan
) -> list[Result]:
    async with connection.producer() as producer:
        replaying = Replaying(producer, connection, reader.boxes, plan)
        following = asyncio.create_task(reader.follow(replaying.hear))
        try:
            return await replaying.run(ordered)
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following


def _plan_only(ordered: Sequence[Sequence[Letter]], *, json: bool) -> None:
    if json:
        sent = [{"group": one.group, "id": one.id, "waiting": one.waits} for queue in ordered for one in queue]
        showing.print_json({"dry_run": True, "would_send": sent})
    else:
        showing.print_plan(ordered)


def _report(results: Sequence[Result], *, json: bool) -> None:
    if json:
        showing.print_json({"dry_run": False, "results": [showing.result_document(result) for result in results]})
    else:
        showing.print_results(results)
    if any(not result.settled and result.detail != "the limit was reached" for result in results):
        raise typer.Exit(STILL_OPEN)


def _name_unseen(reader: Reader) -> None:
    """What was said is not all there may be."""
    if reader.unseen:
        fail(unseen_text(reader.unseen), NOT_ALLOWED)


def _moment(since: str | None) -> datetime | None:
    try:
        return moment(since, datetime.now(UTC)) if since else None
    except ValueError:
        raise typer.BadParameter(f"--since {since}: write 2h, 30m, 7d or an ISO 8601 time") from None


def _run(context: typer.Context, work: Callable[[Reader], Awaitable[None]]) -> None:
    connection: Connection = context.obj
    if not connection.bootstrap:
        raise typer.BadParameter("say where the broker is: kontor --bootstrap host:port dlq …", context)

    async def connected() -> None:
        async with connection.consumer() as consumer, connection.admin() as admin:
            reader = Reader(consumer, admin, connection)
            try:
                await work(reader)
            except ChoiceError as error:
                if not reader.unseen:
                    raise
                raise UnseenError(f"{error}; {unseen_text(reader.unseen)}") from error

    try:
        asyncio.run(connected())
    except ChoiceError as error:
        fail(str(error), NOT_FOUND)
    except UnseenError as error:
        fail(str(error), NOT_ALLOWED)
    except REFUSED as error:
        fail(
            f"{connection.bootstrap}: this user may not do that: {error}. It needs READ on *.dlq and WRITE on *.replay.",
            NOT_ALLOWED,
        )
    except (KafkaError, OSError, ValueError) as error:
        fail(f"{connection.bootstrap}: {type(error).__name__}: {error}", NO_BROKER)
