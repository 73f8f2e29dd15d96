"""Follows a counter through the topic."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from kontor_contracts import Event


@dataclass(frozen=True, slots=True)
class Mirror:
    """``total`` is the sum of the amounts seen; ``gaps`` counts the times it was not what the counter had said it is."""

    total: int = 0
    count: int = 0
    gaps: int = 0


@dataclass(frozen=True, slots=True)
class Follow:
    amount: int
    total: int


class Followed(Event):
    """In the outbox like any event; nobody reads it."""

    TYPE: ClassVar[str] = "kontor.tally.followed.v1"
    amount: int
    total: int


def decide(command: Follow, _: Mirror) -> Sequence[Event]:
    return [Followed(amount=command.amount, total=command.total)]


def evolve(state: Mirror, event: Event) -> Mirror:
    match event:
        case Followed(amount=amount, total=total):
            gap = state.total + amount != total
            return Mirror(total=state.total + amount, count=state.count + 1, gaps=state.gaps + gap)
        case _:
            return state
