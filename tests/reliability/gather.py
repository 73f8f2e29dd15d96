"""Waiting until all is quiet, and then reading everything there is: the `History` that the checker judges."""

import asyncio
import json
import time
from contextlib import AsyncExitStack
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from bson.codec_options import CodecOptions
from pymongo import AsyncMongoClient
from reliability.fleet import Fleet
from reliability.history import History, Record, Sent

from kontor_contracts.topics import SERVICES, TOPICS
from kontor_local.connected import connected
from kontor_local.environment import database_name

QUIET_WITHIN = 60.0
LARGEST = 4 * 1024 * 1024
GROUPS = tuple(dict.fromkeys(group for topic in TOPICS for group in topic.consumers))


class Gatherer:
    """Reads by its own connections, past the proxies. Names of topics and groups are the registry's, without prefix."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._stack = fleet.stack
        self._admin = AIOKafkaAdminClient(bootstrap_servers=self._stack.kafka)
        self._reader = AIOKafkaConsumer(
            bootstrap_servers=self._stack.kafka, enable_auto_commit=False, max_partition_fetch_bytes=LARGEST
        )
        self._mongo = AsyncMongoClient[dict[str, Any]](self._stack.mongo)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opened:
            opened.push_async_callback(self._mongo.close)
            await opened.enter_async_context(connected(self._reader))
            await opened.enter_async_context(connected(self._admin))
            self._opened = opened.pop_all()
        described = await self._admin.describe_topics([self._stack.topic(topic.name) for topic in TOPICS])
        self._places = [TopicPartition(t["topic"], p["partition"]) for t in described for p in t["partitions"]]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._opened.aclose()

    async def until_quiet(self) -> float | None:
        """When it was that nothing was left to read, to publish or to send; None: not within the time allowed."""
        give_up = time.time() + QUIET_WITHIN + 30
        while time.time() < give_up:
            if not await self._lag() and not await self._pending():
                return time.time()
            await asyncio.sleep(0.3)
        return None

    async def fill(self, history: History) -> History:
        """Everything that stands in topics, documents, mails and logs now."""
        history.consumers = {topic.name: topic.consumers for topic in TOPICS}
        history.ends = await self._ends()
        history.committed = {group: await self._committed(group) for group in GROUPS}
        history.records = [self._record(record) for record in await self._read()]
        history.documents = await self.documents()
        mails = self._stack.mailbox.mails()
        history.mails = [Sent(m.received_at.timestamp(), m.to, m.subject, m.text, m.message_id) for m in mails]
        history.logs = self._fleet.logs()
        return history

    async def documents(self) -> dict[str, list[dict[str, Any]]]:
        return {service: await self._collection(service).find().sort("_id").to_list() for service in SERVICES}

    async def _lag(self) -> int:
        ends = await self._ends()
        missing = 0
        for group in GROUPS:
            committed = await self._committed(group)
            for topic in TOPICS:
                if group in topic.consumers:
                    own = committed.get(topic.name, {})
                    missing += sum(end - own.get(number, 0) for number, end in ends[topic.name].items())
        return missing

    async def _pending(self) -> int:
        """Documents with something to publish, and mails with an attempt to come."""
        waiting = 0
        for service in SERVICES:
            waiting += await self._collection(service).count_documents({"ob": {"$exists": True}})
            waiting += await self._collection(service).count_documents({"kind": "mail", "due": {"$exists": True}})
        return waiting

    async def _ends(self) -> dict[str, dict[int, int]]:
        ends: dict[str, dict[int, int]] = {topic.name: {} for topic in TOPICS}
        for place, end in (await self._reader.end_offsets(self._places)).items():
            ends[self._plain(place.topic)][place.partition] = end
        return ends

    async def _committed(self, group: str) -> dict[str, dict[int, int]]:
        found: dict[str, dict[int, int]] = {}
        offsets = await self._admin.list_consumer_group_offsets(self._stack.topic(group))
        for place, at in offsets.items():
            if at.offset >= 0:
                found.setdefault(self._plain(place.topic), {})[place.partition] = at.offset
        return found

    async def _read(self) -> list[ConsumerRecord]:
        self._reader.assign(self._places)
        await self._reader.seek_to_beginning(*self._places)
        ends = await self._reader.end_offsets(self._places)
        records: list[ConsumerRecord] = []
        while [place for place in self._places if await self._reader.position(place) < ends[place]]:
            for found in (await self._reader.getmany(timeout_ms=200, max_records=5000)).values():
                records += found
        return sorted(records, key=lambda record: (record.topic, record.partition, record.offset))

    def _record(self, record: ConsumerRecord) -> Record:
        return Record(
            topic=self._plain(record.topic),
            partition=record.partition,
            offset=record.offset,
            at=record.timestamp / 1000,
            key=record.key,
            value=record.value,
            headers=tuple(record.headers),
            message=_message(record.value),
        )

    def _collection(self, service: str) -> Any:
        name = database_name(service, self._stack._around)
        return self._mongo[name].get_collection(service, codec_options=CodecOptions(tz_aware=True))

    def _plain(self, topic: str) -> str:
        return topic.removeprefix(self._stack.topic(""))


def _message(value: bytes | None) -> dict[str, Any] | None:
    try:
        document = json.loads(value or b"")
    except ValueError:
        return None
    return document if isinstance(document, dict) else None
