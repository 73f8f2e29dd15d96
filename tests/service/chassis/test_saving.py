"""Saves that share a round trip, on a real database: each succeeds or fails for itself."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from service.chassis.tally.aggregates import AGGREGATES, COUNTER
from service.chassis.tally.domain import Counter

from chassis.aggregate.model import DocumentUpdate, Loaded, OutgoingEvent, Published, VersionConflictError
from chassis.errors import TakenError, TooLargeError, UnavailableError
from chassis.mongo.store import MongoStore
from chassis.observability.census import Census, Counting
from kontor_local.backends import Backends

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
async def store(backends: Backends) -> AsyncIterator[MongoStore]:
    database = f"kontor_saving_{secrets.token_hex(4)}{backends.database_suffix}"
    store = MongoStore(backends.mongo, database, "tally", lease=30)
    await store.ensure_indexes(AGGREGATES)
    yield store
    await store._client.drop_database(database)
    store.close()


def change(state: Counter) -> DocumentUpdate:
    return DocumentUpdate(
        document=COUNTER.dump(state),
        tenant=state.owner,
        unique=COUNTER.claims(state),
        due=None,
        records=(),
        sequence=0,
        positions={},
        answers={},
        at=NOW,
        lease=None,
    )


async def save(store: MongoStore, key: str, total: int, loaded: Loaded[Any] | None = None, **state: Any) -> str:
    """What came of it."""
    counter = Counter(total=total, **state)
    try:
        await store.save(COUNTER, COUNTER.id(key), loaded or Loaded(Counter()), change(counter))
    except (VersionConflictError, TakenError, TooLargeError, UnavailableError) as error:
        return type(error).__name__
    return "saved"


async def test_many_documents_are_saved_at_once_new_ones_and_known_ones(store: MongoStore) -> None:
    names = [f"c{number}" for number in range(150)]
    assert await asyncio.gather(*(save(store, name, 1) for name in names)) == ["saved"] * 150
    known = [await store.load(COUNTER, COUNTER.id(name)) for name in names]
    again = await asyncio.gather(*(save(store, name, 2, one) for name, one in zip(names, known, strict=True)))
    assert again == ["saved"] * 150
    found = [await store.load(COUNTER, COUNTER.id(name)) for name in names]
    assert {(one.state.total, one.version) for one in found} == {(2, 2)}


async def test_whoever_comes_with_an_old_version_is_told_and_nobody_else(store: MongoStore) -> None:
    names = [f"c{number}" for number in range(20)]
    await asyncio.gather(*(save(store, name, 1) for name in names))
    known = {name: await store.load(COUNTER, COUNTER.id(name)) for name in names}
    for name in names[:10]:
        assert await save(store, name, 50, known[name]) == "saved"
    outcomes = await asyncio.gather(*(save(store, name, 2, known[name]) for name in names))
    assert outcomes == ["VersionConflictError"] * 10 + ["saved"] * 10
    totals = [(await store.load(COUNTER, COUNTER.id(name))).state.total for name in names]
    assert totals == [50] * 10 + [2] * 10


async def test_a_document_that_another_process_made_meanwhile_is_a_conflict(store: MongoStore) -> None:
    await save(store, "there", 1)
    outcomes = await asyncio.gather(*(save(store, name, 7) for name in ("new-a", "there", "new-b")))
    assert outcomes == ["saved", "VersionConflictError", "saved"]
    assert (await store.load(COUNTER, "counter:there")).state.total == 1


async def test_a_unique_value_held_by_another_document_is_refused_alone(store: MongoStore) -> None:
    assert await save(store, "holder", 1, name="mine") == "saved"
    asked = {"a": "yours", "b": "mine", "c": "hers"}
    outcomes = await asyncio.gather(*(save(store, id, 1, name=name) for id, name in asked.items()))
    assert outcomes == ["saved", "TakenError", "saved"]


async def test_a_document_too_large_for_the_database_fails_alone(store: MongoStore) -> None:
    names = {"a": "small", "b": "x" * 17 * 1024 * 1024, "c": "little"}
    outcomes = await asyncio.gather(*(save(store, id, 1, name=name) for id, name in names.items()))
    assert outcomes == ["saved", "TooLargeError", "saved"]


async def test_one_of_two_processes_saving_the_same_documents_wins_each(store: MongoStore, backends: Backends) -> None:
    database = store._documents.database.name
    other = MongoStore(backends.mongo, database, "tally", lease=30)
    names = [f"c{number}" for number in range(60)]
    ours, theirs = await asyncio.gather(
        asyncio.gather(*(save(store, name, 1) for name in names)),
        asyncio.gather(*(save(other, name, 2) for name in names)),
    )
    other.close()
    for name, one, two in zip(names, ours, theirs, strict=True):
        assert sorted((one, two)) == ["VersionConflictError", "saved"]
        found = await store.load(COUNTER, COUNTER.id(name))
        assert (found.version, found.state.total) == (1, 1 if one == "saved" else 2)


async def test_clearing_forgets_what_was_published_and_nothing_that_came_since(store: MongoStore) -> None:
    """Of ten documents with an event each, one has got another one in the meantime."""
    for number in range(10):
        await _announce(store, f"c{number}", Loaded(Counter()), 1)
    known = await store.load(COUNTER, "counter:c3")
    await _announce(store, "c3", known, 2)
    await store.outbox.clear([Published(f"counter:c{number}", [f"c{number}.1"], "ours") for number in range(10)])
    pending = [(await store.load(COUNTER, f"counter:c{number}")).pending for number in range(10)]
    assert pending == [("c3.2",) if number == 3 else () for number in range(10)]
    (claimed,) = await store.outbox.claim("theirs", await store.outbox.waiting(10))
    assert [record.id for record in claimed.records] == ["c3.2"]


async def test_an_erasing_that_finds_its_events_cleared_leaves_none_of_them(store: MongoStore) -> None:
    """Between its reading and its writing the relay was told that they are in the topic, and keeps them."""
    await _announce(store, "erased", Loaded(Counter()), 1)
    loaded = await store.load(COUNTER, "counter:erased")
    await store.outbox.clear([Published("counter:erased", ["erased.1"], "ours")])
    made = replace(change(Counter(total=0)), sequence=1, forget=True, pending=len(loaded.pending))
    await store.save(COUNTER, "counter:erased", loaded, made)
    (claimed,) = await store.outbox.claim("again", await store.outbox.waiting(10))
    await store.outbox.clear([Published(claimed.id, [one.id for one in claimed.records], "again")])
    assert await store.outbox.waiting(10) == []
    assert await store.outbox.kept({"_id": "counter:erased"}) == 0


async def test_an_erasing_that_finds_nothing_leaves_no_document_in_the_sweep(store: MongoStore) -> None:
    """What it read as pending was published and erased by the write before it."""
    await _announce(store, "empty", Loaded(Counter()), 1)
    loaded = await store.load(COUNTER, "counter:empty")
    erasing = replace(change(Counter(total=0)), sequence=1, forget=True, pending=len(loaded.pending))
    await store.save(COUNTER, "counter:empty", loaded, erasing)
    await store.outbox.clear([Published("counter:empty", ["empty.1"], "ours")])
    await store.save(COUNTER, "counter:empty", replace(loaded, version=loaded.version + 1), erasing)
    assert await store.outbox.claim("again", await store.outbox.waiting(10)) == []
    assert await store.outbox.oldest_pending() is None


async def test_what_is_cleared_late_gives_back_no_lease_that_was_taken_since(store: MongoStore) -> None:
    """The process that writes again before its first event is cleared is about to publish the second one."""
    await _announce(store, "again", Loaded(Counter()), 1, lease="first")
    await _announce(store, "again", await store.load(COUNTER, "counter:again"), 2, lease="second")
    await store.outbox.clear([Published("counter:again", ["again.1"], "first")])
    await store.outbox.release({"counter:again": "first"})
    assert (await store.load(COUNTER, "counter:again")).pending == ("again.2",)
    assert await store.outbox.waiting(10) == []
    await store.outbox.release({"counter:again": "second"})
    assert [one.id for one in await store.outbox.waiting(10)] == ["counter:again"]


async def _announce(store: MongoStore, key: str, loaded: Loaded[Any], number: int, lease: str = "ours") -> None:
    record = OutgoingEvent(f"{key}.{number}", number, "e", b"{}")
    made = replace(change(Counter(total=number)), records=(record,), sequence=number, lease=lease)
    await store.save(COUNTER, COUNTER.id(key), loaded, made)


async def test_documents_asked_for_together_are_each_answered_for_themselves(
    store: MongoStore,
) -> None:
    there = [f"c{number}" for number in range(100)]
    await asyncio.gather(*(save(store, name, number) for number, name in enumerate(there, 1)))
    asked = [*there, "nobody", "c7"]
    found = await asyncio.gather(*(store.load(COUNTER, COUNTER.id(name)) for name in asked))
    assert [(one.version, one.state.total) for one in found] == [*((1, n) for n in range(1, 101)), (0, 0), (1, 8)]


async def test_what_was_saved_is_in_the_load_that_follows(store: MongoStore) -> None:
    async def counted(name: str) -> int:
        for total in range(1, 21):
            loaded = await store.load(COUNTER, COUNTER.id(name))
            assert loaded.state.total == total - 1
            assert await save(store, name, total, loaded) == "saved"
        return total

    assert await asyncio.gather(*(counted(f"c{number}") for number in range(20))) == [20] * 20


async def test_documents_are_counted_by_status_with_the_age_of_the_oldest(store: MongoStore) -> None:
    for number, owner in enumerate(("us", "us", "other")):
        await save(store, f"c{number}", number, owner=owner, alarm=NOW - timedelta(minutes=number))
    census = Census(
        metric="kontor_counters",
        what="Counters",
        status="tenant",
        statuses=("us", "other", "nobody"),
        aged=("us", "nobody"),
        field="state.alarm",
        since=datetime.fromisoformat,
    )
    registry = CollectorRegistry()
    await Counting(census, COUNTER, store, registry, lambda: NOW).look()
    found = {
        (sample.name, sample.labels["status"]): sample.value
        for family in registry.collect()
        for sample in family.samples
    }
    counts = {status: found["kontor_counters", status] for status in census.statuses}
    assert counts == {"us": 2, "other": 1, "nobody": 0}
    assert found["kontor_counters_oldest_seconds", "us"] == 60
    assert found["kontor_counters_oldest_seconds", "nobody"] == 0


async def test_find_all_reads_every_page_in_order(store: MongoStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.mongo.store.BATCH", 2)
    for number in range(5):
        await save(store, f"c{number}", number, owner="other" if number == 3 else "us")
    found = [(id, state.total) async for id, state in store.find_all(COUNTER, {"tenant": "us"})]
    assert found == [(COUNTER.id(f"c{number}"), number) for number in (0, 1, 2, 4)]
