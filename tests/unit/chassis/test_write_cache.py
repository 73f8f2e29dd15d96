"""Documents remembered from the last write: they spare a look at the database, and never change what is decided."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from harness.pending import Unpublished

from chassis.aggregate.handler import Handler
from chassis.aggregate.model import Aggregate, Cause, CommandKey, Loaded, Step, VersionConflictError
from chassis.aggregate.write_cache import WriteCache
from chassis.errors import RefusedError
from chassis.outbox.queue import Lease
from kontor_contracts import Event, Refusal

BROKEN = 7
"""A glass with so much in it is to be forgotten, like a person who was purged."""
NOW = datetime(2026, 11, 22, tzinfo=UTC)


class Added(Event):
    TYPE: ClassVar[str] = "kontor.test.added.v1"
    amount: int


class Full(Refusal):
    TYPE: ClassVar[str] = "kontor.test.full.v1"


@dataclass(frozen=True, slots=True)
class Glass:
    total: int = 0


def decide(amount: int, state: Glass) -> Sequence[Event]:
    if amount == 0:
        return []
    return [Full(reason="full")] if state.total + amount > 10 else [Added(amount=amount)]


def evolve(state: Glass, event: Added) -> Glass:
    return replace(state, total=max(0, state.total + event.amount))


GLASS: Aggregate[Glass, int] = Aggregate(
    "glass", initial=Glass(), decide=decide, evolve=evolve, forget=lambda state: state.total == BROKEN
)


class Store(Unpublished):
    """Documents in memory, guarded by version as in the database. It counts the looks at it."""

    def __init__(self) -> None:
        super().__init__()
        self.loads = 0

    async def load(self, aggregate: Aggregate[Any, Any], id: str) -> Loaded[Any]:
        self.loads += 1
        return await super().load(aggregate, id)

    async def save(self, aggregate: Aggregate[Any, Any], id: str, loaded: Loaded[Any], change: Any) -> None:
        if (await super().load(aggregate, id)).version != loaded.version:
            raise VersionConflictError(id)
        await super().save(aggregate, id, loaded, change)


class Outbox:
    def lease_for(self, id: str, pending: tuple[str, ...]) -> Lease | None:
        return None if pending else Lease(None, 0.0, "ours")

    def submit(self, lease: Any, id: str, records: Any) -> None:
        """As if it were on its way."""


def cause(key: str | None = None) -> Cause:
    return Cause(
        id="c", time=NOW, correlation_id="c", actor="anonymous", key=CommandKey(key, "f") if key is not None else None
    )


class Process:
    """One process's handler, with its own memory, over the common store."""

    def __init__(self, store: Store, limit: int = 10) -> None:
        self.recent = WriteCache(limit)
        self._handler = Handler(store, Outbox(), service="test", write_cache=self.recent)

    async def pour(self, amount: int, key: str | None = None, id: str = "glass:a") -> Any:
        outcome = await self._handler.handle(GLASS, id, amount, cause(key), answer=lambda state: state.total)
        known = self.recent.get(id)
        if known is not None:
            self.recent.cleared(id, known.pending)
        return outcome


@pytest.fixture
def store() -> Store:
    return Store()


async def test_the_next_command_on_a_document_needs_no_look_at_the_database(store: Store) -> None:
    one = Process(store)
    assert [(await one.pour(1)).answer for _ in range(5)] == [1, 2, 3, 4, 5]
    assert store.loads == 1


async def test_with_a_limit_of_nothing_every_command_looks(store: Store) -> None:
    one = Process(store, limit=0)
    assert [(await one.pour(1)).answer for _ in range(3)] == [1, 2, 3]
    assert store.loads == 3


async def test_what_is_remembered_is_what_this_process_wrote_last(store: Store) -> None:
    one, other = Process(store), Process(store)
    assert one._handler.remembered("glass:a") is None
    await one.pour(1)
    assert one._handler.remembered("glass:a") == Glass(1)
    await other.pour(2)
    assert one._handler.remembered("glass:a") == Glass(1), "as the docstring says: another process may have gone on"
    assert store.loads == 2, "nobody looked for it"


async def test_what_another_process_wrote_is_not_overwritten(store: Store) -> None:
    one, other = Process(store), Process(store)
    await one.pour(1)
    await other.pour(5)
    assert (await one.pour(1)).answer == 7


async def test_a_no_is_never_said_on_what_is_only_remembered(store: Store) -> None:
    one, other = Process(store), Process(store)
    await one.pour(10)
    await other.pour(-10)
    assert (await one.pour(3)).answer == 3
    await one.pour(7)
    with pytest.raises(RefusedError):
        await one.pour(1)


async def test_that_nothing_is_to_be_done_is_looked_up(store: Store) -> None:
    one, other = Process(store), Process(store)
    await one.pour(1)
    await other.pour(4)
    outcome = await one.pour(0)
    assert (outcome.status, outcome.state.total) == ("unchanged", 5)


async def test_a_repetition_gets_the_first_answer_from_memory_too(store: Store) -> None:
    one = Process(store)
    await one.pour(1, "k1")
    await one.pour(1, "k2")
    again = await one.pour(1, "k1")
    assert (again.status, again.answer, store.loads) == ("duplicate", 1, 1)


async def test_events_that_somebody_else_publishes_end_the_memory(store: Store) -> None:
    one = Process(store)
    await one._handler.handle(GLASS, "glass:a", 1, cause())
    assert one.recent.get("glass:a") is not None
    # The first event is still pending and in nobody's hand: the second one is left to the sweep.
    await one._handler.handle(GLASS, "glass:a", 1, cause())
    assert one.recent.get("glass:a") is None


async def test_the_document_not_used_for_longest_is_forgotten(store: Store) -> None:
    one = Process(store, limit=2)
    for name in ("a", "b", "a", "c"):
        await one.pour(1, id=f"glass:{name}")
    assert [one.recent.get(f"glass:{name}") is not None for name in "abc"] == [True, False, True]


async def test_what_is_to_be_forgotten_is_not_remembered(store: Store) -> None:
    one = Process(store)
    await one.pour(3, "k1")
    assert one.recent.get("glass:a") is not None
    await one.pour(4, "k2")
    assert one.recent.get("glass:a") is None


async def test_what_most_likely_begins_now_is_written_without_a_look(store: Store) -> None:
    one, other = Process(store), Process(store)
    (begun,) = await one._handler.handle_all(GLASS, "glass:a", [Step(3, cause("k"))], fresh=True)
    assert (begun.status, begun.state.total, store.loads) == ("applied", 3, 0)
    (more,) = await other._handler.handle_all(GLASS, "glass:a", [Step(4, cause())], fresh=True)
    assert more.state.total == BROKEN
