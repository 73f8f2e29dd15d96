"""Partitions that stand still: their records are given back again and again. The flood guard's pauses are not among them."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from aiokafka import TopicPartition


class Halts:
    """``tell`` gets the time of the oldest halt, None while there is none."""

    def __init__(self, now: Callable[[], datetime], tell: Callable[[datetime | None], None]) -> None:
        self._now = now
        self._tell = tell
        self._since: dict[TopicPartition, datetime] = {}

    def note(self, batch: Iterable[TopicPartition], halted: Collection[TopicPartition]) -> None:
        """A batch has ended. Records of the partitions ``halted`` were given back."""
        if not halted and not self._since:
            return
        for partition in set(batch):
            if partition in halted:
                self._since.setdefault(partition, self._now())
            else:
                self._since.pop(partition, None)
        self._tell(min(self._since.values(), default=None))

    def keep(self, assigned: Collection[TopicPartition]) -> None:
        """What other instances read now is theirs to tell."""
        if lost := self._since.keys() - assigned:
            for partition in lost:
                del self._since[partition]
            self._tell(min(self._since.values(), default=None))

    def report(self) -> list[dict[str, object]]:
        return [
            {"topic": partition.topic, "partition": partition.partition, "since": since.isoformat()}
            for partition, since in sorted(self._since.items())
        ]
