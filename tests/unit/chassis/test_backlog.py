"""What waits in the database is known, or said to be unknown."""

from datetime import UTC, datetime, timedelta
from math import isnan

from chassis.errors import UnavailableError
from chassis.observability.backlog import Backlog
from chassis.observability.metrics import Metrics

NOW = datetime(2026, 11, 28, tzinfo=UTC)


class Waiting:
    def __init__(self) -> None:
        self.pending: list[str] = []
        self.oldest: datetime | None = None
        self.due: datetime | None = None
        self.away = False

    async def pending_ids(self, limit: int) -> list[str]:
        return self.pending[:limit]

    async def oldest_pending(self) -> datetime | None:
        if self.away:
            raise UnavailableError("database: no answer")
        return self.oldest

    async def oldest_due(self, now: datetime) -> datetime | None:
        return self.due if self.due and self.due <= now else None


def values(metrics: Metrics) -> list[float]:
    names = ("kontor_outbox_oldest_seconds", "kontor_outbox_pending_documents", "kontor_timers_overdue_seconds")
    return [value for name in names if (value := metrics.registry.get_sample_value(name)) is not None]


async def test_nothing_waits_is_zero() -> None:
    metrics, store = Metrics(), Waiting()
    await Backlog(store, store, metrics, lambda: NOW).look()
    assert values(metrics) == [0, 0, 0]


async def test_what_waits_has_its_age() -> None:
    metrics, store = Metrics(), Waiting()
    store.pending, store.oldest = ["a", "b"], NOW - timedelta(seconds=90)
    store.due = NOW - timedelta(seconds=30)
    await Backlog(store, store, metrics, lambda: NOW).look()
    assert values(metrics) == [90, 2, 30]


async def test_a_database_that_is_away_makes_it_unknown() -> None:
    metrics, store = Metrics(), Waiting()
    store.oldest = NOW - timedelta(seconds=90)
    backlog = Backlog(store, store, metrics, lambda: NOW)
    await backlog.look()
    store.away = True
    await backlog.look()
    assert all(map(isnan, values(metrics)))
    store.away = False
    await backlog.look()
    assert values(metrics)[0] == 90
