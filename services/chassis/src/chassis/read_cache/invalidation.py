"""What keeps a read cache true: looks at the outbox and at the service's own topic, and word of this process's own writes."""

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Protocol, TypeVar

import orjson
from aiokafka import ConsumerRecord

from chassis.aggregate.model import Aggregate, DocumentUpdate, Loaded, Store
from chassis.kafka.topic_reader import repeatedly
from chassis.observability.metrics import Metrics
from chassis.read_cache.cache import ReadCache

S = TypeVar("S")

MOST_PENDING = 1000
"""Documents with events on their way to the topic. With more of them a look proves nothing, and documents are read."""


class NotifyingStore:
    """A store that reports each document that was written, or may have been, before the writer goes on."""

    def __init__(self, store: Store, tell: Callable[[str], None]) -> None:
        self._store = store
        self._tell = tell

    async def load(self, aggregate: Aggregate[S, Any], id: str) -> Loaded[S]:
        return await self._store.load(aggregate, id)

    async def save(self, aggregate: Aggregate[S, Any], id: str, loaded: Loaded[S], change: DocumentUpdate) -> None:
        try:
            await self._store.save(aggregate, id, loaded, change)
        finally:
            self._tell(id)


class Waiting(Protocol):
    async def pending_ids(self, limit: int) -> list[str]: ...


class Following(Protocol):
    """`chassis.kafka.topic_reader.Follower`, as far as it is needed here."""

    async def join(self) -> None: ...

    async def catch_up(self) -> None: ...

    async def leave(self) -> None: ...


class CacheInvalidation:
    """Looks again and again, in the background: until the first look, and while looks fail, the cache knows less for sure."""

    def __init__(
        self,
        cache: ReadCache,
        outbox: Waiting,
        follow: Callable[[Callable[[ConsumerRecord], None]], Following],
        *,
        kinds: Iterable[str],
        metrics: Metrics,
        every: float = 0.5,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``kinds`` of documents that the cache keeps; ``follow``: the service's own topic, record by record.

        ``every``: seconds between two looks.
        """
        self._every = every
        self._cache = cache
        self._outbox = outbox
        self._kinds = frozenset(kinds)
        self._metrics = metrics
        self._clock = clock
        self._topic = follow(self.note)
        self._joined = False
        self._looking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Returns at once: what is not known yet is read."""
        self._looking = asyncio.create_task(repeatedly(self.look, "changes of documents", self._every))

    async def stop(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        await self._topic.leave()

    async def look(self) -> None:
        """Find what was written by anybody until now. In this order: what has left the outbox by then is in the topic."""
        if not self._joined:
            await self._topic.join()
            # What was announced before it stood there is not going to be read.
            self._cache.forget()
            self._joined = True
        at = self._clock()
        pending = await self._outbox.pending_ids(MOST_PENDING + 1)
        for id in pending:
            self._cache.written(id)
        await self._topic.catch_up()
        if len(pending) <= MOST_PENDING:
            self._cache.proved(at)
        self._metrics.cached_parts.set(self._cache.count)

    def note(self, record: ConsumerRecord) -> None:
        """By key alone, which is the document; so no record is too odd to be heard. Its number tells news from a repetition."""
        id = (record.key or b"").decode("ascii", "replace")
        if id.partition(":")[0] not in self._kinds:
            return
        number = None
        with suppress(ValueError, TypeError, KeyError):
            number = int(orjson.loads(record.value)["sequence"])
        if number is None:
            self._cache.written(id)
        else:
            self._cache.announced(id, number)
