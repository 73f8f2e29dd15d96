"""The list of all mails: why each is sent, to which readers, and whether its readers may do without it.

``catalogue.toml`` has the entries. A category is mandatory or optional as a whole: people choose by category.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

MANDATORY: dict[str, str] = {
    "security": "the safety of your own account",
    "account": "links and words that you need to sign in",
    "program": "decisions and deadlines about your company's place in the program",
    "invitations": "invitations and requests that wait for an answer",
    "relationships": "what others may do for you, or you for them, from now on",
}
"""What nobody can do without, by category."""
OPTIONAL: dict[str, str] = {
    "progress": "news of what you asked for while nothing is to be done",
    "reminders": "reminders of what you already had a mail about",
    "answers": "answers to your invitations and requests",
    "partners": "news of your partners while nothing changes for you",
}
"""What a reader may do without, by category."""


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
