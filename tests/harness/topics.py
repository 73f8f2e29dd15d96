"""Looking into the topics over the real protocol, and writing what no well-behaved producer would."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from kontor_contracts import Envelope, MalformedError, Payload, UnknownTypeError, decode, encode
from kontor_local.connected import connected
from kontor_local.groups import forget_members

Headers = Sequence[tuple[str, bytes | None]]
LARGEST = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Read:
    """A record as it stands in a topic; ``envelope`` is None where it is no message, or one of an unknown type."""

    record: ConsumerRecord
    envelope: Envelope[Any] | None

    @property
    def headers(self) -> dict[str, bytes | None]:
        return dict(self.record.headers)

    @property
    def place(self) -> tuple[str, int, int]:
        return self.record.topic, self.record.partition, self.record.offset


def firsts(envelopes: Iterable[Envelope[Any]]) -> dict[str, list[int]]:
    """By subject, the sequence numbers in the order in which each was first seen."""
    seen: dict[str, list[int]] = {}
    for envelope in envelopes:
        numbers = seen.setdefault(envelope.subject, [])
        if envelope.sequence not in numbers:
            numbers.append(envelope.sequence)
    return seen


class Topics:
    """Names are the broker's, prefix and all: ``running.topic("enrollment.events")``."""

    def __init__(self, bootstrap: str, types: Mapping[str, type[Payload]]) -> None:
        self._bootstrap = bootstrap
        self._types = types
        self._reading = asyncio.Lock()
        self._reads: dict[TopicPartition, list[Read]] = {}
        self._next: dict[TopicPartition, int] = {}

    async def __aenter__(self) -> Self:
        where = {"bootstrap_servers": self._bootstrap}
        async with AsyncExitStack() as opened:
            producer = AIOKafkaProducer(**where, enable_idempotence=True, max_request_size=LARGEST)
            self._producer = await opened.enter_async_context(connected(producer))
            reader = AIOKafkaConsumer(**where, enable_auto_commit=False, max_partition_fetch_bytes=LARGEST)
            self._reader = await opened.enter_async_context(connected(reader))
            self._admin = await opened.enter_async_context(connected(AIOKafkaAdminClient(**where)))
            self._opened = opened.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._opened.aclose()

    async def produce(
        self,
        topic: str,
        message: Envelope[Any] | bytes | None,
        *,
        key: str | bytes | None = None,
        headers: Headers = (),
        partition: int | None = None,
    ) -> None:
        """Write one record and wait for the broker. An envelope brings its headers and its key; what is given replaces them."""
        value: bytes | None
        if isinstance(message, Envelope):
            value, own = encode(message)
            headers, key = headers or own, key if key is not None else message.partitionkey
        else:
            value = message
        raw = key.encode() if isinstance(key, str) else key
        if raw is None and value is None:
            batch = self._producer.create_batch()
            batch.append(key=None, value=None, timestamp=None, headers=list(headers))
            await (await self._producer.send_batch(batch, topic, partition=partition or 0))
        else:
            await self._producer.send_and_wait(topic, value, key=raw, headers=list(headers), partition=partition)

    async def read_all(self, topic: str) -> list[Read]:
        """Every record from the first to what was the last when we asked, by partition and offset."""
        async with self._reading:
            ends = await self._reader.end_offsets(await self._places(topic))
            new = [place for place, end in ends.items() if end > self._next.get(place, 0)]
            if new:
                await self._read(new, ends)
        reads = [read for place in ends for read in self._reads.get(place, ())]
        return sorted(reads, key=lambda read: read.place)

    async def _read(self, places: list[TopicPartition], ends: Mapping[TopicPartition, int]) -> None:
        """Read on from where we were: topics only grow, and tests ask for the same one many times a second."""
        first = await self._reader.beginning_offsets(places)
        self._reader.assign(places)
        # At once for all: one that is not told where to begin in the same moment begins at the end.
        for place in places:
            self._reader.seek(place, self._next.get(place, first[place]))
        while [place for place in places if await self._reader.position(place) < ends[place]]:
            for place, found in (await self._reader.getmany(timeout_ms=200)).items():
                self._reads.setdefault(place, []).extend(Read(record, self._decode(record)) for record in found)
                self._next[place] = found[-1].offset + 1

    async def envelopes(self, topic: str) -> list[Envelope[Any]]:
        """The messages in the topic, whatever else is there left out."""
        return [read.envelope for read in await self.read_all(topic) if read.envelope is not None]

    async def create(self, topic: str, *, partitions: int = 3) -> None:
        """A topic of somebody else."""
        await self._admin.create_topics([NewTopic(topic, partitions, 1)])

    async def ends(self, topic: str) -> dict[int, int]:
        """By partition, the offset that the next record will have."""
        async with self._reading:
            found = await self._reader.end_offsets(await self._places(topic))
        return {place.partition: end for place, end in found.items()}

    async def committed(self, group: str, topic: str) -> dict[int, int]:
        """By partition, the offset from which the group goes on; partitions without a commit are left out."""
        found = await self._admin.list_consumer_group_offsets(group)
        return {place.partition: at.offset for place, at in found.items() if place.topic == topic and at.offset >= 0}

    async def unread(self, group: str, topic: str) -> int:
        """How many records of the topic the group has not committed."""
        committed = await self.committed(group, topic)
        return sum(end - committed.get(partition, 0) for partition, end in (await self.ends(topic)).items())

    async def rewind(self, group: str, topic: str) -> None:
        """Let the group, which must be without members, read the whole topic again."""
        client = AIOKafkaConsumer(bootstrap_servers=self._bootstrap, group_id=group, enable_auto_commit=False)
        async with connected(client) as consumer:
            places = await self._places(topic)
            consumer.assign(places)
            await consumer.commit(dict.fromkeys(places, 0))

    async def settled(self, group: str, members: int) -> bool:
        """Whether the group has so many members, and all of them their partitions.

        The embedded broker needs it before anything is committed: one that commits during a rebalance
        comes back as another member, and the broker waits for the first one for ever.
        """
        (answer,) = await self._admin.describe_consumer_groups([group])
        ((_, _, state, _, _, found, *_),) = answer.groups
        return state == "Stable" and len(found) == members and all(member[-1] for member in found)

    async def is_stable(self, group: str, members: int) -> bool:
        """Whether the group has so many members, and each has its partitions."""
        (answer,) = await self._admin.describe_consumer_groups([group])
        ((_, _, state, _, _, found, *_),) = answer.groups
        return state == "Stable" and len(found) == members

    async def forget_members(self, group: str) -> None:
        """Let the embedded broker know that the group's members are gone (`kontor_local.groups`)."""
        await forget_members(self._bootstrap, group)

    async def _places(self, topic: str) -> list[TopicPartition]:
        (described,) = await self._admin.describe_topics([topic])
        return [TopicPartition(topic, partition["partition"]) for partition in described["partitions"]]

    def _decode(self, record: ConsumerRecord) -> Envelope[Any] | None:
        try:
            return decode(record.value, record.headers, self._types)
        except (MalformedError, UnknownTypeError):
            return None
