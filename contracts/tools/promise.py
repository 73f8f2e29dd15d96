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
    "nullable",
    "loosened",
    "opened",
    "extended",
    "reworded",
    "new",
    "gone",
    "unknown-keyword",
    "moved",
    "regrouped",
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
    # Readers in typed languages have no room for a null, and parse a time as a time.
    "nullable": ("breaking", "fine"),
    "loosened": ("breaking", "fine"),
    # A closed list becomes an open one; an open list has a further value, which no reader stops at.
    "opened": ("fine", "fine"),
    "extended": ("fine", "fine"),
    # A pattern or a default that reads differently: a program cannot tell which way it went.
    "reworded": ("warning", "breaking"),
    # What the gate cannot judge, it lets nobody publish.
    "unknown-keyword": ("breaking", "breaking"),
    # Of a topic: what changes for everybody who writes or reads, and who else does.
    "moved": ("breaking", "breaking"),
    "regrouped": ("fine", "fine"),
}


WORDS: dict[Change, str] = {
    "new": "is new",
    "gone": "is gone, and somebody still writes or reads it",
    "added": "is a new field that may be missing",
    "removed": "is gone, and readers still look for it",
    "retyped": "{detail}",
    "required": "has to be there now{detail}; it is missing in what was written before",
    "optional": "may be missing now",
    "narrowed": "takes less now: {detail}",
    "widened": "takes more now: {detail}",
    "nullable": "may be null now",
    "loosened": "{detail}",
    "opened": "takes values that are not listed, too{detail}",
    "extended": "has further values: {detail}",
    "reworded": "reads differently: {detail}",
    "unknown-keyword": "has a keyword that this gate does not know: {detail}; teach contracts/tools/compatibility.py first",
    "moved": "{detail}",
    "regrouped": "{detail}",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference: the message or the topic, the place in it, and how grave it is."""

    type: str
    place: str
    change: Change
    severity: Severity
    detail: str

    def __str__(self) -> str:
        place = f"`{self.place}`" if self.place else "it"
        return f"{self.severity:8}  {self.type}: {place} {WORDS[self.change].format(detail=self.detail.strip())}"
