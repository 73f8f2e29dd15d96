"""What people wrote, made safe to read in a sentence of ours.

Contracts refuse most of this where it is entered. Mails do not rely on it: a message may be older than a rule, or another team's.
"""

import re

DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the direction of what follows: a name with one could make our own words read otherwise (UAX 9)."""
UNSEEN = re.compile(
    "[\u00ad\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\U000e0000-\U000e0fff]"
)
"""Letters without a shape, in which something can hide. Not the joiners U+200C and U+200D: some scripts and emojis need them."""
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
LINE_ENDS = re.compile("\r\n|[\r\u0085\u2028\u2029]")


def readable(text: str) -> str:
    """The text without marks of direction, unseen letters and control characters; lines end with a line feed."""
    lines = LINE_ENDS.sub("\n", text)
    return CONTROLS.sub("", UNSEEN.sub("", DIRECTIONS.sub("", lines)))


def one_line(text: str) -> str:
    """The same for what has one line, such as a name."""
    return " ".join(readable(text).split())
