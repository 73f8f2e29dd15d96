"""What topics and groups are doing: asked of the broker every two seconds while somebody looks, for all who look together."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from kontor_cli.connection import Connection
from kontor_cli.story import places
from kontor_contracts.topics import SERVICES, TOPICS, read_by

EVERY_SECONDS = 2.0
KEPT = 150
"""Measurements: five minutes."""


@dataclass(frozen=True, slots=True)
class Ends:
    """``at`` by the monotonic clock; by topic, how many records there have ever been."""

    at: float
    topics: Mapping[str, int]


class Measuring:
    """``history`` holds what was measured, oldest first; ``watch`` yields each new one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._last: Ends | None = None
        self._number = 0
        self._watchers = 0
        self._task: asyncio.Task[None] | None = None
        self._new = asyncio.Condition()
        self.history: deque[dict[str, Any]] = deque(maxlen=KEPT)

    async def watch(self) -> AsyncIterator[dict[str, Any]]:
        async with self._counted():
            seen = self._number
            while True:
                async with self._new:
                    while self._number == seen:
                        await self._new.wait()
                seen = self._number
                yield self.history[-1]

    @asynccontextmanager
    async def _counted(self) -> AsyncIterator[None]:
        """The broker is asked only while somebody looks."""
        self._watchers += 1
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            self._watchers -= 1
            if not self._watchers and self._task is not None:
                self._task.cancel()
                self._task = None

    async def _run(self) -> None:
        while True:
            try:
                async with self._connection.consumer() as consumer, self._connection.admin() as admin:
                    while True:
                        await self._tell(await self.measure(consumer, admin))
                        await asyncio.sleep(EVERY_SECONDS)
            except (KafkaError, OSError, ValueError) as error:
                self._last = None
                await self._tell({"broker": f"{type(error).__name__}: {error}", "topics": [], "groups": []})
                await asyncio.sleep(EVERY_SECONDS)

    async def _tell(self, measured: dict[str, Any]) -> None:
        async with self._new:
            self._number += 1
            self.history.append({"number": self._number, "at": round(time.time(), 1), **measured})
            self._new.notify_all()

    async def measure(self, consumer: AIOKafkaConsumer, admin: AIOKafkaAdminClient) -> dict[str, Any]:
        """Topics with size and rate, and of each group the lag and the members."""
        prefix = self._connection.prefix
        all_places = await places(admin, [f"{prefix}{topic.name}" for topic in TOPICS])
        ends = await consumer.end_offsets(all_places) if all_places else {}
        begins = await consumer.beginning_offsets(all_places) if all_places else {}
        now = Ends(time.monotonic(), _sums(ends))
        sizes = {topic: total - _sums(begins)[topic] for topic, total in now.topics.items()}
        rates = _rates(self._last, now)
        self._last = now
        topics = [
            {
                "name": topic.name,
                "kind": topic.kind,
                "records": sizes.get(f"{prefix}{topic.name}"),
                "rate": rates.get(f"{prefix}{topic.name}"),
            }
            for topic in TOPICS
        ]
        groups = [await self._group(admin, group, ends) for group in SERVICES]
        return {"broker": "ok", "topics": topics, "groups": groups}

    async def _group(self, admin: AIOKafkaAdminClient, group: str, ends: Mapping[Any, int]) -> dict[str, Any]:
        """``lag`` of all topics; None: this user may not see it, or the group has read nothing yet."""
        prefix = self._connection.prefix
        read = {f"{prefix}{topic.name}" for topic in read_by(group)}
        try:
            committed = await admin.list_consumer_group_offsets(f"{prefix}{group}")
        except KafkaError:
            return {"name": group, "lag": None, "topics": {}}
        behind: dict[str, int] = {}
        for place, found in committed.items():
            if place.topic in read and place in ends:
                topic = place.topic.removeprefix(prefix)
                behind[topic] = behind.get(topic, 0) + max(0, ends[place] - found.offset)
        # A group that has committed nothing has read nothing yet: how far it is behind is not known.
        return {"name": group, "lag": sum(behind.values()) if behind else None, "topics": behind}


def _sums(offsets: Mapping[Any, int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, offset in offsets.items():
        found[place.topic] = found.get(place.topic, 0) + offset
    return found


def _rates(before: Ends | None, now: Ends) -> dict[str, float]:
    """Records a second since the last look."""
    if before is None:
        return {}
    seconds = max(now.at - before.at, 0.001)
    return {
        topic: round(max(0, total - before.topics[topic]) / seconds, 2)
        for topic, total in now.topics.items()
        if topic in before.topics
    }
