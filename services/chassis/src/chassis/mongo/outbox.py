"""The unpublished events of documents, and the leases on them.

A document's events are published by the process that has its lease. A lease ends by server time.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import UpdateOne

from chassis.aggregate.model import OutgoingEvent, Published
from chassis.mongo import document as documents
from chassis.mongo.bulk_writer import translated

Document = dict[str, Any]

OUTBOX = {"out": 1, "ob": 1}
STATE = {"kind": 1, "seq": 1, "state": 1}
WAITING = {"out.i": 1, "out.n": 1, "ob": 1}
ANY = {"$gt": datetime(1, 1, 1, tzinfo=UTC)}
"""Of a date: that there is one. ``$exists`` says the same, but the embedded database then reads the whole collection."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A document's unpublished events, oldest first. ``again``: they were published before, and somebody asked for more.

    ``renewed``: the last one is the snapshot, which somebody asked for once more.
    """

    id: str
    records: tuple[OutgoingEvent, ...]
    again: bool = False
    renewed: bool = False


Renew = Callable[[str, str, int, Document], OutgoingEvent | None]
"""The snapshot of a document by kind, id, number of its last event and state. None: documents of the kind have none."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A document with unpublished events, and when the lease on them began, in server time. None: nobody has had one."""

    id: str
    lease: datetime | None


class OutboxDocuments:
    """``lease``: seconds. Every method may raise UnavailableError."""

    def __init__(self, collection: AsyncIOMotorCollection[Document], *, lease: float) -> None:
        self._documents = collection
        self._lease_ms = int(lease * 1000)
        self.renew: Renew = lambda *_: None
        """Set by who composes the service."""

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
            claimed = await self._owned(lease, ids)
        # An erasing asked for a place in the sweep, and found nothing to erase any more.
        if empty := [Published(one.id, [], None, renewed=one.renewed) for one in claimed if not one.records]:
            await self.clear(empty)
        return [one for one in claimed if one.records]

    async def held(self, lease: str, ids: Sequence[str]) -> list[Pending]:
        """Those of them that a claim under this lease got, though its answer never came."""
        async with translated():
            held = await self._owned(lease, ids)
        return [one for one in held if one.records]

    async def _owned(self, lease: str, ids: Sequence[str]) -> list[Pending]:
        """What waits in those of them that have this lease."""
        found = [d async for d in self._documents.find({"_id": {"$in": list(ids)}, "ob.own": lease}, OUTBOX)]
        snapshots = await self._snapshots([d["_id"] for d in found if documents.is_renewing(d)])
        return [
            Pending(
                d["_id"],
                (*documents.records(d), *snapshots.get(d["_id"], ())),
                again=documents.is_again(d),
                renewed=d["_id"] in snapshots,
            )
            for d in found
        ]

    async def _snapshots(self, ids: Sequence[str]) -> Mapping[str, tuple[OutgoingEvent, ...]]:
        """Of these documents as they are now. They change meanwhile, but nobody publishes what follows."""
        if not ids:
            return {}
        cursor = self._documents.find({"_id": {"$in": list(ids)}}, STATE)
        made = {d["_id"]: self.renew(d["kind"], d["_id"], d["seq"], d["state"]) async for d in cursor}
        return {id: (snapshot,) if snapshot else () for id, snapshot in made.items()}

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

    async def renew_snapshots(self, where: Mapping[str, Any], *, dry_run: bool = False) -> int:
        """Have the snapshots of these documents published once more. Returns how many documents."""
        some = {**where, "seq": {"$gt": 0}}
        if dry_run:
            async with translated():
                return int(await self._documents.count_documents(some))
        again = documents.renewing(datetime.now(UTC), f"renew-{secrets.token_hex(8)}")
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
