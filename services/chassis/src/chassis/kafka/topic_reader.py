"""Topics that a process reads by itself, without a consumer group: from some way back, and then what comes."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from datetime import timedelta

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from chassis.configuration.settings import Settings
from chassis.kafka import aiokafka_patches

log = structlog.get_logger("chassis.kafka.topic_reader")

POLL_MS = 500


class TopicReader:
    """Hands every record of ``topics`` (the broker's names) to ``note``. What cannot be read is ``note``'s business.

    Its owner looks at the ends of the topics from time to time (`repeatedly`). Fetching goes on only while there is something to
    fetch: nearly always there is nothing, and not every broker lets such a fetch wait.
    """

    def __init__(self, settings: Settings, topics: Iterable[str], note: Callable[[ConsumerRecord], None]) -> None:
        self._settings = settings
        self._note = note
        self._consumer: AIOKafkaConsumer | None = None
        self.topics = frozenset(topics)

    async def join(self, back: timedelta | None = None) -> None:
        """Stand where the last ``back`` begins, at the end without. Once it has returned, nothing that is written is missed.

        Raises KafkaError, and may be called again.
        """
        aiokafka_patches.install()
        await self.leave()
        consumer = AIOKafkaConsumer(
            *self.topics,
            **self._settings.kafka_options(),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        # Kept before it starts, so that one that hangs is stopped, too.
        self._consumer = consumer
        await consumer.start()
        partitions = consumer.assignment()
        consumer.pause(*partitions)
        ends: Mapping[TopicPartition, int] = await consumer.end_offsets(partitions)
        found = {}
        if back is not None:
            since = int((self._settings.now() - back).timestamp() * 1000)
            found = await consumer.offsets_for_times(dict.fromkeys(partitions, since))
        for partition in partitions:
            first = found.get(partition)
            # None: nothing was written since then.
            consumer.seek(partition, first.offset if first else ends[partition])

    async def leave(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            with suppress(KafkaError):
                await consumer.stop()

    async def catch_up(self) -> None:
        """Read to the end as it is now. Raises KafkaError; before it has joined, too."""
        consumer = self._consumer
        if consumer is None:
            raise KafkaError("not joined")
        partitions = consumer.assignment()
        ends: Mapping[TopicPartition, int] = await consumer.end_offsets(partitions)
        behind = {partition for partition, end in ends.items() if await consumer.position(partition) < end}
        consumer.resume(*behind)
        while behind:
            batches = await consumer.getmany(timeout_ms=POLL_MS)
            for records in batches.values():
                for record in records:
                    self._note(record)
            behind = {partition for partition in behind if await consumer.position(partition) < ends[partition]}
        consumer.pause(*partitions)


async def repeatedly(look: Callable[[], Awaitable[None]], what: str, every: float) -> None:
    """Look every so many seconds, for ever. What fails is said, and tried again at the next look."""
    while True:
        await asyncio.sleep(every)
        try:
            await look()
        except Exception as error:  # noqa: BLE001  whatever it is, looking must go on
            log.warning("topic_read_failed", what=what, error=type(error).__name__, held=True)
