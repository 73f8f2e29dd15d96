"""``kontor topics``: compare the broker's topics with the registry, and bring them in line.

Exit codes: 0 nothing differs, or all was done · 1 something could not be done · 2 something differs (and wrong usage) ·
3 no broker · 5 this user may not look, or not at the ACLs.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, TopicAuthorizationFailedError, for_code

from kontor_cli import showing
from kontor_cli.acls import Administrators, Compare, Compared, UserPrefix, Wish, compare_acls
from kontor_cli.connection import REFUSED, Connection, fail
from kontor_cli.topic_drift import Difference, Found, Wanted, differences, wanted

app = typer.Typer(help="Topics: plan, diff, apply, watch.", no_args_is_help=True)

NOT_DONE, DIFFERS, NO_BROKER, NOT_ALLOWED = 1, 2, 3, 5
LOOKS, LOOK_SECONDS = 50, 0.2
DYNAMIC = 1
"""The broker's mark of a setting that was made for this topic."""

Replicas = Annotated[int, typer.Option(envvar="KONTOR_REPLICATION_FACTOR", min=1, help="Copies of each partition.")]
InSync = Annotated[
    int, typer.Option(envvar="KONTOR_MIN_INSYNC_REPLICAS", min=1, help="Copies that must have a record.")
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs; the fields are described in the README.")]


@app.command()
def plan(
    context: typer.Context,
    *,
    replication_factor: Replicas = 3,
    min_insync_replicas: InSync = 2,
    acls: Compare = True,
    user_prefix: UserPrefix = "",
    administrator: Administrators = None,
    json: AsJson = False,
) -> None:
    """Say what apply would do, and what it would leave to people, and change nothing."""
    wish = Wish.of(context.obj.prefix, user_prefix, administrator, compare=acls)

    async def look(admin: AIOKafkaAdminClient) -> None:
        found = await _differences(admin, _wanted(context, replication_factor, min_insync_replicas))
        compared = await compare_acls(admin, wish)
        doable = [one for one in found if one.act != "none"]
        left = [*(one for one in found if one.act == "none"), *compared.differences]
        if json:
            would_do, remains = ([asdict(one) for one in some] for some in (doable, left))
            showing.print_json({"would_do": would_do, "left": remains, "acls": compared.state})
        else:
            said = [*map(_would, doable), *(f"left: {_differs(one)}" for one in compared.differences)]
            showing.print_lines(said or ["nothing to do"])
        _end(compared, differs=bool(doable or compared.differences))

    _run(context, look)


@app.command()
def diff(
    context: typer.Context,
    *,
    replication_factor: Replicas = 3,
    min_insync_replicas: InSync = 2,
    acls: Compare = True,
    user_prefix: UserPrefix = "",
    administrator: Administrators = None,
    json: AsJson = False,
) -> None:
    """Compare every topic of the registry, and every ACL of its table, with the broker's. Ends with 2 where one differs."""
    wish = Wish.of(context.obj.prefix, user_prefix, administrator, compare=acls)

    async def look(admin: AIOKafkaAdminClient) -> None:
        found = await _differences(admin, _wanted(context, replication_factor, min_insync_replicas))
        compared = await compare_acls(admin, wish)
        found += compared.differences
        _print_differences(found, json=json, acls=compared.state)
        _end(compared, differs=bool(found))

    _run(context, look)


@app.command()
def apply(
    context: typer.Context, replication_factor: Replicas = 3, min_insync_replicas: InSync = 2, json: AsJson = False
) -> None:
    """Create missing topics and set their settings as the registry says. Partitions and replicas stay as they are."""

    async def do(admin: AIOKafkaAdminClient) -> None:
        topics = _wanted(context, replication_factor, min_insync_replicas)
        found = await _differences(admin, topics)
        results = [
            await _done(admin, topic, found) for topic in topics if any(one.topic == topic.name for one in found)
        ]
        await _listed(admin, {one["topic"] for one in results if one["outcome"] == "created"})
        if json:
            showing.print_json({"results": results})
        else:
            showing.print_lines(
                [f"{one['topic']}: {one['outcome']}{_because(one)}" for one in results] or ["nothing to do"]
            )
        if any(one["outcome"] == "failed" for one in results):
            raise typer.Exit(NOT_DONE)
        if any(one["left"] for one in results):
            raise typer.Exit(DIFFERS)

    _run(context, do)


@app.command()
def watch(
    context: typer.Context,
    *,
    replication_factor: Replicas = 3,
    min_insync_replicas: InSync = 2,
    every: Annotated[float, typer.Option(min=0.1, help="Seconds between two looks.")] = 60.0,
    for_: Annotated[float | None, typer.Option("--for", min=0.0, help="End with 0 after so many seconds.")] = None,
    json: AsJson = False,
) -> None:
    """Look again and again until a topic differs from the registry: then say how, and end with 2."""

    async def look(admin: AIOKafkaAdminClient) -> None:
        topics = _wanted(context, replication_factor, min_insync_replicas)
        until = None if for_ is None else time.monotonic() + for_
        looks = 0
        while not (found := await _differences(admin, topics)):
            looks += 1
            if until is not None and time.monotonic() + every > until:
                _print_differences([], json=json)
                return
            if looks == 1:
                typer.echo(f"no differences; looking every {every:g} s", err=True)
            await asyncio.sleep(every)
        _print_differences(found, json=json)
        raise typer.Exit(DIFFERS)

    _run(context, look)


def _end(compared: Compared, *, differs: bool) -> None:
    if compared.note:
        typer.echo(compared.note, err=True)
    if differs:
        raise typer.Exit(DIFFERS)
    if compared.state == "unseen":
        raise typer.Exit(NOT_ALLOWED)


def _print_differences(found: Sequence[Difference], *, json: bool, **more: str) -> None:
    if json:
        showing.print_json({"differences": [asdict(one) for one in found], **more})
    else:
        showing.print_lines([_differs(one) for one in found] or ["no differences"])


async def _done(admin: AIOKafkaAdminClient, topic: Wanted, found: Iterable[Difference]) -> dict[str, Any]:
    """One topic. What fails stops no other. ``left``: what remains for people."""
    mine = [one for one in found if one.topic == topic.name]
    settings = {one.what: one.wanted for one in mine if one.act == "set"}
    left = [f"{one.what} is {one.found}, not {one.wanted}: {one.remedy}" for one in mine if one.act == "none"]
    outcome, detail = "left", ""
    try:
        if any(one.act == "create" for one in mine):
            await _create(admin, topic)
            outcome = "created"
        elif settings:
            await _set(admin, topic, settings)
            outcome, detail = "changed", ", ".join(f"{name}={value}" for name, value in settings.items())
    except KafkaError as error:
        outcome, detail = "failed", f"{type(error).__name__}: {error}"
    return {"topic": topic.name, "outcome": outcome, "detail": detail, "left": left}


async def _create(admin: AIOKafkaAdminClient, topic: Wanted) -> None:
    new = NewTopic(topic.name, topic.partitions, topic.replicas, topic_configs=dict(topic.config))
    response = await admin.create_topics([new])
    for _, code, *rest in response.topic_errors:
        if code and for_code(code) is not TopicAlreadyExistsError:
            raise for_code(code)(*rest)


async def _listed(admin: AIOKafkaAdminClient, created: set[str]) -> None:
    """Return when the broker lists them, which takes a moment after it has created them: so that a diff finds them."""
    for _ in range(LOOKS):
        if created <= set(await admin.list_topics()):
            return
        await asyncio.sleep(LOOK_SECONDS)


async def _set(admin: AIOKafkaAdminClient, topic: Wanted, settings: Mapping[str, str]) -> None:
    # The request replaces all settings of a topic, so those that somebody made by hand go with it.
    kept = await _settings(admin, topic.name, own=True)
    resource = ConfigResource(ConfigResourceType.TOPIC, topic.name, configs={**(kept or {}), **settings})
    for response in await admin.alter_configs([resource]):
        for code, *rest in response.resources:
            if code:
                raise for_code(code)(*rest[:1])


async def drift(admin: AIOKafkaAdminClient, prefix: str, replicas: int, min_insync: int) -> list[Difference]:
    """How the broker's topics differ from the registry's."""
    return await _differences(admin, wanted(prefix, replicas, min_insync))


async def _differences(admin: AIOKafkaAdminClient, topics: list[Wanted]) -> list[Difference]:
    there = set(await admin.list_topics())
    found = {}
    for described in await admin.describe_topics([topic.name for topic in topics if topic.name in there] or None):
        name, partitions = described["topic"], described["partitions"]
        if name in {topic.name for topic in topics}:
            replicas = min((len(one["replicas"]) for one in partitions), default=0)
            found[name] = Found(len(partitions), replicas, await _settings(admin, name, own=False))
    return differences(topics, found)


async def _settings(admin: AIOKafkaAdminClient, name: str, *, own: bool) -> Mapping[str, str] | None:
    """``own``: those that were made for this topic. None: this user may not read them."""
    found: dict[str, str] = {}
    for response in await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)]):
        for code, _, _, _, entries in response.resources:
            if code == TopicAuthorizationFailedError.errno:
                return None
            if code:
                raise for_code(code)(name)
            found |= {entry[0]: entry[1] for entry in entries if not own or _is_own(response, entry)}
    return found


