"""The activity log: one entry per event of identity. Pure.

An entry holds ids. Values about a person (an old name, a new name) are marked, and erased when the person is purged.
Nothing else ever changes an entry.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never


@dataclass(frozen=True, slots=True)
class Difference:
    """One field before and after; None: no value. ``personal``: the values are about a person."""

    field: str
    old: str | None
    new: str | None
    personal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """``actor``: ``user:<id>``, ``service:<name>`` or ``console``. ``on_behalf_of``: the actor's organization, or ``program``.

    ``subject``: the changed document, as ``<kind>:<id>``. ``organization_id``: the organization that owns it.
    """

    event_id: str
    at: datetime
    actor: str
    on_behalf_of: str
    organization_id: str
    action: str
    subject: str
    differences: tuple[Difference, ...] = ()
    correlation_id: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    entry: Entry | None = None
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    entry: Entry


@dataclass(frozen=True, slots=True)
class Forget:
    """Erase values about a person. Actor, time and action of the entry stay."""


Command = Record | Forget


@dataclass(frozen=True, slots=True)
class Recorded:
    entry: Entry


@dataclass(frozen=True, slots=True)
class Forgotten:
    pass


Fact = Recorded | Forgotten


def decide(command: Command, state: Line) -> list[Fact]:
    match command:
        case Record(entry):
            return [] if state.entry else [Recorded(entry)]
        case Forget():
            return [Forgotten()] if state.personal else []
        case _:
            assert_never(command)


def evolve(state: Line, fact: Fact) -> Line:
    match fact:
        case Recorded(entry):
            return Line(entry, personal=any(each.personal for each in entry.differences))
        case Forgotten():
            if state.entry is None:
                return state
            kept = tuple(replace(d, old=None, new=None) if d.personal else d for d in state.entry.differences)
            return Line(replace(state.entry, differences=kept), personal=False)
        case _:
            assert_never(fact)
