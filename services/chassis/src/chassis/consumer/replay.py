"""Replaying: dead letters that an operator sends back, through ``<group>.replay``, to the one group that parked them.

A replayed record is handled as what it was when it was first read: its topic, partition and offset are those of then, so the
rules of its topic, its watermark and its command id are the same, and replaying twice applies once. The key's document
decides whether it is its turn (it is the first open one), read for each record, because the instance that reads the
replay topic need not be the one that owns the record's key (`blocked_keys` tells how that one gets to know).

Order of actions: apply, take the record off its key, tell the dead-letter topic (and how many records of the key are
still open, so that nobody has to guess whether more are coming), commit. After a crash in between, the record is read again,
found applied or off its key already, and told as a duplicate.

An operator who discards a record while a replay of it is being handled elsewhere may see both; discarding waits for no one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import structlog
from aiokafka import ConsumerRecord

from chassis import tracing
from chassis.consumer.dead_letters.blocked_key import BlockedKey, standing
from chassis.consumer.dead_letters.blocked_keys import BlockedKeys
from chassis.consumer.dead_letters.headers import Failure
from chassis.consumer.dead_letters.parking import Parking
from chassis.consumer.processor import OutcomeName, Processor
from chassis.observability import context as about
from chassis.observability.metrics import Metrics
from kontor_contracts import MalformedError
from kontor_contracts.deadletters import DISCARD, Place, notes, number, without_notes

log = structlog.get_logger("chassis.consumer.replay")


@dataclass(frozen=True, slots=True)
class Replay:
    """A record as it was when it was parked, and what the notes on it say."""

    record: ConsumerRecord
    notes: Mapping[str, str]

    @classmethod
    def of(cls, sent: ConsumerRecord) -> "Replay":
        """Raises MalformedError for a record that is no dead letter."""
        found = notes(sent.headers)
        was = Place.original(found)
        timestamp = number(found.get("dlq-original-timestamp", ""))
        record = replace(
            sent,
            topic=was.topic,
            partition=was.partition,
            offset=was.offset,
            timestamp=sent.timestamp if timestamp is None else timestamp,
            headers=tuple(without_notes(sent.headers)),
        )
        return cls(record, found)


class Replays:
    """Of one consumer group."""

    def __init__(
        self, *, topic: str, records: Processor, parking: Parking, blocked_keys: BlockedKeys, metrics: Metrics
    ) -> None:
        self.topic = topic
        self._records = records
        self._parking = parking
        self._blocked_keys = blocked_keys
        self._metrics = metrics

    async def finish(self, sent: ConsumerRecord) -> None:
        """Bring it to its outcome; ``parked``: its dead letter is still open. Raises a TransientError, FloodError."""
        about.record(sent)
        outcome = await self._outcome(sent)
        self._metrics.record_done(sent.topic, "?", outcome)

    async def _outcome(self, sent: ConsumerRecord) -> OutcomeName:
        if self._parking.has(sent):
            return "duplicate"
        try:
            found = Replay.of(sent)
        except MalformedError as error:
            await self._parking.park(sent, Failure("parse", error, blocks=False))
            return "parked"
        if found.notes.get("dlq-action") == DISCARD:
            return await self._discard(found)
        blocked_key = await self._blocked_keys.of(found.record)
        if (refusal := self._refusal(found, blocked_key)) is not None:
            log.warning("replay_refused", reason=refusal)
            await self._parking.refuse(found.record, refusal, found.notes)
            return "parked"
        return await self._try(found, blocked_key)

    async def _discard(self, found: Replay) -> OutcomeName:
        log.warning("record_discarded", by=found.notes.get("dlq-operator"), reason=found.notes.get("dlq-reason"))
        left = await self._blocked_keys.settle_at(_at(found.record, found.record.offset))
        await self._parking.resolve(found.record, "discarded", found.notes, left)
        return "ignored"

    def _refusal(self, found: Replay, blocked_key: BlockedKey) -> str | None:
        """Why it may not be tried."""
        record = found.record
        group = found.notes.get("dlq-consumer-group")
        if group != self._parking.group:
            return f"it was parked by {group}, not by {self._parking.group}"
        if not self._records.decoder.reads(record.topic):
            return f"{self._parking.group} does not read {record.topic}"
        if _settled(found, blocked_key) or standing(blocked_key, record.offset) in ("free", "first"):
            return None
        return f"not its turn: {_at(record, blocked_key.open[0])} is before it"

    async def _try(self, found: Replay, blocked_key: BlockedKey) -> OutcomeName:
        record = found.record
        with tracing.record(record.topic, record.partition, record.offset, self._records.decoder.traced(record)):
            outcome = "duplicate" if _settled(found, blocked_key) else await self._records.attempt(record)
        if isinstance(outcome, Failure):
            stays = found.notes.get("dlq-lane") if outcome.blocks else None
            await self._parking.park_again(record, outcome, stays, found.notes)
            if not outcome.blocks:
                await self._blocked_keys.settle(record)
            return "parked"
        log.info("record_replayed", outcome=outcome, original=str(_at(record, record.offset)))
        left = await self._blocked_keys.settle(record)
        await self._parking.resolve(record, outcome, found.notes, left)
        return outcome


def _settled(found: Replay, blocked_key: BlockedKey) -> bool:
    """It held up a key and does not any more: somebody was faster. What is behind it may have been applied since."""
    return "dlq-lane" in found.notes and found.record.offset not in blocked_key.open


def _at(record: ConsumerRecord, offset: int) -> Place:
    return Place(record.topic, record.partition, offset)
