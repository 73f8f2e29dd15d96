"""What is said of one invariant."""

from dataclasses import dataclass

STORIES = 5


@dataclass(frozen=True, slots=True)
class Verdict:
    """``checked`` things were looked at; 0: nothing was there to judge, and ``held`` says nothing.

    ``stories`` are the shortest of ``count``. ``note`` is a figure worth knowing, held or not.
    """

    invariant: str
    text: str
    held: bool
    checked: int
    stories: tuple[str, ...] = ()
    count: int = 0
    note: str = ""


class Findings:
    """What a judge writes down while looking. ``text``: the promise in a few words."""

    def __init__(self, invariant: str, text: str) -> None:
        self._invariant = invariant
        self._text = text
        self._checked = 0
        self._stories: list[str] = []

    def look(self, things: int = 1) -> None:
        self._checked += things

    def broken(self, *parts: str) -> None:
        """A story in parts; empty parts are left out."""
        self._stories.append("; ".join(part for part in parts if part))

    def verdict(self, note: str = "") -> Verdict:
        stories = tuple(sorted(self._stories, key=lambda story: (len(story), story))[:STORIES])
        # What is broken was looked at, too.
        checked = max(self._checked, len(self._stories))
        return Verdict(self._invariant, self._text, not stories, checked, stories, len(self._stories), note)
