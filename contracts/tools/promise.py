"""What may change of a message within its major version.

The promise is both ways: readers of today understand what was written yesterday (it is still in the topic, on a dead
letter, in an example), and readers of yesterday understand what is written today. So a field may be added if it is
optional, and nothing that somebody relies on may go. Where the two directions differ, who writes decides: of an event
the owner writes and everybody reads, of a command everybody writes and the owner reads.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["events", "commands"]
Severity = Literal["breaking", "warning", "fine"]
Change = Literal[
    "added",
    "removed",
    "retyped",
    "required",
    "optional",
    "narrowed",
    "widened",
    "opened",
    "extended",
    "reworded",
    "new",
    "gone",
]

SEVERITIES: dict[Change, tuple[Severity, Severity]] = {
    # change: (in an event, in a command)
    "new": ("fine", "fine"),
    "gone": ("breaking", "breaking"),
    "added": ("fine", "fine"),
    "removed": ("breaking", "breaking"),
    "retyped": ("breaking", "breaking"),
    "required": ("breaking", "breaking"),
    "optional": ("breaking", "fine"),
    "narrowed": ("breaking", "breaking"),
    "widened": ("warning", "fine"),
    # A closed list becomes an open one; an open list has a further value, which no reader stops at.
    "opened": ("fine", "fine"),
    "extended": ("fine", "fine"),
    # A pattern or a default that reads differently: a program cannot tell which way it went.
    "reworded": ("warning", "breaking"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference: the message, the place in it, and how grave it is."""

    type: str
    place: str
    change: Change
    severity: Severity
    detail: str

    def __str__(self) -> str:
        return f"{self.severity:8}  {self.type}  {self.place or '(message)'}: {self.change}{self.detail}"
