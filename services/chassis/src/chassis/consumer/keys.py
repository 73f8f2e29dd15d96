"""The records of a batch by key: those of one key one after the other, different keys side by side."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence

import structlog
from aiokafka import ConsumerRecord

from chassis.consumer.breaker import Breaker
from chassis.consumer.dead_letters.blocked_keys import BlockedKeyFullError
from chassis.consumer.dead_letters.parking import FloodError
from chassis.consumer.offsets import partition_of
from chassis.consumer.processor import Processor
from chassis.consumer.replay import Replays
from chassis.errors import TransientError
from chassis.mongo.pace import Pace

log = structlog.get_logger("chassis.consumer.keys")


class KeyRunner:
    """``pace`` says how many keys are at work at the same time. When ``stopping`` is set no further record begins."""

    def __init__(
        self, records: Processor, replays: Replays, *, breaker: Breaker, pace: Pace, stopping: asyncio.Event
    ) -> None:
        self._records = records
        self._replays = replays
        self._breaker = breaker
        self._pace = pace
        self._stopping = stopping
        self._ending = False

    async def run(self, records: Sequence[ConsumerRecord]) -> list[ConsumerRecord]:
        """Run the records of all keys; return the first record of each key that found no outcome."""
        self._ending = False
        tripped = self._breaker.tripped
        by_key: dict[tuple[str, int, bytes | None], list[ConsumerRecord]] = defaultdict(list)
        for record in records:
            # A partition that is tried again counts as one key: its records are tried one after the other.
            key = None if tripped and self._is_tried(record) else record.key
            by_key[record.topic, record.partition, key].append(record)
        unfinished: list[ConsumerRecord] = []
        waiting = iter(by_key.values())
        # Each worker takes the next free key: a task per key would cost more than most records do.
        workers = min(self._pace.limit, len(by_key))
        await asyncio.gather(*(self._run_some(number, waiting, unfinished) for number in range(workers)))
        return unfinished

    async def _run_some(
        self, number: int, waiting: Iterator[Sequence[ConsumerRecord]], unfinished: list[ConsumerRecord]
    ) -> None:
        """``number``: which of the workers this is. The last ones end when fewer are to be at work; the first never does."""
        while number < self._pace.limit:
            same_key = next(waiting, None)
            if same_key is None:
                return
            record = await self._run_key(same_key)
            if record is not None:
                unfinished.append(record)

    async def _run_key(self, records: Sequence[ConsumerRecord]) -> ConsumerRecord | None:
        """Never raises: the other keys would run on behind a batch that is read again."""
        done = 0
        alone = self._breaker.tripped and self._is_tried(records[0])
        while done < len(records):
            record = records[done]
            if self._ending or self._stopping.is_set() or self._is_paused(record):
                return record
            try:
                done += await self._finish([record] if alone else records[done:] if done else records)
            except BlockedKeyFullError as error:
                # Its partition waits; nothing is wrong with the others.
                log.error("record_returned", error=str(error))  # noqa: TRY400
                return record
            except TransientError as error:
                log.warning("record_returned", error=str(error), held=True)
            except FloodError:
                return record
            except Exception:
                log.exception("record_returned")
            else:
                continue
            # The keys that have not begun would wait as long, one after the other: longer than the group allows.
            self._ending = True
            return record
        return None

    def _is_paused(self, record: ConsumerRecord) -> bool:
        return self._breaker.tripped and self._breaker.state(partition_of(record)) == "open"

    def _is_tried(self, record: ConsumerRecord) -> bool:
        return self._breaker.state(partition_of(record)) == "half-open"

    async def _finish(self, records: Sequence[ConsumerRecord]) -> int:
        """How many of the first have come to their outcome."""
        if records[0].topic != self._replays.topic:
            return await self._records.finish(records)
        await self._replays.finish(records[0])
        return 1
