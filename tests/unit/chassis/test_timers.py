"""Timers: a date that this process saved needs no look at the database, and no look is missed for it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import TypeAdapter
from support import eventually

from chassis.aggregate.model import Cause, own_cause
from chassis.observability.metrics import Metrics
from chassis.timers import Timers
from kontor_contracts.values import Id

NOW = datetime(2026, 11, 25, tzinfo=UTC)


class Store:
    """``late`` are due for a look to find."""

    def __init__(self) -> None:
        self.late: list[tuple[str, str]] = []
        self.looks = 0

    async def due(self, now: datetime, limit: int) -> list[tuple[str, str]]:
        self.looks += 1
        return self.late

    async def traced(self, id: str) -> tuple[str, datetime] | None:
        return None


class Bell:
    """Rings for as long as it is held."""

    def __init__(self) -> None:
        self.rung: list[str] = []
        self.causes: list[Cause] = []
        self.let_go = asyncio.Event()
        self.let_go.set()

    async def ring(self, id: str, cause: Cause) -> None:
        self.rung.append(id)
        self.causes.append(cause)
        await self.let_go.wait()


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
async def store() -> Store:
    return Store()


@pytest.fixture
async def timers(store: Store, bell: Bell) -> AsyncIterator[Timers]:
    timers = Timers(store, {"bell": bell.ring}, service="tally", interval=3600, now=lambda: NOW, metrics=Metrics())
    await timers.start()
    yield timers
    bell.let_go.set()
    await timers.stop(5)


async def test_what_is_due_when_it_is_saved_fires_without_a_look(timers: Timers, store: Store, bell: Bell) -> None:
    timers.nudge("bell", "bell:a", NOW)
    await eventually(lambda: bell.rung == ["bell:a"])
    assert store.looks == 0


async def test_what_is_due_later_is_looked_for_when_its_time_has_come(store: Store, bell: Bell) -> None:
    at = NOW
    timers = Timers(store, {"bell": bell.ring}, service="tally", interval=3600, now=lambda: at, metrics=Metrics())
    await timers.start()
    store.late = [("bell", "bell:a")]
    timers.nudge("bell", "bell:a", NOW + timedelta(milliseconds=1))
    assert bell.rung == []
    at = NOW + timedelta(seconds=1)
    await eventually(lambda: bell.rung[:1] == ["bell:a"])
    await timers.stop(5)


async def test_a_document_fires_once_at_a_time(timers: Timers, bell: Bell) -> None:
    bell.let_go.clear()
    timers.nudge("bell", "bell:a", NOW)
    timers.nudge("bell", "bell:a", NOW)
    timers.nudge("bell", "bell:b", NOW)
    await eventually(lambda: bell.rung == ["bell:a", "bell:b"])
    bell.let_go.set()
    await eventually(lambda: not timers._running)
    timers.nudge("bell", "bell:a", NOW)
    await eventually(lambda: bell.rung == ["bell:a", "bell:b", "bell:a"])


async def test_a_moved_clock_brings_what_is_due_within_an_interval(store: Store, bell: Bell) -> None:
    clock = [NOW]
    timers = Timers(store, {"bell": bell.ring}, service="tally", interval=0.1, now=lambda: clock[0], metrics=Metrics())
    await timers.start()
    timers.nudge("bell", "bell:a", NOW + timedelta(days=365))
    await eventually(lambda: store.looks)
    assert bell.rung == []
    store.late = [("bell", "bell:a")]
    clock[0] = NOW + timedelta(days=366)
    await eventually(lambda: bell.rung[:1] == ["bell:a"])
    assert bell.causes[0].time == clock[0]
    await timers.stop(5)


async def test_kinds_without_a_timer_and_dates_that_are_none_are_nothing(timers: Timers, bell: Bell) -> None:
    timers.nudge("other", "other:a", NOW)
    timers.nudge("bell", "bell:a", None)
    timers.nudge("bell", "bell:b", NOW)
    await eventually(lambda: bell.rung == ["bell:b"])


async def test_a_timer_gets_the_cause_of_its_command(timers: Timers, bell: Bell) -> None:
    timers.nudge("bell", "bell:a", NOW)
    timers.nudge("bell", "bell:b", NOW)
    await eventually(lambda: len(bell.causes) == 2)
    one, other = bell.causes
    assert (one.id, one.time, one.actor) == (f"timer:{one.correlation_id}", NOW, "service:tally")
    assert one.correlation_id != other.correlation_id
    assert (one.tenant, one.key, one.position, one.on_bus) == (None, None, None, False)


@pytest.mark.parametrize("id", ["bell:a", "bell:" + "x" * 500, "bell:a+b @c"])
def test_an_event_takes_every_cause_of_the_service_itself(id: str) -> None:
    cause = own_cause("tally", "timer", id, at=NOW)
    identifier = TypeAdapter(Id)
    assert identifier.validate_python(cause.id) == cause.id
    assert identifier.validate_python(cause.correlation_id) == cause.correlation_id
    assert own_cause("tally", "timer", id, at=NOW + timedelta(microseconds=1)).id != cause.id
