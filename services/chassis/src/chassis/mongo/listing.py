"""Filters for documents that stand in lists (`chassis.aggregate.Listing`)."""

import re
from collections.abc import Iterable, Mapping
from typing import Any


def list_filter(
    *, keys: Iterable[str] = (), words: Iterable[str] = (), where: Iterable[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Documents that stand in all of these lists, have words that begin so in their text, and fulfil ``where``.

    The text of a listing has single spaces between its words. For `MongoStore.list_page`, which enters by one more list.
    """
    conditions: list[Mapping[str, Any]] = [*where, *({"ls.k": key} for key in keys)]
    conditions += [{"ls.t": {"$regex": f"(^| ){re.escape(word)}"}} for word in words]
    return {"$and": conditions} if conditions else {}
