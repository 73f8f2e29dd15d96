"""The documents of relationships in memory, and the messages between them: for the model of the whole graph."""

from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from itertools import count
from types import SimpleNamespace
from typing import Any, TypeVar

from chassis import Aggregate
from kontor_contracts import Envelope, Event, Refusal, encode, new_envelope
from kontor_contracts.authz import View

T = TypeVar("T")


def done(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that waits for nothing: its store is in memory."""
    try:
        work.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    raise AssertionError("it waited")


def values_at(document: Any, path: str) -> Iterator[Any]:
    if not path:
        yield document
        return
    name, _, rest = path.partition(".")
    for one in document if isinstance(document, list) else [document]:
        if isinstance(one, Mapping) and name in one:
            yield from values_at(one[name], rest)


def matches(document: Mapping[str, Any], where: Mapping[str, Any]) -> bool:
    return all(_fits(list(values_at(document, path)) or [None], wanted) for path, wanted in where.items())


def _fits(found: list[Any], wanted: Any) -> bool:
    """As MongoDB compares, with the operators that relationships uses."""
    if not isinstance(wanted, Mapping):
        return wanted in found
    return all(_compares(found, operator, operand) for operator, operand in wanted.items())


def _compares(found: list[Any], operator: str, operand: Any) -> bool:
    match operator:
        case "$ne":
            return operand not in found
        case "$in":
            return any(one in operand for one in found)
        case "$nin":
            return all(one not in operand for one in found)
        case _:
            raise AssertionError(f"{operator} is not known here")


@dataclass
class World:
    """The store that the reactions read, and the messages that have not arrived yet, by the document that announced them.

    ``now``: no two deeds happen at the same moment.
    """

    now: datetime
    states: dict[str, tuple[Aggregate[Any, Any], Any]] = field(default_factory=dict)
    waiting: dict[str, list[Envelope[Any]]] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    view: View = field(default_factory=View)
    """What a reader of the snapshot topic knows."""

    def state(self, aggregate: Aggregate[Any, Any], key: str) -> Any:
        return self.states.get(aggregate.id(key), (aggregate, aggregate.initial))[1]

    def run(self, aggregate: Aggregate[Any, Any], id: str, command: Any) -> list[Any]:
        """One write: the new state, and the events on their way."""
        state = self.states.get(id, (aggregate, aggregate.initial))[1]
        facts = list(aggregate.decide(command, state))
        now = reduce(aggregate.evolve, facts, state)
        self.states[id] = (aggregate, now)
        for fact in facts:
            if isinstance(fact, Event) and not isinstance(fact, Refusal):
                self.announce(fact, id, "relationships")
        if aggregate.snapshot and aggregate.snapshot.of(now) != aggregate.snapshot.of(state):
            assert any(isinstance(fact, Event) for fact in facts), "a snapshot changed, and nothing was announced"
            self.publish(aggregate.snapshot.of(now), id)
        return facts

    def publish(self, said: Event | None, subject: str) -> None:
        """A snapshot, as bytes; None: a tombstone."""
        number = next(self.numbers)
        if said is None:
            self.view.apply(subject.encode(), None, [("sequence", str(number).encode())])
            return
        message = new_envelope(
            said,
            id=f"e{number}",
            source="/kontor/relationships",
            subject=subject,
            time=self.now,
            sequence=number,
            correlationid=f"c{number}",
        )
        self.view.apply(subject.encode(), *encode(message))

    def announce(self, event: Event, subject: str, service: str) -> Envelope[Any]:
        number = next(self.numbers)
        message = new_envelope(
            event,
            id=f"e{number}",
            source=f"/kontor/{service}",
            subject=subject,
            time=self.now,
            sequence=number,
            correlationid=f"c{number}",
        )
        self.waiting.setdefault(f"{service} {subject}", []).append(message)
        return message

    # What reactions, timers and look-ups ask of a store and of a handler.

    async def handle(self, aggregate: Aggregate[Any, Any], id: str, command: Any, _cause: Any) -> Any:
        self.run(aggregate, id, command)
        return SimpleNamespace(state=self.states[id][1])

    async def get(self, aggregate: Aggregate[Any, Any], id: str) -> Any:
        return self.states[id][1] if id in self.states else None

    async def get_many(self, *wanted: tuple[Aggregate[Any, Any], str]) -> tuple[Any, ...]:
        return tuple([await self.get(aggregate, id) for aggregate, id in wanted])

    async def find_all(
        self, aggregate: Aggregate[Any, Any], where: Mapping[str, Any]
    ) -> AsyncIterator[tuple[str, Any]]:
        for id, (kind, state) in sorted(self.states.items(), key=lambda one: one[0]):
            document = (
                {"state": aggregate.dump(state), "tenant": aggregate.tenant(state)} if kind is aggregate else None
            )
            if document is not None and matches(document, where):
                yield id, state

    async def find(self, aggregate: Aggregate[Any, Any], where: Mapping[str, Any], **_: Any) -> list[tuple[str, Any]]:
        return [pair async for pair in self.find_all(aggregate, where)]
