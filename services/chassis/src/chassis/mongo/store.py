"""A service's documents. This package alone touches the database driver (motor; ADR 5).

One collection per service, whose documents have the form that `chassis.mongo.document` describes.
One command is one single-document write, so it works on any MongoDB without transactions (ADR 2).
"""

import asyncio
import secrets
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar, overload

from bson.codec_options import CodecOptions
from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import ASCENDING, DESCENDING, UpdateOne

from chassis.aggregate.model import Aggregate, DocumentUpdate, Loaded, OutgoingEvent, Published
from chassis.errors import BackpressureError, TooLargeError
from chassis.mongo import document as documents
from chassis.mongo.batcher import Batcher
from chassis.mongo.bulk_writer import ABREAST, BulkWriter, translated
from chassis.mongo.connection import check_access, connected
from chassis.mongo.document import Write
from chassis.mongo.indexes import ensure_indexes, renew_keys, renew_listings
from chassis.mongo.pace import is_backlog
from chassis.mongo.query import Condition, condition

S = TypeVar("S")
T = TypeVar("T")
U = TypeVar("U")
V = TypeVar("V")
W = TypeVar("W")
Document = dict[str, Any]

MAX_PENDING = 256
BACKLOG_READS = 4
"""Reads at a time for what nobody waits for."""
FIND_ALL_PAGE = 500
MOST_LOADS = 64
"""Documents that are found by one question."""
OUTBOX = {"out": 1, "ob": 1}
WAITING = {"out.i": 1, "out.n": 1, "ob": 1}
ANY = {"$gt": datetime(1, 1, 1, tzinfo=UTC)}
"""Of a date: that there is one. ``$exists`` says the same, but the embedded database then reads the whole collection."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A document's unpublished events, oldest first. ``again``: they were published before, and somebody asked for more."""

    id: str
    records: tuple[OutgoingEvent, ...]
    again: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """A document with unpublished events, and when the lease on them began, in server time. None: nobody has had one."""

    id: str
    lease: datetime | None


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
        self._lease_ms = int(lease * 1000)
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
            found = {document["_id"]: document async for document in cursor}
        for one in wanted:
            one.document = found.get(one.id)
        return [None] * len(wanted)

    async def save(self, aggregate: Aggregate[S, Any], id: str, loaded: Loaded[S], change: DocumentUpdate) -> None:
        """One write for the whole change, guarded by the version that was loaded."""
        if len(change.records) > MAX_PENDING:
            raise TooLargeError(f"{id}: {len(change.records)} events at once; a document holds {MAX_PENDING}")
        if len(loaded.pending) + len(change.records) > MAX_PENDING:
            raise BackpressureError(f"{id} has {len(loaded.pending)} unpublished events")
        new = loaded.version == 0
        await self._writes.save(Write(id, loaded.version, documents.update(aggregate.kind, change, new=new)))

    # -- outbox

    async def waiting(self, limit: int) -> list[Waiting]:
        """Up to ``limit`` documents whose events nobody is publishing, longest waiting first.

        A look, and no promise: by the time one is claimed, somebody else may have taken it.
        """
        async with translated():
            cursor = self._documents.find(self._free(), {"ob.t": 1}).sort("ob.at", 1).limit(limit)
            return [Waiting(d["_id"], d["ob"].get("t")) async for d in cursor]

    async def claim(self, lease: str, found: Sequence[Waiting]) -> list[Pending]:
        """Take the leases of those of them that are still free. Majority-written before it returns."""
        ids = [one.id for one in found]
        # A lease that has run out stays so: one taken since then has another time. A missing one is null.
        leases = list({None, *(one.lease for one in found)})
        free = {"_id": {"$in": ids}, "ob.at": ANY, "ob.t": {"$in": leases}}
        async with translated():
            await self._documents.update_many(free, {"$set": {"ob.own": lease}, "$currentDate": {"ob.t": True}})
            cursor = self._documents.find({"_id": {"$in": ids}, "ob.own": lease}, OUTBOX)
            return [Pending(d["_id"], documents.records(d), again=documents.is_again(d)) async for d in cursor]

    async def held(self, lease: str, ids: Sequence[str]) -> list[Pending]:
        """Those of them that a claim under this lease got, though its answer never came."""
        async with translated():
            cursor = self._documents.find({"_id": {"$in": list(ids)}, "ob.own": lease}, OUTBOX)
            return [Pending(d["_id"], documents.records(d), again=documents.is_again(d)) async for d in cursor]

    async def uncleared(self, published: Sequence[Published]) -> list[Published]:
        """Those of them that a call did not clear whose answer never came."""
        ids = [one.id for one in published]
        async with translated():
            cursor = self._documents.find({"_id": {"$in": ids}, "ob.at": ANY}, WAITING)
            left = {d["_id"]: set(documents.pending_ids(d)) async for d in cursor}
        return [one for one in published if not left.get(one.id, set()).isdisjoint(one.event_ids)]

    async def clear(self, published: Sequence[Published]) -> None:
        """Forget events that are in the topic. By id, never by place or count."""
        whole = [one for one in published if one.lease]
        async with translated():
            # Most documents have no other event by now. The newest one's id says so, and one update clears them all.
            if whole:
                result = await self._documents.update_many(*documents.cleared_wholly(whole))
                if result.matched_count == len(whole):
                    published = [one for one in published if not one.lease]
            if published:
                updates = [UpdateOne(*documents.cleared(one)) for one in published]
                await self._documents.bulk_write(updates, ordered=False)

    async def announce_again(self, where: Mapping[str, Any], *, after: int = 0) -> int:
        """Have the kept events of these documents published once more, with the ids they had. Returns how many documents."""
        some = {**where, "out.n": {"$gt": after}}
        again = documents.announced_again(after, datetime.now(UTC), f"again-{secrets.token_hex(8)}")
        async with translated():
            return int((await self._documents.update_many(some, again)).modified_count)

    async def kept(self, where: Mapping[str, Any], *, after: int = 0) -> int:
        """How many documents ``announce_again`` would find."""
        async with translated():
            return int(await self._documents.count_documents({**where, "out.n": {"$gt": after}}))

    async def release(self, leases: Mapping[str, str]) -> None:
        """Give leases back, by document, where they have not been taken again since."""
        held = {"_id": {"$in": list(leases)}, "ob.own": {"$in": list(set(leases.values()))}}
        async with translated():
            await self._documents.update_many(held, {"$unset": {"ob.own": "", "ob.t": ""}})

    async def pending_ids(self, limit: int) -> list[str]:
        """Documents with events that may not be in the topic yet."""
        async with translated():
            cursor = self._documents.find({"ob.at": ANY}, {"_id": 1}).limit(limit)
            return [d["_id"] async for d in cursor]

    async def oldest_pending(self) -> datetime | None:
        """When the oldest unpublished event was saved."""
        async with translated():
            document = await self._documents.find_one({"ob.at": ANY}, {"ob.at": 1}, sort=[("ob.at", 1)])
        at: datetime | None = document["ob"]["at"] if document else None
        return at

    def _free(self) -> Document:
        # Server time on both sides: a pod with a wrong clock can neither stretch nor break a lease. As a difference,
        # because the embedded database does not compare dates with its own time.
        age = {"$dateDiff": {"startDate": "$ob.t", "endDate": "$$NOW", "unit": "millisecond"}}
        return {
            "ob.at": ANY,
            "$or": [{"ob.t": {"$exists": False}}, {"$expr": {"$gt": [age, self._lease_ms]}}],
        }

    # -- timers

    async def due(self, now: datetime, limit: int) -> list[tuple[str, str]]:
        """(kind, id) of documents whose timer is due, most overdue first."""
        async with translated():
            cursor = self._documents.find({"due": {"$lte": now}}, {"kind": 1}).sort("due", 1).limit(limit)
            return [(d["kind"], d["_id"]) async for d in cursor]

    # -- reads

    async def oldest_due(self, now: datetime) -> datetime | None:
        """The date of the most overdue timer."""
        async with translated():
            document = await self._documents.find_one({"due": {"$lte": now}}, {"due": 1}, sort=[("due", 1)])
        at: datetime | None = document["due"] if document else None
        return at

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
            found = {d["_id"]: d async for d in cursor}
        return [
            (found[id]["seq"], aggregate.parse(found[id]["state"])) if id in found else (0, None)
            for aggregate, id in wanted
        ]

    async def count(self, aggregate: Aggregate[Any, Any], where: Mapping[str, Any], *, limit: int | None) -> int:
        """How many documents there are like this, ``limit`` at most."""
        asked = condition(aggregate.kind, where, indexes=_indexes(aggregate))
        async with translated():
            return await self._counted(asked, limit)

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
            cursor = self._found(asked, "_id", order, {"state": 1}, limit=limit)
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
    ) -> list[tuple[str, S]]:
        """(order, state) of the list ``key``, in its order, starting behind the order ``after``.

        One query by one index: it reads what it returns, and what ``where`` leaves out on the way.
        """
        async with self._reading(), translated():
            cursor = self._list(aggregate, key, where, after=after, descending=descending, limit=limit)
            return [(d["ls"]["o"], aggregate.parse(d["state"])) async for d in cursor]

    async def list_all(
        self, aggregate: Aggregate[S, Any], key: str, where: Mapping[str, Any], *, descending: bool = False
    ) -> AsyncIterator[S]:
        """All of a list, by one cursor: memory holds one batch, however long the list is."""
        async with translated():
            async for found in self._list(aggregate, key, where, after=None, descending=descending):
                yield aggregate.parse(found["state"])

    async def list_count(self, aggregate: Aggregate[Any, Any], key: str, where: Mapping[str, Any]) -> int:
        async with translated():
            return await self._counted(Condition({"kind": aggregate.kind, "ls.k": key}, dict(where)))

    def _list(
        self,
        aggregate: Aggregate[Any, Any],
        key: str,
        where: Mapping[str, Any],
        *,
        after: str | None,
        descending: bool,
        limit: int | None = None,
    ) -> AsyncIterable[Document]:
        found: Document = {"kind": aggregate.kind, "ls.k": key}
        if after is not None:
            found["ls.o"] = {"$lt" if descending else "$gt": after}
        order = DESCENDING if descending else ASCENDING
        return self._found(Condition(found, dict(where)), "ls.o", order, {"state": 1, "ls.o": 1}, limit=limit)

    def _found(
        self, asked: Condition, by: str, order: int, fields: Mapping[str, int], *, limit: int | None
    ) -> AsyncIterable[Document]:
        """Documents in order. Without a limit they come in batches of `FIND_ALL_PAGE`."""
        batch = limit if limit is not None else FIND_ALL_PAGE
        if not asked.left:
            cursor = self._documents.find(asked.found, dict(fields)).sort(by, order).limit(limit or 0)
            found: AsyncIterable[Document] = cursor.batch_size(batch) if limit is None else cursor
            return found
        some = [{"$limit": limit}] if limit is not None else []
        stages = [*asked.stages, {"$sort": {by: order}}, *some, {"$project": dict(fields)}]
        chosen: AsyncIterable[Document] = self._documents.aggregate(stages, batchSize=batch)
        return chosen

    async def _counted(self, asked: Condition, limit: int | None = None) -> int:
        if not asked.left:
            most: dict[str, Any] = {"limit": limit} if limit is not None else {}
            found: int = await self._documents.count_documents(asked.found, **most)
            return found
        some = [{"$limit": limit}] if limit is not None else []
        counted = self._documents.aggregate([*asked.stages, *some, {"$count": "n"}])
        return sum([one["n"] async for one in counted])

    async def values(self, aggregate: Aggregate[Any, Any], where: Mapping[str, Any], field: str) -> AsyncIterator[Any]:
        """One field of the state of each document like this, as it is stored; nothing else is read."""
        asked = condition(aggregate.kind, where, indexes=_indexes(aggregate))
        async with translated():
            async for found in self._found(asked, "_id", ASCENDING, {field: 1}, limit=None):
                value: Any = found
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
        while found := await self.find(aggregate, where, limit=FIND_ALL_PAGE, after=after, newest_first=newest_first):
            yield found
            if len(found) < FIND_ALL_PAGE:
                return
            after = found[-1][0]


def _indexes(aggregate: Aggregate[Any, Any]) -> list[tuple[str, ...]]:
    """Those of the kind, and the one by tenant, which one kind of a service declares for all."""
    return [*(index.fields for index in aggregate.indexes), ("tenant", "_id")]
