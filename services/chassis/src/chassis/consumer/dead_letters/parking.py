"""Parking: where the records go that cannot be applied, and the guard against parking a whole topic.

A record that holds up its key is opened in the key's document first; then the dead letter is written; then its offset is
committed. What happens when the process ends in between, `chassis.consumer.dead_letters.blocked_keys` tells.
"""

from collections.abc import Mapping

import structlog
from aiokafka import ConsumerRecord, TopicPartition

from chassis.configuration.settings import Settings
from chassis.consumer.breaker import Breaker
from chassis.consumer.dead_letters.blocked_key import blocked_key_id
from chassis.consumer.dead_letters.blocked_keys import BlockedKeys
from chassis.consumer.dead_letters.headers import Failure, dead_letter_headers, fingerprint, marker_headers
from chassis.errors import PermanentError, UnavailableError
from chassis.kafka.producer import Producer
from chassis.observability.metrics import Metrics
from kontor_contracts.deadletters import Headers, Place

log = structlog.get_logger("chassis.consumer.dead_letters.parking")


class FloodError(Exception):
    """More records of a partition failed in our own handling than may be parked: the fault is ours, the partition waits."""


class Parking:
    """One consumer's dead letters."""

    def __init__(
        self, settings: Settings, *, group: str, producer: Producer, blocked_keys: BlockedKeys, metrics: Metrics
    ) -> None:
        self.topic = settings.topic(f"{group}.dlq")
        self.breaker = Breaker(
            limit=settings.park_limit,
            first_pause=settings.park_pause,
            longest_pause=settings.park_longest_pause,
            now=settings.now,
            changed=metrics.partition_paused,
        )
        self._settings = settings
        self.group = settings.topic(group)
        self.blocked_keys = blocked_keys
        self._producer = producer
        self._metrics = metrics
        self._parked: dict[TopicPartition, set[int]] = {}

    async def park(self, record: ConsumerRecord, failure: Failure) -> None:
        """Return once the broker has the dead letter. Raises a TransientError, FloodError."""
        if failure.stage == "wait":
            # It is open already, and no fault of its own or ours brought it here.
            await self._publish(record, failure, blocked_key_id(record), {})
        elif failure.by_writer:
            await self._block_and_publish(record, failure)
            self._metrics.writer_fault(record.topic, failure.source)
        else:
            await self._count_and_publish(record, failure)
        self._parked.setdefault(TopicPartition(record.topic, record.partition), set()).add(record.offset)

    async def park_again(
        self, record: ConsumerRecord, failure: Failure, blocked_key: str | None, replay: Mapping[str, str]
    ) -> None:
        """The same for a record whose replay failed. It counts for no flood: an operator sets the pace."""
        await self._publish(record, failure, blocked_key, replay)

    async def resolve(self, record: ConsumerRecord, outcome: str, replay: Mapping[str, str], left: int) -> None:
        """Say that its dead letter is settled, and how many of its key are left. Raises UnavailableError."""
        says = {"dlq-resolves": str(_place(record)), "dlq-outcome": outcome, "dlq-lane-open": str(left)}
        await self._mark(record, says, replay)

    async def close(self, record: ConsumerRecord, outcome: str) -> None:
        """Of an open record that its own topic has brought again: the same, and take it off its key.

        The other way round, a crash in between would leave a dead letter that nothing is going to close.
        """
        open_ = (await self.blocked_keys.of(record)).open
        await self.resolve(record, outcome, {}, len(open_) - (record.offset in open_))
        await self.blocked_keys.settle(record)

    async def refuse(self, record: ConsumerRecord, reason: str, replay: Mapping[str, str]) -> None:
        """Say that a replay was not tried. Raises UnavailableError."""
        await self._mark(record, {"dlq-refuses": str(_place(record)), "dlq-reason": reason}, replay)

    async def _count_and_publish(self, record: ConsumerRecord, failure: Failure) -> None:
        place = TopicPartition(record.topic, record.partition)
        reason = f"{type(failure.error).__name__} {fingerprint(record.topic, failure.stage, failure.error)}"
        if not self.breaker.admits(place, reason):
            raise FloodError(reason)
        try:
            await self._block_and_publish(record, failure)
        except BaseException:
            self.breaker.not_parked(place)
            raise
        self.breaker.parked(place)

    async def _block_and_publish(self, record: ConsumerRecord, failure: Failure) -> None:
        blocked_key = await self.blocked_keys.block(record) if failure.blocks else None
        await self._publish(record, failure, blocked_key, {})

    async def _publish(
        self, record: ConsumerRecord, failure: Failure, blocked_key: str | None, replay: Mapping[str, str]
    ) -> None:
        headers = dead_letter_headers(
            record,
            failure,
            group=self.group,
            version=self._settings.version,
            blocked_key=blocked_key,
            now=self._settings.now(),
            replay=replay,
        )
        await self._send(record.key, record.value, headers)
        self._metrics.dead_letters.labels(record.topic, failure.stage).inc()
        error = failure.error
        tell = log.info if failure.stage == "wait" else log.error
        tell(
            "record parked",
            stage=failure.stage,
            error=f"{type(error).__name__}: {error}",
            source=failure.source,
            fingerprint=fingerprint(record.topic, failure.stage, error),
            exc_info=error if failure.stage == "handle" else None,
        )

    async def _mark(self, record: ConsumerRecord, says: Mapping[str, str], replay: Mapping[str, str]) -> None:
        headers = marker_headers(says, group=self.group, now=self._settings.now(), replay=replay)
        await self._send(record.key, None, headers)

    async def _send(self, key: bytes | None, value: bytes | None, headers: Headers) -> None:
        try:
            await self._producer.ensure()
            await self._producer.send(self.topic, key, value, list(headers))
        except PermanentError as failure:
            # Its record can be neither applied nor parked: it waits, and those behind it with it.
            raise UnavailableError(f"dead letters: {failure}") from failure

    def has(self, record: ConsumerRecord) -> bool:
        """Whether the record was parked already, and is read again because one before it had to be."""
        # Nearly always there is none.
        return bool(self._parked) and record.offset in self._parked.get(
            TopicPartition(record.topic, record.partition), ()
        )

    def committed(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Forget what will not be read again."""
        for place, offset in offsets.items():
            if left := {parked for parked in self._parked.pop(place, ()) if parked >= offset}:
                self._parked[place] = left


def _place(record: ConsumerRecord) -> Place:
    return Place(record.topic, record.partition, record.offset)
