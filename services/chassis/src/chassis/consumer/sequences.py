"""Notices that events are missing from a topic: what an aggregate announces is numbered without gaps."""

from collections import OrderedDict
from collections.abc import Iterable

import structlog
from aiokafka import ConsumerRecord

from chassis.aggregate.watermarks import is_jump
from chassis.observability.metrics import Metrics

log = structlog.get_logger("chassis.consumer.sequences")

MOST_AGGREGATES = 50_000
Partition = tuple[str, int]


class Sequences:
    """The last number of each aggregate that this process has read, of those read last.

    Of an aggregate that is new here, earlier events may have been read by another process, or before a restart. That they
    are missing is known only where this process has read the partition from its first record on.
    """

    def __init__(self, metrics: Metrics, *, most: int = MOST_AGGREGATES) -> None:
        self._metrics = metrics
        self._most = most
        self._last: OrderedDict[tuple[str, int, bytes | None], int] = OrderedDict()
        self._next: dict[Partition, int] = {}
        self._whole: set[Partition] = set()

    def begin(self, records: Iterable[ConsumerRecord]) -> None:
        """A batch: of each partition in order. Where records are passed over, somebody else has had the partition."""
        for record in records:
            place = (record.topic, record.partition)
            expected = self._next.get(place)
            if expected is None and record.offset == 0:
                self._whole.add(place)
            elif expected is None or record.offset > expected:
                self._forget(place)
            self._next[place] = max(record.offset + 1, expected or 0)

    def saw(self, record: ConsumerRecord, number: int | None) -> None:
        """``number`` None: what stands there cannot be read, so the next one tells nothing."""
        place = (record.topic, record.partition, record.key)
        if number is None:
            self._last.pop(place, None)
            self._whole.discard(place[:2])
            return
        last = self._last.get(place)
        if last is None and place[:2] in self._whole:
            last = 0
        if last is not None and is_jump(last, number):
            # A mistake or a forgery, as for the documents that follow: neither a gap nor the number to count on from.
            log.warning("sequence_jump", subject=_subject(record), after=last, sequence=number)
            return
        if last is not None and number > last + 1:
            self._missing(record, last, number)
        self._last[place] = max(number, last or 0)
        self._last.move_to_end(place)
        if len(self._last) > self._most:
            (topic, partition, _), _ = self._last.popitem(last=False)
            self._whole.discard((topic, partition))

    def _missing(self, record: ConsumerRecord, last: int, number: int) -> None:
        self._metrics.sequence_gaps.labels(record.topic).inc(number - last - 1)
        log.error(
            "sequence_gap",
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            subject=_subject(record),
            after=last,
            sequence=number,
            remedy="the topic has lost events; announce them again with: kontor republish",
        )

    def _forget(self, place: Partition) -> None:
        self._whole.discard(place)
        for known in [known for known in self._last if known[:2] == place]:
            del self._last[known]


def _subject(record: ConsumerRecord) -> str:
    return (record.key or b"").decode(errors="replace")
