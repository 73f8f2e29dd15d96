"""The indexes of a service's collection, and what older releases left to be renewed. Used by the migration."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from chassis.aggregate.model import Aggregate
from chassis.mongo import document as stored
from chassis.mongo.bulk_writer import translated
from chassis.mongo.connection import Collection

S = TypeVar("S")


class Indexes:
    """The indexes that a collection has, as documents: ``name``, ``key`` (pairs), ``unique``, ``sparse``. For operators."""

    def __init__(self, documents: Collection) -> None:
        self._documents = documents

    async def found(self) -> list[dict[str, Any]]:
        """All but the one of the ids. Empty where there is no collection yet."""
        async with translated():
            return [told(one) async for one in self._documents.list_indexes() if one["name"] != "_id_"]

    async def create(self, index: Mapping[str, Any]) -> None:
        """Returns when it is built. Raises TakenError where documents contradict a unique one."""
        keys = [(path, order) for path, order in index["key"]]
        options = {name: True for name in ("unique", "sparse") if index[name]}
        async with translated():
            await self._documents.create_indexes([IndexModel(keys, name=index["name"], **options)])

    async def drop(self, name: str) -> None:
        async with translated():
            await self._documents.drop_index(name)


def told(index: Mapping[str, Any]) -> dict[str, Any]:
    """An index as plain data, from the database or from an `IndexModel`."""
    return {
        "name": index["name"],
        "key": [list(pair) for pair in index["key"].items()],
        "unique": bool(index.get("unique")),
        "sparse": bool(index.get("sparse")),
    }


async def ensure_indexes(documents: Collection, aggregates: Iterable[Aggregate[Any, Any]]) -> None:
    """Create what is missing."""
    async with translated():
        await documents.create_indexes(wanted(aggregates))


def wanted(aggregates: Iterable[Aggregate[Any, Any]]) -> list[IndexModel]:
    """All of a service. Sparse indexes hold only documents that have the field, so an idle look costs a seek."""
    models = [
        IndexModel([("ob.at", ASCENDING)], name="outbox", sparse=True),
        IndexModel([("due", ASCENDING)], name="timers", sparse=True),
        IndexModel([("kind", ASCENDING), ("_id", ASCENDING)], name="kind"),
    ]
    aggregates = tuple(aggregates)
    if any(aggregate.listed for aggregate in aggregates):
        # One for the lists of all kinds: MongoDB refuses the same fields under a second name.
        models.append(IndexModel([("kind", ASCENDING), ("ls.k", ASCENDING), ("ls.o", ASCENDING)], name="listed"))
        # Each list has a field of its own there, so that MongoDB finds the second order of any of them in this index.
        models.append(IndexModel([("ls.s.$**", ASCENDING)], name="listed_second"))
    for aggregate in aggregates:
        models += [
            IndexModel([(f"uk.{name}", ASCENDING)], name=f"uk_{name}", unique=True, sparse=True)
            for name in aggregate.unique
        ]
        models += [
            IndexModel([("kind", ASCENDING), *((path, ASCENDING) for path in index.fields)], name=index.name)
            for index in aggregate.indexes
        ]
    return models


async def renew_keys(documents: Collection, aggregate: Aggregate[Any, Any], where: Mapping[str, Any]) -> Sequence[str]:
    """Give documents the unique values that today's rule derives. Returns the ids whose new value another one holds.

    Those keep the value they have. A document that is written meanwhile gets the right value by that write.
    """
    taken: list[str] = []
    async with translated():
        async for found in documents.find({"kind": aggregate.kind, **where}, {"state": 1, "uk": 1, "v": 1}):
            claims = aggregate.claims(aggregate.parse(found["state"]))
            if claims == found.get("uk", {}):
                continue
            try:
                unchanged = {"_id": found["_id"], "v": found["v"]}
                update = {"$set": {"uk": claims}} if claims else {"$unset": {"uk": ""}}
                await documents.update_one(unchanged, update)
            except DuplicateKeyError:
                taken.append(found["_id"])
    return taken


async def renew_listings(documents: Collection, aggregate: Aggregate[S, Any]) -> None:
    """Give documents of an older release their place in the lists. One that is written meanwhile gets it by that write."""
    assert aggregate.listed is not None
    async with translated():
        missing: dict[str, Any] = {"kind": aggregate.kind, "ls": {"$exists": False}}
        if aggregate.relisted is not None:
            missing = {"kind": aggregate.kind, "$or": [{"ls": missing["ls"]}, aggregate.relisted]}
        async for found in documents.find(missing, {"state": 1, "v": 1}):
            if listing := aggregate.listed(aggregate.parse(found["state"])):
                unchanged = {"_id": found["_id"], "v": found["v"]}
                await documents.update_one(unchanged, {"$set": {"ls": stored.listed(listing)}})