def _is_own(response: Any, entry: Sequence[Any]) -> bool:
    """The first version of the answer says only whether a setting is a default."""
    return entry[3] == DYNAMIC if response.API_VERSION else not entry[3]


def _wanted(context: typer.Context, replicas: int, min_insync: int) -> list[Wanted]:
    return wanted(context.obj.prefix, replicas, min_insync)


def _would(one: Difference) -> str:
    if one.act == "create":
        return f"create {one.topic} with {one.wanted}"
    return f"set {one.what} of {one.topic} to {one.wanted} (it is {one.found})"


def _differs(one: Difference) -> str:
    remedy = one.remedy or "kontor topics apply"
    return f"{one.topic}: {one.what} is {one.found}, the registry says {one.wanted} ({remedy})"


def _because(result: Mapping[str, Any]) -> str:
    said = [*([result["detail"]] if result["detail"] else []), *result["left"]]
    return f" ({'; '.join(said)})" if said else ""


def _run(context: typer.Context, work: Callable[[AIOKafkaAdminClient], Awaitable[None]]) -> None:
    connection: Connection = context.obj
    if not connection.bootstrap:
        raise typer.BadParameter("say where the broker is: kontor --bootstrap host:port topics …", context)

    async def connected() -> None:
        async with connection.admin() as admin:
            await work(admin)

    try:
        asyncio.run(connected())
    except REFUSED as error:
        fail(
            f"{connection.bootstrap}: this user may not do that: {error}. It needs Describe and DescribeConfigs.",
            NOT_ALLOWED,
        )
    except (KafkaError, OSError, ValueError) as error:
        fail(f"{connection.bootstrap}: {type(error).__name__}: {error}", NO_BROKER)
