"""Processor time per command and per event while the collection grows from a thousand documents to a million.

Everything goes by index, so nothing may grow with the collection: neither the service's time nor the database's (where a
scan would be), nor that of the looks that an idle service takes again and again. Ids are drawn from the whole collection,
and nothing is remembered, so every command loads its document. Events are read ten at a time, or those of a small
collection would be applied several in one write, and those of a large one each in its own. The curves also show it as in
production: the more documents there are, the fewer are remembered, and the fewer events go together.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from random import Random
from statistics import median
from typing import Any, Self

from harness.pending import Unpublished
from harness.running import Running
from service.chassis.tally.aggregates import COUNTER, MIRROR
from service.chassis.tally.domain import AddAmount
from service.chassis.tally.mirror import Follow
from support import eventually

from benchmarks import backlog, load
from benchmarks.ground import Ground, cpu_seconds, tally_chassis
from benchmarks.measure import Figures, Goal, Row
from benchmarks.rows.commands import BODY, CALLERS
from chassis.aggregate.handler import Handler
from chassis.aggregate.model import Cause
from chassis.consumer.dead_letters.blocked_key import BLOCKED_KEY
from kontor_local.servers import Database

SIZES = (1_000, 10_000, 100_000, 1_000_000)
"""Documents: one half counters, the other mirrors."""
EVENTS = 15_000
CHUNK = 5_000
LOOKS = 10
VARIANTS: dict[str, dict[str, Any]] = {
    "": {"KONTOR_RECENT_DOCUMENTS": 0, "KONTOR_BATCH_RECORDS": 10},
    ", as in production": {},
}
FLAT = Goal(ratio=1.5, better="less")
"""A thousand times as many documents, one and a half times the cost: an index gets two levels deeper, caches miss."""

WHOLE = "in all"
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

Document = dict[str, Any]


async def measure(ground: Ground, rounds: int, seconds: float) -> list[Row]:
    """One round only: the million is seeded once."""
    found: dict[str, list[tuple[int, float]]] = {}

    def note(size: int, figures: Mapping[str, float]) -> None:
        for name, value in figures.items():
            found.setdefault(name, []).append((size, value))

    async with ground.tally(start=False) as tally:
        templates = await _templates()
        there = 0
        for size in SIZES:
            await _seed(ground, tally, templates, there // 2, size // 2)
            there = size
            for name, env in VARIANTS.items():
                async with ground.services.another(tally, **env) as instance:
                    commands = await _commands(ground, instance, size // 2, seconds)
                async with ground.services.another(tally, KONTOR_MIRROR=True, **env) as instance:
                    events = await _events(ground, instance, size // 2)
                note(size, {f"command: {part}{name}": value for part, value in commands.items()})
                note(size, {f"event: {part}{name}": value for part, value in events.items()})
            note(size, await _looks(ground, tally))
    processor = f"processor time of service and database; floor: among {SIZES[0]:,}"
    return [
        _row("a command", "command", found, processor),
        _row("an event", "event", found, processor),
        _row("an idle look", "look", found, f"by the clock, one look after the other; floor: among {SIZES[0]:,}"),
    ]


def _row(name: str, of: str, found: Mapping[str, list[tuple[int, float]]], note: str) -> Row:
    curves = {one.removeprefix(f"{of}: "): points for one, points in found.items() if one.startswith(f"{of}: ")}
    small, large = ({key: points[place][1] for key, points in curves.items()} for place in (0, -1))
    return Row(
        name=f"{name} among {SIZES[-1]:,} documents",
        unit="µs",
        goal=FLAT,
        kontor={"value": large[WHOLE], **large},
        floor={"value": small[WHOLE], **small},
        curves={"documents": curves},
        note=note,
    )


# -- the collection


async def _templates() -> list[tuple[str, Document]]:
    """A counter and a mirror as the service leaves them when all is published, and what precedes their numbers."""
    store = Unpublished()
    handler = Handler(store, store, service="tally")
    cause = Cause(id="seed", time=datetime.now(UTC), correlation_id="seed", actor="anonymous")
    await handler.handle(COUNTER, COUNTER.id("m"), AddAmount(1), cause)
    await handler.handle(MIRROR, MIRROR.id("m"), Follow(1, 1), cause)
    bare = [{name: value for name, value in d.items() if name not in ("out", "ob")} for d in store.documents.values()]
    return [(document["_id"], document) for document in bare]


async def _seed(ground: Ground, tally: Running, templates: list[tuple[str, Document]], first: int, end: int) -> None:
    collection = ground.documents.collection(tally)
    for start in range(first, end, CHUNK):
        numbers = range(start, min(start + CHUNK, end))
        documents = [{**document, "_id": f"{id}{number}"} for id, document in templates for number in numbers]
        await collection.insert_many(documents, ordered=False)


# -- what is asked of it


async def _commands(ground: Ground, instance: Running, half: int, seconds: float) -> Figures:
    bearer = ground.tokens.bearer("org-a", permissions={"counters:write"})["Authorization"]
    numbers = Random(half)  # the same ones each time
    run = f"{half}-{instance.port.number}"

    def request(number: int) -> bytes:
        path = f"/v1/counters/m{numbers.randrange(half)}/add"
        return load.post(path, BODY, idempotency_key=f"{run}-{number}", authorization=bearer)

    warm = await load.run(instance.port.number, request, callers=CALLERS, seconds=1.0)
    with _Spent(ground, instance) as spent:
        answers = await load.run(
            instance.port.number, request, callers=CALLERS, seconds=seconds, first=len(warm.seconds)
        )
    if answers.refused:
        raise RuntimeError(f"{answers.refused} requests were refused")
    return spent.by(answers.accepted)


async def _events(ground: Ground, instance: Running, half: int) -> Figures:
    """Each for a mirror drawn from all. Filled while the instance reads: what counts is its time, not its pace."""
    topic = instance.topic("tally.events")
    before = await ground.records(topic)  # those of the commands are followed first
    await eventually(partial(_applied, ground, instance, before), timeout=backlog.PATIENCE * 5, every=0.2)
    numbers = Random(half)
    with _Spent(ground, instance) as spent:
        await backlog.scatter(ground, topic, EVENTS, lambda: numbers.randrange(half), first=before)
        await eventually(partial(_applied, ground, instance, before + EVENTS), timeout=backlog.PATIENCE * 5, every=0.2)
    return spent.by(EVENTS)


async def _applied(ground: Ground, instance: Running, count: int) -> bool:
    return await ground.committed(instance.group, instance.topic("tally.events")) >= count


class _Spent:
    """Processor time of the service, and of the database where it is ours."""

    def __init__(self, ground: Ground, instance: Running) -> None:
        self._pids = {"the service": instance.process.pid}
        if isinstance(database := ground.backends.database, Database):
            self._pids["the database"] = database.process.pid

    def __enter__(self) -> Self:
        self._before = self._now()
        return self

    def __exit__(self, *_: object) -> None:
        self._spent = {name: now - self._before[name] for name, now in self._now().items()}

    def _now(self) -> Figures:
        return {name: cpu_seconds(pid) for name, pid in self._pids.items()}

    def by(self, count: int) -> Figures:
        """Microseconds."""
        each = {name: spent / count * 1e6 for name, spent in self._spent.items()}
        return {WHOLE: sum(each.values()), **each}


async def _looks(ground: Ground, tally: Running) -> Figures:
    """Microseconds that the looks of an idle service take, one after the other."""
    collection = ground.documents.collection(tally)
    await eventually(lambda: _cleared(collection), timeout=backlog.PATIENCE)
    store = tally_chassis(tally).store
    looks: dict[str, Callable[[], Awaitable[object]]] = {
        "events to publish": store.outbox.oldest_pending,
        "timers": lambda: store.due(datetime.now(UTC), 200),
        "lanes held up": lambda: store.find(BLOCKED_KEY, {"state.blocked": True}, limit=1000),
    }
    try:
        each = {name: await _took(look) for name, look in looks.items()}
    finally:
        store.close()
    return {f"look: {name}": took for name, took in {WHOLE: sum(each.values()), **each}.items()}


async def _cleared(collection: Any) -> bool:
    """Not one event waits any more: what was to be published is."""
    return await collection.find_one({"ob.at": {"$gt": LONG_AGO}}, {"_id": 1}) is None


async def _took(look: Callable[[], Awaitable[object]]) -> float:
    times = []
    for _ in range(LOOKS):
        began = time.perf_counter()
        await look()
        times.append(time.perf_counter() - began)
    return median(times) * 1e6
