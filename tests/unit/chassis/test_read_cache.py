"""The read cache answers only while its copy is known to be at most a moment old, with any writer at any time."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from chassis.aggregate.model import Aggregate
from chassis.read_cache.cache import Part, ReadCache
from chassis.read_cache.invalidation import MOST_PENDING, CacheInvalidation, NotifyingStore


@dataclass(frozen=True)
class State:
    word: str = ""


def aggregate(kind: str) -> Aggregate[State, Any]:
    return Aggregate(kind, initial=State(), decide=lambda *_: [], evolve=lambda state, _: state)


def word(state: State | None) -> str | None:
    return state.word if state else None


LOUD: Part[State, str | None] = Part(aggregate("loud"), word, announced=True)
"""Every change is announced."""
QUIET: Part[State, str | None] = Part(aggregate("quiet"), word, announced=False)
BOUND = 5.0


class World:
    """The documents, the outbox, the topic and the clock; what is read can be held up on its way."""

    def __init__(self) -> None:
        self.now = 100.0
        self.documents: dict[str, tuple[int, State]] = {}
        self.pending: list[str] = []
        self.topic: list[Any] = []
        self.broker = True
        self.reads: list[tuple[str, ...]] = []
        self.hold: asyncio.Event | None = None

    def write(self, id: str, word: str) -> int:
        """By another process. The number of its event."""
        number = self.documents.get(id, (0, State()))[0] + 1
        self.documents[id] = (number, State(word))
        return number

    def announce(self, id: str, number: int) -> None:
        self.topic.append(Record(id.encode(), b'{"sequence":"%010d"}' % number))

    # -- what a cache reads

    async def numbered(self, *wanted: tuple[Aggregate[Any, Any], str]) -> list[tuple[int, Any]]:
        ids = tuple(id for _, id in wanted)
        self.reads.append(ids)
        found = [self.documents.get(id, (0, None)) for id in ids]
        if self.hold is not None:
            await self.hold.wait()
        return found

    async def pending_ids(self, limit: int) -> list[str]:
        return self.pending[:limit]

    # -- the topic, as a watch follows it

    def follow(self, note: Callable[[Any], None]) -> "World":
        self.note = note
        return self

    async def join(self) -> None:
        if not self.broker:
            raise ConnectionError
        self.topic.clear()

    async def catch_up(self) -> None:
        if not self.broker:
            raise ConnectionError
        while self.topic:
            self.note(self.topic.pop(0))

    async def leave(self) -> None: ...


@dataclass(frozen=True)
class Record:
    key: bytes | None
    value: bytes | None


class Gauge:
    def set(self, _: float) -> None: ...


class Metrics:
    cached_parts = Gauge()


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def cache(world: World) -> ReadCache:
    return cache_of(world)


def cache_of(world: World, limit: int = 100) -> ReadCache:
    return ReadCache(world, limit=limit, bound=BOUND, clock=lambda: world.now)


@pytest.fixture
def watch(world: World, cache: ReadCache) -> CacheInvalidation:
    metrics: Any = Metrics()
    return CacheInvalidation(
        cache, world, world.follow, kinds={"loud", "quiet"}, metrics=metrics, clock=lambda: world.now
    )


async def said(cache: ReadCache, id: str, part: Part[State, str | None] = LOUD) -> Any:
    (value,) = await cache.parts((part, id))
    return value


# -- what is kept, and for how long


async def test_what_was_read_answers_until_the_bound_and_is_read_again_after_it(world: World, cache: ReadCache) -> None:
    world.write("loud:1", "old")
    assert await said(cache, "loud:1") == "old"
    world.write("loud:1", "new")
    world.now += BOUND
    assert await said(cache, "loud:1") == "old"
    world.now += 0.1
    assert await said(cache, "loud:1") == "new"


async def test_several_unknown_parts_are_read_in_one_round_trip(world: World, cache: ReadCache) -> None:
    world.write("loud:1", "one")
    await said(cache, "loud:1")
    world.write("quiet:2", "two")
    assert await cache.parts((LOUD, "loud:1"), (QUIET, "quiet:2"), (LOUD, "loud:3")) == ["one", "two", None]
    assert world.reads == [("loud:1",), ("quiet:2", "loud:3")]


async def test_that_there_is_no_document_is_known_too_until_one_is_announced(
    world: World, cache: ReadCache, watch: CacheInvalidation
) -> None:
    await watch.look()
    assert await said(cache, "loud:1") is None
    assert cache.known("loud:1") is not None
    world.announce("loud:1", world.write("loud:1", "here"))
    await watch.look()
    assert await said(cache, "loud:1") == "here"


async def test_a_look_without_news_prolongs_what_is_announced_alone(
    world: World, cache: ReadCache, watch: CacheInvalidation
) -> None:
    await watch.look()
    await cache.parts((LOUD, "loud:1"), (QUIET, "quiet:1"))
    world.now += BOUND
    await watch.look()
    world.now += BOUND
    assert cache.known("loud:1") is not None
    assert cache.known("quiet:1") is None


async def test_the_one_not_used_for_longest_is_forgotten_first(world: World) -> None:
    cache = cache_of(world, limit=2)
    await said(cache, "loud:1")
    await said(cache, "loud:2")
    cache.known("loud:1")
    await said(cache, "loud:3")
    assert [cache.known(f"loud:{number}") is not None for number in (1, 2, 3)] == [True, False, True]
    assert cache.count == 2


async def test_keeping_nothing_reads_always(world: World) -> None:
    cache = cache_of(world, limit=0)
    await said(cache, "loud:1")
    cache.announced("loud:1", 1)
    await said(cache, "loud:1")
    assert len(world.reads) == 2


async def test_the_latest_is_read_even_where_something_is_known(world: World, cache: ReadCache) -> None:
    world.write("loud:1", "old")
    await said(cache, "loud:1")
    world.write("loud:1", "new")
    assert await cache.latest((LOUD, "loud:1")) == ["new"]
    assert await said(cache, "loud:1") == "new"


async def test_the_latest_is_not_answered_by_a_read_that_began_before(world: World, cache: ReadCache) -> None:
    world.write("loud:1", "old")
    world.hold = asyncio.Event()
    first = asyncio.create_task(cache.latest((LOUD, "loud:1")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert len(world.reads) == 1
    world.write("loud:1", "new")
    second = asyncio.create_task(cache.latest((LOUD, "loud:1")))
    third = asyncio.create_task(cache.latest((LOUD, "loud:1"), (LOUD, "loud:2")))
    await asyncio.sleep(0)
    world.hold.set()
    assert [await first, await second, await third] == [["old"], ["new"], ["new", None]]
    # What came meanwhile shares the next one.
    assert world.reads[1:] == [("loud:1", "loud:2")]


# -- changes


async def test_an_own_write_is_seen_at_once_also_by_a_read_that_was_under_way(world: World, cache: ReadCache) -> None:
    class Store:
        async def save(self, *_: Any) -> None:
            world.write("loud:1", "new")

    store: Any = Store()
    world.write("loud:1", "old")
    world.hold = asyncio.Event()
    reading = asyncio.create_task(said(cache, "loud:1"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert world.reads
    nothing: Any = None
    await NotifyingStore(store, cache.written).save(nothing, "loud:1", nothing, nothing)
    world.hold.set()
    await reading
    assert cache.known("loud:1") is None
    assert await said(cache, "loud:1") == "new"


async def test_a_write_of_unknown_fate_may_have_happened(world: World, cache: ReadCache) -> None:
    class Store:
        async def save(self, *_: Any) -> None:
            world.write("loud:1", "new")
            raise TimeoutError

    store: Any = Store()
    await said(cache, "loud:1")
    nothing: Any = None
    with pytest.raises(TimeoutError):
        await NotifyingStore(store, cache.written).save(nothing, "loud:1", nothing, nothing)
    assert cache.known("loud:1") is None


async def test_an_event_invalidates_what_was_read_before_it_alone(
    world: World, cache: ReadCache, watch: CacheInvalidation
) -> None:
    await watch.look()
    world.write("loud:1", "old")
    await said(cache, "loud:1")
    number = world.write("loud:1", "new")
    world.announce("loud:1", number)
    await watch.look()
    assert await said(cache, "loud:1") == "new"
    world.announce("loud:1", number)
    world.announce("loud:1", number - 1)
    await watch.look()
    assert cache.known("loud:1") is not None


async def test_a_read_that_was_under_way_when_the_event_came_is_not_kept(
    world: World, cache: ReadCache, watch: CacheInvalidation
) -> None:
    await watch.look()
    world.write("loud:1", "old")
    world.hold = asyncio.Event()
    reading = asyncio.create_task(said(cache, "loud:1"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert world.reads
    world.announce("loud:1", world.write("loud:1", "new"))
    await watch.look()
    world.hold.set()
    assert await reading == "old"
    assert cache.known("loud:1") is None


async def test_a_read_from_a_server_that_is_behind_the_event_is_not_kept(
    world: World, cache: ReadCache, watch: CacheInvalidation
) -> None:
    await watch.look()
    number = world.write("loud:1", "old")
    world.announce("loud:1", number + 1)
    await watch.look()
    assert await said(cache, "loud:1") == "old"
    assert cache.known("loud:1") is None
    world.write("loud:1", "new")
    await said(cache, "loud:1")
    assert cache.known("loud:1") is not None


@pytest.mark.parametrize("value", [None, b"", b"\xff", b"[]", b"{}", b'{"sequence":null}', b'{"sequence":"x"}'])
async def test_a_record_without_content_still_names_its_document(
    world: World, cache: ReadCache, watch: CacheInvalidation, value: bytes | None
) -> None:
    await watch.look()
    await said(cache, "loud:1")
    world.topic += [Record(None, value), Record(b"\xff:1", value), Record(b"other:1", value), Record(b"loud:1", value)]
    await watch.look()
    assert cache.known("loud:1") is None


# -- what nobody has heard of yet


async def test_an_event_that_still_waits_in_the_outbox_counts_as_well(
    world: World, cache: ReadCache, watch: CacheInvalidation
) -> None:
    """Its process was killed after the save: nothing is in the topic, and nothing will be for as long as a lease lasts."""
    await watch.look()
    world.write("loud:1", "old")
    await said(cache, "loud:1")
    world.write("loud:1", "new")
    world.pending = ["loud:1"]
    await watch.look()
    assert await said(cache, "loud:1") == "new"


async def test_more_pending_documents_than_are_looked_at_prove_nothing(
    world: World, cache: ReadCache, watch: CacheInvalidation
) -> None:
    await watch.look()
    await said(cache, "loud:1")
    world.pending = [f"invitation:{number}" for number in range(MOST_PENDING + 1)]
    world.now += BOUND + 0.1
    await watch.look()
    assert cache.known("loud:1") is None
    world.pending = world.pending[1:]
    await said(cache, "loud:1")
    world.now += BOUND
    await watch.look()
    world.now += BOUND
    assert cache.known("loud:1") is not None


async def test_without_a_broker_documents_are_read_again_after_the_bound(
    world: World, cache: ReadCache, watch: CacheInvalidation
) -> None:
    await watch.look()
    world.write("loud:1", "old")
    await said(cache, "loud:1")
    await watch.look()
    world.broker = False
    world.write("loud:1", "new")
    for _ in range(11):
        with pytest.raises(ConnectionError):
            await watch.look()
        world.now += 0.5
    assert cache.known("loud:1") is None
    assert await said(cache, "loud:1") == "new"


async def test_what_was_read_before_the_topic_was_followed_is_not_vouched_for(
    world: World, cache: ReadCache, watch: CacheInvalidation
) -> None:
    world.broker = False
    world.write("loud:1", "old")
    await said(cache, "loud:1")
    world.hold = asyncio.Event()
    reading = asyncio.create_task(said(cache, "loud:2"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    world.announce("loud:1", world.write("loud:1", "new"))
    world.announce("loud:2", world.write("loud:2", "new"))
    world.broker = True
    await watch.look()
    world.hold.set()
    await reading
    world.now += 0.1
    assert await said(cache, "loud:1") == "new"
    assert await said(cache, "loud:2") == "new"
