"""The list of all mails: why each is sent, to which readers, and whether its readers may do without it.

``catalogue.toml`` has the entries. A category is mandatory or optional as a whole: people choose by category.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

from notifications.domain.preferences.categories import MANDATORY, OPTIONAL
from notifications.domain.preferences.state import Preferences


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One mail. ``messages``: the names of those that lead to it."""

    name: str
    category: str
    why: str
    to: str
    messages: tuple[str, ...]

    @property
    def optional(self) -> bool:
        return self.category in OPTIONAL


class Catalogue:
    """All mails by name. Raises ValueError if an entry has an unknown category."""

    def __init__(self) -> None:
        entries = tomllib.loads(files("notifications").joinpath("catalogue.toml").read_text())
        self._entries = {
            name: Entry(
                name=name,
                category=one["category"],
                why=one["why"],
                to=one["to"],
                messages=tuple(one["messages"]),
            )
            for name, one in entries.items()
        }
        unknown = {one.category for one in self} - {*MANDATORY, *OPTIONAL}
        if unknown:
            raise ValueError(f"catalogue.toml: these categories are unknown: {', '.join(sorted(unknown))}")

    def __getitem__(self, template: str) -> Entry:
        return self._entries[template]

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def muted(self, template: str, preferences: Preferences) -> bool:
        """Whether its reader does not want it. A template that is not listed is nobody's choice."""
        entry = self._entries.get(template)
        return entry is not None and entry.optional and entry.category in preferences.muted
