"""The consumer: records to commands, in order per key, each record with exactly one outcome.

Records come in batches. Those of one key run one after the other; different keys run side by side. The offsets
are committed once every record of the batch has its outcome: applied, duplicate, ignored or parked. Where transient
trouble outlasts the waits in place, the batch is committed as far as it got, the rest is rewound and read again.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from chassis.aggregate.handler import Handler
from chassis.configuration.settings import Settings
from chassis.consumer.assignment import Assignment
from chassis.consumer.breaker import PausedPartition
from chassis.consumer.coalescing import Coalescer
from chassis.consumer.dead_letters.blocked_keys import BlockedKeys, OnAssignment
from chassis.consumer.dead_letters.parking import Parking
from chassis.consumer.decoder import Decoder
from chassis.consumer.halts import Halts
from chassis.consumer.keys import KeyRunner
from chassis.consumer.offsets import first_offsets, hold, partition_of, resume, rewind
from chassis.consumer.processor import Processor
from chassis.consumer.reactions import Reactions
from chassis.consumer.replay import Replays
from chassis.consumer.sequences import Sequences
from chassis.errors import TransientError
from chassis.kafka import faststream_adapter
from chassis.kafka.faststream_adapter import Batch, Broker
from chassis.kafka.producer import Producer
from chassis.mongo.pace import Pace, backlog
from chassis.mongo.store import MongoStore
from chassis.observability.metrics import Metrics
from kontor_contracts.topics import Topic

log = structlog.get_logger("chassis.consumer.consumer")

SLOW_BATCH_SECONDS = 10.0
"""A batch that takes longer is followed by one with fewer keys at a time."""
PAUSE_SECONDS = 1.0
"""After a batch that did not get through: it is read again at once, and would turn in a tight circle."""


class Consumer:
    """One consumer group, named after its service, over all the topics it reads."""

    def __init__(
        self,
        settings: Settings,
        *,
        group: str,
        topics: Iterable[Topic],
        reactions: Reactions,
        handler: Handler,
        store: MongoStore,
        producer: Producer,
        metrics: Metrics,
    ) -> None:
        self._settings = settings
        # With the prefix of its topics: two installations on one cluster are two groups.
        self.group = settings.topic(group)
        self._topics = {settings.topic(topic.name): topic for topic in topics}
        self._metrics = metrics
        metrics.reads(self._topics)
        self._stopping = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._busy_since: float | None = None
        self._halts = Halts(settings.now, metrics.halted)
        self._pace = Pace(settings.batch_concurrency, slow=SLOW_BATCH_SECONDS)
        self._client: Callable[[], AIOKafkaConsumer | None] = lambda: None
        self.blocked_keys = BlockedKeys(
            store, handler, group=group, limit=settings.blocked_key_limit, now=settings.now, metrics=metrics
        )
        self.parking = Parking(
            settings, group=group, producer=producer, blocked_keys=self.blocked_keys, metrics=metrics
        )
        self._breaker = self.parking.breaker
        self._sequences = Sequences(metrics)
        decoder = Decoder(self._topics, wanted=reactions, sequences=self._sequences, reply_topics=settings.reply_topics)
        records = Processor(
            settings=settings,
            decoder=decoder,
            coalescer=Coalescer(
                settings,
                decoder=decoder,
                reactions=reactions,
                handler=handler,
                parking=self.parking,
                metrics=metrics,
            ),
            reactions=reactions,
            handler=handler,
            parking=self.parking,
            metrics=metrics,
            stopping=self._stopping,
            retried=self._pace.failed,
        )
        self._replays = Replays(
            topic=settings.topic(f"{group}.replay"),
            records=records,
            parking=self.parking,
            blocked_keys=self.blocked_keys,
            metrics=metrics,
        )
        self._keys = KeyRunner(records, self._replays, breaker=self._breaker, pace=self._pace, stopping=self._stopping)
        self.assignment = Assignment(
            lambda: self.client,
            group=self.group,
            topics=(*self._topics, self._replays.topic),
            after=settings.unassigned_after,
            metrics=metrics,
        )

    @property
    def client(self) -> AIOKafkaConsumer | None:
        """The client that reads, while there is one."""
        return self._client()

    @property
    def own_topics(self) -> tuple[str, str]:
        """Its dead letters and its replays."""
        return self.parking.topic, self._replays.topic

    def paused(self) -> list[PausedPartition]:
        """The partitions that the flood guard holds: since when, why, and when they are tried again. No reason to restart.

        For reports; readiness does not depend on it. Each is tried again by itself (`chassis.consumer.breaker`).
        """
        return self._breaker.paused()

    def report(self) -> dict[str, Any]:
        """How it is doing, for `chassis.lifecycle.management`."""
        busy = None if self._busy_since is None else round(time.monotonic() - self._busy_since, 1)
        paused = [{**asdict(each), "since": each.since.isoformat()} for each in self.paused()]
        own = {"paused_partitions": paused, "halted_partitions": self._halts.report(), "batch_seconds": busy}
        return {**self.assignment.report(), **own}

    def register(self, broker: Broker) -> None:
        """Subscribe to everything that the group reads, its replays included."""
        self._client = faststream_adapter.subscribe(
            broker,
            (*self._topics, self._replays.topic),
            self._settings,
            group=self.group,
            listener=OnAssignment(self.blocked_keys, self._breaker.keep),
            before_poll=self._try_again,
            on_batch=self.on_batch,
        )

    def _try_again(self, consumer: AIOKafkaConsumer) -> None:
        resume(consumer, self._breaker.due())

    async def on_batch(self, batch: Batch) -> None:
        """Give every record of the batch its outcome, or rewind to the first that has none. Never raises."""
        if self._stopping.is_set():
            rewind(batch.consumer, first_offsets(batch.records))
            await self._pause()
            return
        batch = self._without_paused(batch)
        if not batch.records:
            return
        self._idle.clear()
        self._busy_since = time.monotonic()
        try:
            self._metrics.batch.observe(len(batch.records))
            self._sequences.begin(batch.records)
            with backlog():
                await self.blocked_keys.refresh()
                unfinished = await self._keys.run(batch.records)
            await self._settle(batch, unfinished)
        except TransientError as error:
            log.warning("batch_returned", error=str(error), held=True)
            rewind(batch.consumer, first_offsets(batch.records))
            unfinished = list(batch.records)
        except Exception:
            # Nothing was committed, so the records come again; and they must come from this consumer too.
            log.exception("batch_failed")
            rewind(batch.consumer, first_offsets(batch.records))
            unfinished = list(batch.records)
        finally:
            seconds = time.monotonic() - self._busy_since
            self._busy_since = None
            self._idle.set()
        if unfinished:
            self._pace.failed(seconds)
        else:
            self._pace.took(seconds)
        self._metrics.consumer_concurrency.set(self._pace.limit)
        held = self._held()
        self._halts.note(map(partition_of, batch.records), set(map(partition_of, unfinished)) - held)
        self._halts.keep(batch.consumer.assignment())
        hold(batch.consumer, held)
        if any(partition_of(record) not in held for record in unfinished):
            await self._pause()

    def _without_paused(self, batch: Batch) -> Batch:
        """What is left of a batch without paused partitions. A client forgets a pause when partitions change hands."""
        held = self._held()
        if not held:
            return batch
        kept = tuple(record for record in batch.records if partition_of(record) not in held)
        if len(kept) < len(batch.records):
            hold(batch.consumer, held)
            rewind(batch.consumer, first_offsets(record for record in batch.records if partition_of(record) in held))
        return Batch(kept, batch.consumer)

    def _held(self) -> set[TopicPartition]:
        if not self._breaker.tripped:
            return set()
        return {TopicPartition(one.topic, one.partition) for one in self.paused() if one.state == "open"}

    async def drain(self, timeout: float) -> None:
        """Begin no further record; return when the current ones are done and their offsets committed."""
        self._stopping.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._idle.wait()

    def stuck(self, limit: float) -> bool:
        """True when one batch has been in work for longer than ``limit`` seconds."""
        return self._busy_since is not None and time.monotonic() - self._busy_since > limit

    async def _settle(self, batch: Batch, unfinished: Sequence[ConsumerRecord]) -> None:
        # Of each partition they come in order, so the last one stands.
        last = {(record.topic, record.partition): record.offset for record in batch.records}
        again = first_offsets(unfinished)
        commits = {place: again.get(place, offset + 1) for at, offset in last.items() if (place := TopicPartition(*at))}
        try:
            await batch.consumer.commit(commits)
        except KafkaError as error:
            # A rebalance took the partitions: their next owner reads these records again and finds duplicates.
            log.warning("commit_failed", error=type(error).__name__, held=True)
        self.parking.committed(commits)
        if again:
            self._metrics.given_back.inc()
            rewind(batch.consumer, again)

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(PAUSE_SECONDS):
                await self._stopping.wait()
