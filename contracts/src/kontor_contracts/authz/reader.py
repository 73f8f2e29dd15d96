"""Follows ``relationships.snapshot`` in the caller's process, and answers from memory. Needs aiokafka.

    async with Reader(bootstrap_servers="localhost:9092", file=Path("authz.view")) as reader:
        answer = reader.may(organization_id, "order", customer_id)

**How old an answer may be.** Every ``every`` seconds the reader asks the broker where the topic ends, and reads up to there.
`behind` is the time since the last such question that it has read up to: whatever stood in the topic then is in the answer.
An answer that would be older than ``fresh_within`` is refused with StaleError. What Kontor has saved and not yet published,
some milliseconds as a rule, comes on top; while its broker is away, that is ``kontor_outbox_oldest_seconds``.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from kontor_contracts.authz.view import TOPIC, Answer, SavedView, StaleError, View
from kontor_contracts.customers import Action
from kontor_contracts.errors import MalformedError
from kontor_contracts.relationships import PartnershipSnapshot

log = logging.getLogger(__name__)  # noqa: TID251  a library: who uses it chooses how to log

POLL_MS = 500
NO_GROUP: Mapping[str, Any] = {"enable_auto_commit": False, "auto_offset_reset": "earliest"}
LONGEST_AWAY = timedelta(milliseconds=TOPIC.retention_ms) - timedelta(days=1)
"""A view that was saved before that may have missed tombstones, so the reader begins at zero instead."""


class Reader:
    """``kafka``: options of `aiokafka.AIOKafkaConsumer`, such as ``bootstrap_servers``. It joins no consumer group.

    ``topic``: with its prefix. ``file``: a view is loaded from there at the start and saved there at the end; `save` does it at
    any time. ``fresh_within``, ``every``: seconds.
    """

    def __init__(
        self,
        *,
        topic: str = TOPIC.name,
        file: Path | None = None,
        fresh_within: float = 5.0,
        every: float = 0.5,
        clock: Callable[[], float] = time.monotonic,
        **kafka: Any,
    ) -> None:
        self.view = View()
        self._topic = topic
        self._file = file
        self._fresh_within = fresh_within
        self._every = every
        self._clock = clock
        self._kafka = kafka
        self._next: dict[int, int] = {}
        self._proved: float | None = None
        self._caught_up = asyncio.Event()
        self._following: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Returns at once; `ready` waits until there are answers."""
        self._following = asyncio.create_task(self._follow())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        if self._file is not None and self._proved is not None:
            await asyncio.to_thread(self.save, self._file)

    async def ready(self) -> None:
        """Return when the topic was read to its end once."""
        await self._caught_up.wait()

    @property
    def behind(self) -> float:
        """Seconds. What stood in the topic so long ago is in every answer; infinite before the end was reached once."""
        return float("inf") if self._proved is None else self._clock() - self._proved

    def save(self, file: Path) -> None:
        """The view and its position, for the next start. Call it from the loop's own thread, or while nothing follows."""
        self.view.save(file, self._next, datetime.now(UTC))

    # -- questions. Each raises StaleError where the answer could be too old.

    def may(self, organization_id: str, action: Action, customer_id: str) -> Answer:
        """Whether the partner, named by its organization, may do this for the customer. ValueError for an unknown action."""
        return self._fresh().may(organization_id, action, customer_id)

    def customers_of(self, organization_id: str) -> list[str]:
        """The customers of an active partner."""
        return self._fresh().customers_of(organization_id)

    def partners_of(self, customer_id: str) -> list[str]:
        """The partner ids of a customer's partners."""
        return self._fresh().partners_of(customer_id)

    def partnership(self, provider_id: str, reseller_id: str) -> PartnershipSnapshot | None:
        """The partnership of the two, if there is one."""
        return self._fresh().partnership(provider_id, reseller_id)

    def _fresh(self) -> View:
        if (behind := self.behind) > self._fresh_within:
            raise StaleError(behind, self._fresh_within)
        return self.view

    # -- following

    async def _follow(self) -> None:
        """Never returns. While the broker is away nothing is known for sure, and `behind` grows."""
        if self._file is not None:
            await self._load(self._file)
        while True:
            consumer = AIOKafkaConsumer(**NO_GROUP, **self._kafka)
            try:
                await consumer.start()
                await self._assign(consumer)
                while True:
                    await self._catch_up(consumer)
                    await asyncio.sleep(self._every)
            except (KafkaError, OSError) as error:
                log.warning("%s could not be read: %s: %s", self._topic, type(error).__name__, error)
                await asyncio.sleep(self._every)
            finally:
                with suppress(KafkaError):
                    await consumer.stop()

    async def _load(self, file: Path) -> None:
        try:
            view, saved = await asyncio.to_thread(View.load, file)
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            log.warning("%s was not loaded: %s", file, error)
            return
        if is_usable(saved, datetime.now(UTC)):
            self.view, self._next = view, dict(saved.offsets)

    async def _assign(self, consumer: AIOKafkaConsumer) -> None:
        await consumer.topics()
        numbers = consumer.partitions_for_topic(self._topic)
        if not numbers:
            raise KafkaError(f"there is no topic {self._topic}, or this user may not read it")
        places = [TopicPartition(self._topic, number) for number in numbers]
        first, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        if any(not first[place] <= self._next.get(place.partition, first[place]) <= ends[place] for place in places):
            # The topic is another one than that of the saved view, or has lost what comes next.
            self.view, self._next = View(), {}
        consumer.assign(places)
        consumer.pause(*places)
        for place in places:
            consumer.seek(place, self._next.setdefault(place.partition, first[place]))

    async def _catch_up(self, consumer: AIOKafkaConsumer) -> None:
        """Read to the end as it is now. Fetching goes on only while there is something to fetch."""
        at = self._clock()
        places = consumer.assignment()
        ends = await consumer.end_offsets(places)
        behind = {place for place, end in ends.items() if await consumer.position(place) < end}
        consumer.resume(*behind)
        while behind:
            for place, records in (await consumer.getmany(timeout_ms=POLL_MS)).items():
                for record in records:
                    self._apply(record)
                    self._next[place.partition] = record.offset + 1
            behind = {place for place in behind if await consumer.position(place) < ends[place]}
        consumer.pause(*places)
        self._proved = at
        self._caught_up.set()

    def _apply(self, record: Any) -> None:
        try:
            self.view.apply(record.key, record.value, record.headers)
        except MalformedError as error:
            # Only Kontor may write there. What cannot be read changes nothing, and the others go on.
            log.warning("%s/%s/%s: %s", record.topic, record.partition, record.offset, error)


def is_usable(saved: SavedView, now: datetime) -> bool:
    """Whether a reader may go on from there: no tombstone has gone since."""
    return now - saved.at < LONGEST_AWAY
