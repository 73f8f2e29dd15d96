"""A service's documents. This package alone touches the database driver (motor; ADR 5).

One collection per service, whose documents have the form that `chassis.mongo.document` describes.
One command is one single-document write, so it works on any MongoDB without transactions (ADR 2).
"""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, overload

from bson.codec_options import CodecOptions
from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import ASCENDING, DESCENDING

from chassis.aggregate.model import Aggregate, DocumentUpdate, Loaded
from chassis.errors import BackpressureError, TooLargeError
from chassis.mongo import document as documents
from chassis.mongo.batcher import Batcher
from chassis.mongo.bulk_writer import ABREAST, BulkWriter, translated
from chassis.mongo.connection import check_access, connected
from chassis.mongo.document import Write
from chassis.mongo.indexes import Indexes, ensure_indexes, renew_keys, renew_listings
from chassis.mongo.outbox import OutboxDocuments
from chassis.mongo.pace import is_backlog
from chassis.mongo.query import BATCH, Condition, condition, counted, found

S = TypeVar("S")
T = TypeVar("T")
U = TypeVar("U")
V = TypeVar("V")
W = TypeVar("W")
Document = dict[str, Any]

MAX_PENDING = 256
BACKLOG_READS = 4
"""Reads at a time for what nobody waits for."""
MOST_LOADS = 64
"""Documents that are found by one question."""


@dataclass(slots=True)
class _Wanted:
    """A document that somebody waits for; None: there is none."""

    id: str
    document: Document | None = None


