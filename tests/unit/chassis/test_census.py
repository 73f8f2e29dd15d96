"""Documents are counted by status, with the age of the oldest."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from math import isnan
from typing import Any

from prometheus_client import CollectorRegistry

from chassis.errors import UnavailableError
from chassis.observability.census import Census, Counting

NOW = datetime(2026, 11, 28, tzinfo=UTC)
CENSUS = Census(
    metric="kontor_things",
    what="Things",
    status="state.status",
    statuses=("open", "done"),
    aged=("open",),
    field="state.at",
    since=lambda value: datetime.fromisoformat(value) if value else None,
)


class Store:
    def __init__(self, *found: tuple[str, datetime | None]) -> None:
        self.found = found
        self.away = False

    async def count(self, _: Any, where: Mapping[str, str], *, limit: int | None) -> int:
        assert limit is None
        if self.away:
            raise UnavailableError("database: no answer")
        return sum(status == where["state.status"] for status, _ in self.found)

    async def values(self, _: Any, where: Mapping[str, str], field: str) -> AsyncIterator[str | None]:
        assert field == "state.at"
        for status, at in self.found:
            if status == where["state.status"]:
                yield at.isoformat() if at else None


async def looked(store: Any) -> tuple[CollectorRegistry, Counting]:
    registry = CollectorRegistry()
    counting = Counting(CENSUS, store, store, registry, lambda: NOW)
    await counting.look()
    return registry, counting


def value(registry: CollectorRegistry, name: str, status: str) -> float | None:
    return registry.get_sample_value(name, {"status": status})


async def test_documents_are_counted_by_status() -> None:
    hour = NOW - timedelta(hours=1)
    registry, _ = await looked(Store(("open", NOW), ("open", hour), ("open", None), ("done", hour)))
    assert value(registry, "kontor_things", "open") == 3
    assert value(registry, "kontor_things", "done") == 1
    assert value(registry, "kontor_things_oldest_seconds", "open") == 3600
    assert value(registry, "kontor_things_oldest_seconds", "done") is None


async def test_no_document_is_zero() -> None:
    registry, _ = await looked(Store())
    assert value(registry, "kontor_things", "open") == 0
    assert value(registry, "kontor_things_oldest_seconds", "open") == 0


async def test_a_database_that_is_away_makes_the_counts_unknown() -> None:
    store = Store(("open", NOW))
    registry, counting = await looked(store)
    store.away = True
    await counting.look()
    for name in ("kontor_things", "kontor_things_oldest_seconds"):
        assert isnan(value(registry, name, "open") or 0)
