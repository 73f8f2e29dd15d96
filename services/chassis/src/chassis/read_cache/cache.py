"""Parts of documents in memory, for questions that come too often to read a document each time (ADR 20).

What is kept answers only as long as it is known to be what stood in the documents ``bound`` seconds ago or later. Known from
when it was read; and for documents whose every change is announced also from each look that found nothing about it, neither
among the events that wait in the outbox nor in the topic.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from chassis.aggregate.model import Aggregate
from chassis.mongo.batcher import Batcher

S = TypeVar("S")
P = TypeVar("P")

MOST_QUESTIONS = 16
"""That share one read of the database."""
NEVER = float("-inf")
ANY = ""
"""Stands for the id of any document."""


@dataclass(frozen=True, slots=True)
class Part(Generic[S, P]):
    """What is kept of the documents of one kind; ``of`` is also asked for one that is not there, with None.

    ``announced``: no change of the part goes without an event on the service's own topic.
    """

    aggregate: Aggregate[S, Any]
    of: Callable[[S | None], P]
    announced: bool


class Numbered(Protocol):
    async def numbered(self, *wanted: tuple[Aggregate[Any, Any], str]) -> list[tuple[int, Any]]:
        """(number of the last event, state) in the order asked for; (0, None) where there is no such document."""


@dataclass(slots=True)
class _Kept:
    value: Any
    sequence: int
    at: float
    announced: bool


@dataclass(slots=True)
class _Question:
    wanted: Sequence[tuple[Part[Any, Any], str]]
    answers: list[Any]


class ReadCache:
    """At most ``limit`` parts; the one not used for longest is forgotten first. 0 keeps nothing. ``bound`` in seconds."""

    def __init__(
        self,
        documents: Numbered,
        *,
        limit: int,
        bound: float,
        clock: Callable[[], float] = time.monotonic,
        count_reads: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._documents = documents
        self._limit = limit
        self._bound = bound
        self._clock = clock
        self._count_reads = count_reads
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._numbers: OrderedDict[str, int] = OrderedDict()
        """By document, the latest event that was announced: a read that knows less came from a server that was behind."""
        self._meanwhile: set[str] | None = None
        """While a read is under way: what was written since it began."""
        self._proved = NEVER
        self._reads: Batcher[_Question] = Batcher(self._read, most=MOST_QUESTIONS)

    @property
    def count(self) -> int:
        return len(self._kept)

    # -- questions

    def known(self, id: str) -> _Kept | None:
        """What is kept of the document, where it may still answer. No waiting."""
        kept = self._kept.get(id)
        if kept is None:
            return None
        known_at = max(kept.at, self._proved) if kept.announced else kept.at
        if self._clock() - known_at > self._bound:
            return None
        self._kept.move_to_end(id)
        return kept

    async def parts(self, *wanted: tuple[Part[Any, Any], str]) -> list[Any]:
        """In the order asked for. What is not known is read, in one round trip. Raises UnavailableError."""
        found = [self.known(id) for _, id in wanted]
        missing = [one for one, kept in zip(wanted, found, strict=True) if kept is None]
        read = iter(await self.latest(*missing) if missing else ())
        return [next(read) if kept is None else kept.value for kept in found]

    async def latest(self, *wanted: tuple[Part[Any, Any], str]) -> list[Any]:
        """The same as the documents are now: they are read after this was asked for. Raises UnavailableError."""
        question = _Question(wanted, [])
        await self._reads.do(question)
        return question.answers

    # -- what ends an answer's life

    def written(self, id: str) -> None:
        """The document was written by this process, or may have been, or by somebody whose event is on its way."""
        self._kept.pop(id, None)
        if self._meanwhile is not None:
            self._meanwhile.add(id)

    def announced(self, id: str, sequence: int) -> None:
        """The event with this number is in the topic: documents from before it count no longer, also where one is read later."""
        if self._limit == 0:
            return
        kept = self._kept.get(id)
        if kept is not None and kept.sequence >= sequence:
            return
        self._numbers[id] = max(sequence, self._numbers.get(id, 0))
        self._numbers.move_to_end(id)
        if len(self._numbers) > self._limit:
            self._numbers.popitem(last=False)
        self.written(id)

    def proved(self, at: float) -> None:
        """All that was announced until ``at``, by our clock, has been noted."""
        self._proved = at

    def forget(self) -> None:
        """Nothing that was kept, or is being read, can be vouched for."""
        self._kept.clear()
        if self._meanwhile is not None:
            self._meanwhile.add(ANY)

    # -- the read

    async def _read(self, questions: Sequence[_Question]) -> Sequence[Exception | None]:
        wanted = {id: part for question in questions for part, id in question.wanted}
        at = self._clock()
        meanwhile: set[str] = set()
        self._meanwhile = meanwhile
        try:
            found = await self._documents.numbered(*((part.aggregate, id) for id, part in wanted.items()))
        finally:
            self._meanwhile = None
        self._count_reads(len(wanted))
        values: dict[str, Any] = {}
        for (id, part), (sequence, state) in zip(wanted.items(), found, strict=True):
            value = values[id] = part.of(state)
            if id not in meanwhile and ANY not in meanwhile and sequence >= self._numbers.get(id, 0):
                self._keep(id, _Kept(value, sequence, at, part.announced))
        for question in questions:
            question.answers = [values[id] for _, id in question.wanted]
        return [None] * len(questions)

    def _keep(self, id: str, kept: _Kept) -> None:
        self._kept[id] = kept
        self._kept.move_to_end(id)
        if len(self._kept) > self._limit:
            self._kept.popitem(last=False)
