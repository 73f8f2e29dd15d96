"""The activity log: one entry per event, and per decision about a mail. Pure.

An entry holds ids. Values about a person (an old name, a new name) are marked, and erased when the person is purged.
Nothing else ever changes an entry.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import assert_never

MOST_ORGANIZATIONS = 101
"""That one event concerns: a customer and all its partners."""
MOST_DIFFERENCES = 20
PROGRAM_LIST = "*"
"""The list of all entries, which the program's staff read. No organization has this id."""


FILTERS = ("subject", "actor", "action")


@dataclass(frozen=True, slots=True)
class Difference:
    """One field before and after; None: no value. ``personal``: the values are about a person."""

    field: str
    old: str | None
    new: str | None
    personal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event as the log has it.

    ``actor``: ``user:<id>``, ``service:<name>`` or ``console``. ``on_behalf_of``: the actor's organization, ``program`` or
    ``unknown``. ``subject``: the changed document, as ``<kind>:<id>``. ``organization_id``: the organization that owns it.
    ``organizations``: all that the event concerns; each finds the entry in its log.
    """

    event_id: str
    at: datetime
    actor: str
    on_behalf_of: str
    organization_id: str
    action: str
    subject: str
    organizations: tuple[str, ...] = ()
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


def entry_key(entry: Entry) -> str:
    """Keys sort by time, so the log's order is the order of the keys."""
    return f"{moment_key(entry.at)}-{entry.event_id}"


def moment_key(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S.%f}"


def list_key(organization_id: str, **chosen: str) -> str:
    """One list per organization, and one more for each value of subject, actor and action in it."""
    return "|".join((organization_id, *(f"{name}={value}" for name, value in chosen.items())))


def listing(line: Line) -> tuple[tuple[str, ...], str] | None:
    """The lists that the entry is in, and its place there."""
    entry = line.entry
    if entry is None:
        return None
    keys: list[str] = []
    # Entries of before had one organization.
    for owner in (PROGRAM_LIST, *(entry.organizations or filter(None, (entry.organization_id,)))):
        keys += [list_key(owner), *(list_key(owner, **{name: getattr(entry, name)}) for name in FILTERS)]
    return tuple(keys), entry_key(entry)


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
