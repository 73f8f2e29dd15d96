"""Queries by an index: what its fields find comes first, what is left out of that comes second.

MongoDB makes one condition of both. The embedded database uses an index only for a condition that has its fields and no
others; with one more it reads the whole collection.
"""

from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from motor.motor_asyncio import AsyncIOMotorCollection

Document = dict[str, Any]

BATCH = 500
"""Documents that memory holds of a long answer."""


class Condition(NamedTuple):
    """``found``: by the index; ``left``: what it has to fulfil, too."""

    found: Document
    left: Document

    @property
    def stages(self) -> list[Document]:
        """Of an aggregation."""
        return [{"$match": each} for each in (self.found, self.left) if each]


def condition(
    kind: str, where: Mapping[str, Any], *, indexes: Iterable[Sequence[str]], beyond: Mapping[str, Any] | None = None
) -> Condition:
    """``indexes``: fields of each, behind the kind. ``beyond``: the range of ids that is asked for."""
    unique = next((name for name in where if name.startswith("uk.")), None)
    if unique is not None:
        others = {name: value for name, value in where.items() if name != unique}
        return Condition({unique: where[unique]}, {"kind": kind, **others, **_range(beyond)})
    fields = max(indexes, key=lambda fields: len(_leading(fields, where)), default=())
    leading = _leading(fields, where)
    found = {"kind": kind, **{name: where[name] for name in leading}}
    left = {name: value for name, value in where.items() if name not in leading}
    follows = fields[len(leading)] if len(leading) < len(fields) else None
    # Without a field of the index, that of kind and id is the one.
    sorted_by_id = not leading or follows == "_id"
    (found if sorted_by_id else left).update(_range(beyond))
    return Condition(found, left)


def _leading(fields: Sequence[str], where: Mapping[str, Any]) -> tuple[str, ...]:
    """The first fields of the index that the condition compares with one value."""
    found: list[str] = []
    for name in fields:
        if name not in where or isinstance(where[name], Mapping):
            break
        found.append(name)
    return tuple(found)


def _range(beyond: Mapping[str, Any] | None) -> Document:
    return {"_id": dict(beyond)} if beyond else {}


def found(
    documents: AsyncIOMotorCollection[Document],
    asked: Condition,
    by: str,
    order: int,
    fields: Mapping[str, int],
    *,
    limit: int | None,
) -> AsyncIterable[Document]:
    """Documents in order. Without a limit they come in batches of `BATCH`."""
    batch = limit if limit is not None else BATCH
    if not asked.left:
        cursor = documents.find(asked.found, dict(fields)).sort(by, order).limit(limit or 0)
        some: AsyncIterable[Document] = cursor.batch_size(batch) if limit is None else cursor
        return some
    first = [{"$limit": limit}] if limit is not None else []
    stages = [*asked.stages, {"$sort": {by: order}}, *first, {"$project": dict(fields)}]
    chosen: AsyncIterable[Document] = documents.aggregate(stages, batchSize=batch)
    return chosen


async def counted(documents: AsyncIOMotorCollection[Document], asked: Condition, limit: int | None = None) -> int:
    if not asked.left:
        most: dict[str, Any] = {"limit": limit} if limit is not None else {}
        number: int = await documents.count_documents(asked.found, **most)
        return number
    first = [{"$limit": limit}] if limit is not None else []
    counts = documents.aggregate([*asked.stages, *first, {"$count": "n"}])
    return sum([one["n"] async for one in counts])
