"""A line of the table, and the way its figures come about: interleaved rounds of floor and Kontor, and their medians."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Literal

Figures = dict[str, float]
"""What one round of one side gave. ``value`` is what the table compares; the others explain it."""
Breakdown = dict[str, float]
"""Of what a figure is made, in the row's unit and in the order in which it is to be read; the last line is the whole."""
Side = Callable[[], Awaitable[Figures]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A goal. ``ratio`` is Kontor's figure by the floor's; without a floor it is the figure itself."""

    ratio: float
    better: Literal["more", "less"] = "more"

    def met(self, found: float) -> bool:
        return found >= self.ratio if self.better == "more" else found <= self.ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    name: str
    unit: str
    kontor: Figures
    goal: Goal | None = None
    """None: a figure that explains others, and cannot be missed."""
    floor: Figures | None = None
    note: str = ""
    curves: dict[str, Any] = field(default_factory=dict)
    """For the plots."""
    breakdown: Breakdown = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        return self.kontor["value"] / self.floor["value"] if self.floor else self.kontor["value"]

    @property
    def met(self) -> bool:
        return self.goal is None or self.goal.met(self.ratio)


async def by_turns(floor: Side, kontor: Side, rounds: int) -> tuple[Figures, Figures]:
    """The medians of both. Who begins changes from round to round, so that a machine that slows down is fair to both."""
    floors: list[Figures] = []
    ours: list[Figures] = []
    for number in range(rounds):
        sides = [(floor, floors), (kontor, ours)]
        for side, found in sides if number % 2 == 0 else reversed(sides):
            found.append(await side())
    return medians(floors), medians(ours)


async def in_turn(sides: Sequence[Side], rounds: int) -> list[Figures]:
    """The medians of each; every other round goes backwards, for the same reason."""
    found: list[list[Figures]] = [[] for _ in sides]
    for number in range(rounds):
        pairs = list(zip(sides, found, strict=True))
        for side, figures in pairs if number % 2 == 0 else reversed(pairs):
            figures.append(await side())
    return [medians(figures) for figures in found]


def medians(rounds: list[Figures]) -> Figures:
    return {name: median(figures[name] for figures in rounds) for name in rounds[0]}
