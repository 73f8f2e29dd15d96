"""The flood guard: pauses one partition when too many of its records fail in our own handling, and tries it again by itself.

A circuit breaker per partition. *Closed*: records are handled, and each failure of ours counts for a minute. *Open*: the
partition is paused at the broker's client, and nothing of it is parked. *Half-open*: its records are tried one at a time.
The first that is applied closes the breaker. One that fails is parked, so that no single record can hold the partition
for ever, and the breaker opens again for twice as long.

What a writer did wrong (a malformed record, a foreign source) never counts here: a writer must not be able to stop a reader.
"""

import time
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import structlog
from aiokafka import TopicPartition

log = structlog.get_logger("chassis.consumer.breaker")

WINDOW_SECONDS = 60.0
"""How long a failure counts."""
CALM_SECONDS = 600.0
"""A partition that fails again within this time after it was resumed waits longer than the last time."""

State = Literal["closed", "open", "half-open"]


@dataclass(frozen=True, slots=True)
class PausedPartition:
    """One entry of ``Consumer.paused()``, for reports. ``retry_seconds`` is the time until the next try; 0 while it runs."""

    topic: str
    partition: int
    since: datetime
    reason: str
    state: Literal["open", "half-open"]
    retry_seconds: float


@dataclass(slots=True)
class _Guard:
    """``pause`` is the length of the last pause, in seconds; times but ``since`` are of the monotonic clock."""

    state: State = "closed"
    recent: deque[float] = field(default_factory=deque)
    since: datetime | None = None
    reason: str = ""
    pause: float = 0.0
    until: float = 0.0
    resumed: float = float("-inf")


class Breaker:
    """Of one consumer. ``changed`` is called for each partition that pauses (with the time) or goes on (with None)."""

    def __init__(
        self,
        *,
        limit: int,
        first_pause: float,
        longest_pause: float,
        now: Callable[[], datetime],
        changed: Callable[[TopicPartition, datetime | None], None] = lambda *_: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = limit
        self._first = first_pause
        self._longest = longest_pause
        self._now = now
        self._changed = changed
        self._clock = clock
        self._guards: dict[TopicPartition, _Guard] = {}

    @property
    def tripped(self) -> bool:
        """Whether any partition is paused or being tried: cheap to ask before asking about one."""
        return any(guard.state != "closed" for guard in self._guards.values()) if self._guards else False

    def state(self, place: TopicPartition) -> State:
        guard = self._guards.get(place)
        return guard.state if guard else "closed"

    def admits(self, place: TopicPartition, reason: str) -> bool:
        """Count a failure of ours. False: do not park the record, its partition is paused."""
        guard = self._guards.setdefault(place, _Guard())
        guard.reason = reason
        if guard.state != "closed":
            return guard.state == "half-open"
        now = self._clock()
        while guard.recent and now - guard.recent[0] > WINDOW_SECONDS:
            guard.recent.popleft()
        if len(guard.recent) >= self._limit:
            self._open(place, guard)
            return False
        guard.recent.append(now)
        return True

    def parked(self, place: TopicPartition) -> None:
        """The dead letter of an admitted failure is written. A half-open partition pauses again."""
        guard = self._guards.get(place)
        if guard is not None and guard.state == "half-open":
            self._open(place, guard)

    def not_parked(self, place: TopicPartition) -> None:
        """The dead letter of an admitted failure could not be written; the record comes again and counts then."""
        guard = self._guards.get(place)
        if guard is not None and guard.state == "closed" and guard.recent:
            guard.recent.pop()

    def worked(self, place: TopicPartition) -> None:
        """A record was handled. A half-open partition goes on."""
        guard = self._guards.get(place)
        if guard is None or guard.state != "half-open":
            return
        guard.state, guard.since, guard.resumed = "closed", None, self._clock()
        guard.recent.clear()
        self._changed(place, None)
        log.info("partition_resumed", topic=place.topic, partition=place.partition)

    def due(self) -> list[TopicPartition]:
        """Partitions whose pause is over. They are half-open from now on."""
        if not self._guards:
            return []
        now = self._clock()
        found = [place for place, guard in self._guards.items() if guard.state == "open" and guard.until <= now]
        for place in found:
            self._guards[place].state = "half-open"
            log.info("partition_retried", topic=place.topic, partition=place.partition)
        return found

    def keep(self, assigned: Collection[TopicPartition]) -> None:
        """Forget partitions that another instance reads now."""
        for place in self._guards.keys() - set(assigned):
            if self._guards.pop(place).state != "closed":
                self._changed(place, None)

    def paused(self) -> list[PausedPartition]:
        now = self._clock()
        return [
            PausedPartition(
                topic=place.topic,
                partition=place.partition,
                since=guard.since,
                reason=guard.reason,
                state=guard.state,
                retry_seconds=max(0.0, guard.until - now) if guard.state == "open" else 0.0,
            )
            for place, guard in sorted(self._guards.items())
            if guard.state != "closed" and guard.since is not None
        ]

    def _open(self, place: TopicPartition, guard: _Guard) -> None:
        now = self._clock()
        again = guard.state == "half-open" or now - guard.resumed < CALM_SECONDS
        guard.pause = min(guard.pause * 2, self._longest) if again and guard.pause else self._first
        guard.state, guard.until = "open", now + guard.pause
        if guard.since is None:
            guard.since = self._now()
            self._changed(place, guard.since)
        log.critical(
            "partition_paused",
            topic=place.topic,
            partition=place.partition,
            since=guard.since.isoformat(),
            reason=guard.reason,
            retry_seconds=guard.pause,
        )
