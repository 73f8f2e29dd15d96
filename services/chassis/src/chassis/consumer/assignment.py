"""Which partitions this instance of a consumer group has, and how far it is behind in them."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from chassis.observability.metrics import Metrics

log = structlog.get_logger("chassis.consumer.assignment")

LOOK_SECONDS = 5.0
SAY_EVERY = 600.0
POSITION_SECONDS = 1.0


class Assignment:
    """Looks at the client that the consumer has just now; None before it has joined its group."""

    def __init__(
        self,
        client: Callable[[], AIOKafkaConsumer | None],
        *,
        group: str,
        topics: Iterable[str],
        after: float,
        metrics: Metrics,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``after``: seconds without a partition that are reported."""
        self._client = client
        self._group = group
        self._topics = tuple(topics)
        self._after = after
        self._metrics = metrics
        self._clock = clock
        self._partitions: Counter[str] = Counter()
        self._lag: Counter[str] = Counter()
        self._without_since: float | None = clock()
        self._said: float | None = None

    async def watch(self) -> None:
        """Never returns."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        client = self._client()
        assigned = client.assignment() if client is not None else frozenset()
        self._partitions = Counter(place.topic for place in assigned)
        self._lag = await self._behind(client, assigned) if client is not None else Counter()
        for topic in self._topics:
            self._metrics.assigned.labels(topic).set(self._partitions[topic])
            self._metrics.lag.labels(topic).set(self._lag[topic])
        self._judge()

    def report(self) -> dict[str, Any]:
        without = None if self._without_since is None else round(self._clock() - self._without_since, 1)
        return {
            "group": self._group,
            "assigned_partitions": {topic: self._partitions[topic] for topic in self._topics},
            "lag": {topic: self._lag[topic] for topic in self._topics},
            "unassigned_seconds": without,
        }

    async def _behind(self, client: AIOKafkaConsumer, assigned: Iterable[TopicPartition]) -> "Counter[str]":
        lag: Counter[str] = Counter()
        for place in assigned:
            end = client.highwater(place)
            if end is None:
                continue  # nothing was fetched from it yet
            try:
                async with asyncio.timeout(POSITION_SECONDS):
                    lag[place.topic] += max(0, end - await client.position(place))
            except (KafkaError, TimeoutError):
                continue
        return lag

    def _judge(self) -> None:
        now = self._clock()
        if self._partitions:
            if self._said is not None:
                log.info("partitions_assigned", group=self._group, partitions=sum(self._partitions.values()))
            self._without_since = self._said = None
            self._metrics.unassigned.set(0)
            return
        if self._without_since is None:
            self._without_since = now
        seconds = now - self._without_since
        self._metrics.unassigned.set(seconds)
        if seconds >= self._after and (self._said is None or now - self._said >= SAY_EVERY):
            self._said = now
            log.warning(
                "no_partition_assigned",
                group=self._group,
                seconds=round(seconds),
                hint="more instances than partitions, or the group does not settle; see its members at the broker",
            )