class MongoStore:
    """Documents of one service. Writes wait for the majority's journal; every method may raise UnavailableError."""

    def __init__(self, url: str, database: str, collection: str, *, lease: float, timeout: float = 10.0) -> None:
        self._client = connected(url, timeout)
        self._documents: AsyncIOMotorCollection[Document] = self._client[database].get_collection(
            collection, codec_options=CodecOptions(tz_aware=True)
        )
        self.outbox = OutboxDocuments(self._documents, lease=lease)
        self.indexes = Indexes(self._documents)
        self._backlog_reads = asyncio.Semaphore(BACKLOG_READS)
        self._writes = BulkWriter(self._documents)
        self._loads: Batcher[_Wanted] = Batcher(self._find, most=MOST_LOADS, abreast=ABREAST)

    def close(self) -> None:
        self._client.close()

    async def ping(self) -> None:
        async with translated():
            await self._client.admin.command("ping")

    async def check_access(self) -> None:
        """Return when the database answers us. Raises SettingError where it answers and refuses us."""
        await check_access(self._documents)

    async def ensure_indexes(self, aggregates: Iterable[Aggregate[Any, Any]]) -> None:
        await ensure_indexes(self._documents, aggregates)

    async def renew_keys(self, aggregate: Aggregate[Any, Any], where: Mapping[str, Any]) -> Sequence[str]:
        return await renew_keys(self._documents, aggregate, where)

    async def renew_listings(self, aggregate: Aggregate[Any, Any]) -> None:
        await renew_listings(self._documents, aggregate)

    def _reading(self) -> AbstractAsyncContextManager[Any]:
        """A backlog reads little at a time: the threads and connections left over are for people's requests."""
        return self._backlog_reads if is_backlog() else nullcontext()

    # -- commands

    async def load(self, aggregate: Aggregate[S, Any], id: str) -> Loaded[S]:
        wanted = _Wanted(id)
        await self._loads.do(wanted)
        if wanted.document is None:
            return Loaded(aggregate.initial)
        return documents.loaded(aggregate, wanted.document)

    async def _find(self, wanted: Sequence["_Wanted"]) -> Sequence[Exception | None]:
        """What is loaded at the same time is found together, each as it is after it was asked for."""
        async with translated():
            cursor = self._documents.find({"_id": {"$in": [one.id for one in wanted]}}, documents.WITHOUT_BODIES)
            by_id = {document["_id"]: document async for document in cursor}
        for one in wanted:
            one.document = by_id.get(one.id)
        return [None] * len(wanted)

    async def save(self, aggregate: Aggregate[S, Any], id: str, loaded: Loaded[S], change: DocumentUpdate) -> None:
        """One write for the whole change, guarded by the version that was loaded."""
        if len(change.records) > MAX_PENDING:
            raise TooLargeError(f"{id}: {len(change.records)} events at once; a document holds {MAX_PENDING}")
        if len(loaded.pending) + len(change.records) > MAX_PENDING:
            raise BackpressureError(f"{id} has {len(loaded.pending)} unpublished events")
        new = loaded.version == 0
        await self._writes.save(Write(id, loaded.version, documents.update(aggregate.kind, change, new=new)))

    # -- timers

    async def due(self, now: datetime, limit: int) -> list[tuple[str, str]]:
        """(kind, id) of documents whose timer is due, most overdue first."""
        async with translated():
            cursor = self._documents.find({"due": {"$lte": now}}, {"kind": 1}).sort("due", 1).limit(limit)
            return [(d["kind"], d["_id"]) async for d in cursor]

    async def traced(self, id: str) -> tuple[str, datetime] | None:
        """The traceparent of what set a document's timer, and when that was; None where traces were off."""
        async with translated():
            document = await self._documents.find_one({"_id": id}, {"trace": 1})
        trace = (document or {}).get("trace")
        return (trace["p"], trace["t"]) if trace else None

    async def oldest_due(self, now: datetime) -> datetime | None:
        """The date of the most overdue timer."""
        async with translated():
            document = await self._documents.find_one({"due": {"$lte": now}}, {"due": 1}, sort=[("due", 1)])
        at: datetime | None = document["due"] if document else None
        return at

    # -- reads

    async def get(self, aggregate: Aggregate[S, Any], id: str) -> S | None:
        """The state, or None where there is no such document. For readers that answer otherwise then."""
        loaded = await self.load(aggregate, id)
        return loaded.state if loaded.version else None

    async def get_or_initial(self, aggregate: Aggregate[S, Any], id: str) -> S:
        """The state as ``decide`` sees it: that of ``initial`` where there is no such document. For questions to the domain."""
        return (await self.load(aggregate, id)).state

    @overload
    async def get_many(
        self, first: tuple[Aggregate[S, Any], str], second: tuple[Aggregate[T, Any], str], /
    ) -> tuple[S | None, T | None]: ...
    @overload
    async def get_many(
        self,
        first: tuple[Aggregate[S, Any], str],
        second: tuple[Aggregate[T, Any], str],
        third: tuple[Aggregate[U, Any], str],
        /,
    ) -> tuple[S | None, T | None, U | None]: ...
    @overload
    async def get_many(
        self,
        first: tuple[Aggregate[S, Any], str],
        second: tuple[Aggregate[T, Any], str],
        third: tuple[Aggregate[U, Any], str],
        fourth: tuple[Aggregate[V, Any], str],
        /,
    ) -> tuple[S | None, T | None, U | None, V | None]: ...
    @overload
    async def get_many(
        self,
        first: tuple[Aggregate[S, Any], str],
        second: tuple[Aggregate[T, Any], str],
        third: tuple[Aggregate[U, Any], str],
        fourth: tuple[Aggregate[V, Any], str],
        fifth: tuple[Aggregate[W, Any], str],
        /,
    ) -> tuple[S | None, T | None, U | None, V | None, W | None]: ...
    @overload
    async def get_many(self, *wanted: tuple[Aggregate[S, Any], str]) -> tuple[S | None, ...]: ...
    async def get_many(self, *wanted: tuple[Aggregate[Any, Any], str]) -> tuple[Any, ...]:
        """The states in the order asked for, None where there is no such document. One round trip."""
        return tuple(state for _, state in await self.numbered(*wanted))

    async def numbered(self, *wanted: tuple[Aggregate[Any, Any], str]) -> list[tuple[int, Any]]:
        """The same, each with the number of its document's last event (0: none)."""
        async with self._reading(), translated():
            cursor = self._documents.find({"_id": {"$in": [id for _, id in wanted]}}, {"state": 1, "seq": 1})
            by_id = {d["_id"]: d async for d in cursor}
        return [
            (by_id[id]["seq"], aggregate.parse(by_id[id]["state"])) if id in by_id else (0, None)
            for aggregate, id in wanted
        ]

    async def count(self, aggregate: Aggregate[Any, Any], where: Mapping[str, Any], *, limit: int | None) -> int:
        """How many documents there are like this, ``limit`` at most."""
        asked = condition(aggregate.kind, where, indexes=_indexes(aggregate))
        async with translated():
            return await counted(self._documents, asked, limit)

    async def find(
        self,
        aggregate: Aggregate[S, Any],
        where: Mapping[str, Any],
        *,
        limit: int,
        after: str | None = None,
        newest_first: bool = False,
    ) -> list[tuple[str, S]]:
        """(id, state) in order of id, starting behind the id ``after``. ``where`` names paths (``state.x``, ``tenant``)."""
        beyond = {"$lt" if newest_first else "$gt": after} if after is not None else None
        asked = condition(aggregate.kind, where, indexes=_indexes(aggregate), beyond=beyond)
        order = DESCENDING if newest_first else ASCENDING
        async with self._reading(), translated():
            cursor = found(self._documents, asked, "_id", order, {"state": 1}, limit=limit)
            return [(d["_id"], aggregate.parse(d["state"])) async for d in cursor]

    async def list_page(
        self,
        aggregate: Aggregate[S, Any],
        key: str,
        where: Mapping[str, Any],
        *,
        limit: int,
        after: str | None = None,
        descending: bool = False,
        second: bool = False,
    ) -> list[tuple[str, S]]:
        """(order, state) of the list ``key``, in its order or its ``second`` one, starting behind the order ``after``.

        One query by one index: it reads what it returns, and what ``where`` leaves out on the way.
        """
        async with self._reading(), translated():
            cursor = self._list(aggregate, key, where, after=after, descending=descending, second=second, limit=limit)
            return [(_order_in(d["ls"], key, second), aggregate.parse(d["state"])) async for d in cursor]

    async def list_all(
        self,
        aggregate: Aggregate[S, Any],
        key: str,
        where: Mapping[str, Any],
        *,
        descending: bool = False,
        second: bool = False,
    ) -> AsyncIterator[S]:
        """All of a list, by one cursor: memory holds one batch, however long the list is."""
        async with translated():
            async for one in self._list(aggregate, key, where, after=None, descending=descending, second=second):
                yield aggregate.parse(one["state"])

    async def list_count(self, aggregate: Aggregate[Any, Any], key: str, where: Mapping[str, Any]) -> int:
        async with translated():
            return await counted(self._documents, Condition({"kind": aggregate.kind, "ls.k": key}, dict(where)))

    def _list(
        self,
        aggregate: Aggregate[Any, Any],
        key: str,
        where: Mapping[str, Any],
        *,
        after: str | None,
        descending: bool,
        second: bool,
        limit: int | None = None,
    ) -> AsyncIterable[Document]:
        by = f"ls.s.{documents.listed_field(key)}" if second else "ls.o"
        beyond = {"$lt" if descending else "$gt": after} if after is not None else None
        asked: Document = {"kind": aggregate.kind, "ls.k": key}
        left = dict(where)
        if second:
            # MongoDB sorts by that index only where the condition has its field. The embedded database finds by the key alone.
            left = {by: beyond or {"$gt": ""}, **left}
        elif beyond is not None:
            asked[by] = beyond
        order = DESCENDING if descending else ASCENDING
        return found(self._documents, Condition(asked, left), by, order, {"state": 1, by: 1}, limit=limit)

    async def values(self, aggregate: Aggregate[Any, Any], where: Mapping[str, Any], field: str) -> AsyncIterator[Any]:
        """One field of the state of each document like this, as it is stored; nothing else is read."""
        asked = condition(aggregate.kind, where, indexes=_indexes(aggregate))
        async with translated():
            async for one in found(self._documents, asked, "_id", ASCENDING, {field: 1}, limit=None):
                value: Any = one
                for name in field.split("."):
                    value = value.get(name) if isinstance(value, dict) else None
                yield value

    async def find_all(self, aggregate: Aggregate[S, Any], where: Mapping[str, Any]) -> AsyncIterator[tuple[str, S]]:
        """Every (id, state) in order of id. Memory holds one page, however many there are."""
        async for page in self.find_pages(aggregate, where):
            for pair in page:
                yield pair

    async def find_pages(
        self, aggregate: Aggregate[S, Any], where: Mapping[str, Any], *, newest_first: bool = False
    ) -> AsyncIterator[list[tuple[str, S]]]:
        """As `find_all`, a page at a time."""
        after: str | None = None
        while page := await self.find(aggregate, where, limit=BATCH, after=after, newest_first=newest_first):
            yield page
            if len(page) < BATCH:
                return
            after = page[-1][0]


def _order_in(listed: Document, key: str, second: bool) -> str:
    order: str = listed["s"][documents.listed_field(key)] if second else listed["o"]
    return order


def _indexes(aggregate: Aggregate[Any, Any]) -> list[tuple[str, ...]]:
    """Those of the kind, and the one by tenant, which one kind of a service declares for all."""
    return [*(index.fields for index in aggregate.indexes), ("tenant", "_id")]
