"""Lists over HTTP, a page at a time."""

import base64
from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel

from chassis.http.problems import ProblemError

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """One page of a list. ``next_cursor`` is null on the last one."""

    items: list[T]
    next_cursor: str | None = None


class Paging(BaseModel):
    limit: int
    after: str | None

    def page(self, found: Sequence[tuple[str, T]]) -> "Page[T]":
        """``found`` was asked for with ``limit + 1``: the one too many says that there is more."""
        items = [item for _, item in found[: self.limit]]
        more = len(found) > self.limit
        return Page[Any](items=items, next_cursor=_cursor(found[self.limit - 1][0]) if more else None)


def _paging(
    limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: Annotated[str | None, Query(max_length=400)] = None
) -> Paging:
    try:
        after = base64.b64decode(cursor.encode(), altchars=b"-_", validate=True).decode() if cursor else None
    except ValueError as error:
        raise ProblemError(
            422, "bad-cursor", "pass next_cursor of an earlier page unchanged", field="cursor"
        ) from error
    return Paging(limit=limit, after=after)


def _cursor(id: str) -> str:
    return base64.urlsafe_b64encode(id.encode()).decode()


PageQuery = Annotated[Paging, Depends(_paging)]
