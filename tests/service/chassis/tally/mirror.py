"""Follows a counter through the topic."""

from collections.abc import Sequence
from dataclasses import dataclass


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


@dataclass(frozen=True, slots=True)
class Followed:
    """A private fact: nothing is announced."""

    amount: int
    total: int


def decide(command: Follow, _: Mirror) -> Sequence[Followed]:
    return [Followed(command.amount, command.total)]


def evolve(state: Mirror, fact: Followed) -> Mirror:
    total = state.total + fact.amount
    return Mirror(total=total, count=state.count + 1, gaps=state.gaps + (total != fact.total))
