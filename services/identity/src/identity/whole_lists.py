"""Lists that are read to their end, a page at a time: memory holds one page, however long the list is."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
PAGE = 500

NextPage = Callable[[str | None, int], Awaitable[list[tuple[str, T]]]]
"""The (id, item) pairs behind an id, at most so many."""


async def all_pages(next_page: NextPage[T]) -> AsyncIterator[list[tuple[str, T]]]:
    after: str | None = None
    while True:
        found = await next_page(after, PAGE)
        if found:
            yield found
        if len(found) < PAGE:
            return
        after = found[-1][0]
