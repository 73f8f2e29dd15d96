"""The activity log: one entry per event of identity, written from the event and never changed but to forget. Pure.

An entry holds ids. What it says of a person (an old name, a new name) is marked, and erased when the person is purged.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never


@dataclass(frozen=True, slots=True)
class Difference:
    """One field, before and after; None: there was none. ``personal``: the values are about a person."""

    field: str
    old: str | None
    new: str | None
    personal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """``actor``: ``user:<id>``, ``service:<name>`` or ``console``; acts for the organization ``on_behalf_of``, or ``program``.

    ``subject``: what was changed, as ``<kind>:<id>``; ``organization_id``: whose that is.
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
    """Erase what is said about a person; that something was changed, by whom and when, stays."""


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
