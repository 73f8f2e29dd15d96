"""Watermarks: the number of the last event of each source that a document has followed. They are bounded in number and range.

A number far beyond the last one is no gap but a mistake, or a forgery: believing it would make every later event of the source
a repetition. And a source that has been quiet for longer than any topic or dead letter is kept cannot come again, so that its
watermark can go.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

FURTHEST_FIRST = 1_000_000
"""The first event of a source that a document sees may have any number up to this: types that it ignores are counted, too."""
FURTHEST_AHEAD = 10_000
"""Later ones may be ahead of the last one by this much. Whatever is missing in between is a gap, and is counted."""
FEW = 16
"""With no more than these nothing is pruned."""
MOST = 1000
"""A document keeps no more; the oldest go first."""
KEPT = timedelta(days=45)
"""Longer than an event is in its topic (14 days) and a dead letter of it may be replayed after that (30 days)."""


def is_jump(seen: int, number: int) -> bool:
    """Whether ``number`` cannot follow on ``seen``; 0: nothing was seen."""
    return number > (seen + FURTHEST_AHEAD if seen else FURTHEST_FIRST)


class Pruned(NamedTuple):
    """``gone``: watermarks to drop. ``undated``: those of an older release, whose time begins now."""

    gone: tuple[str, ...] = ()
    undated: tuple[str, ...] = ()


NOTHING_PRUNED = Pruned()


def pruned(noted: Mapping[str, datetime | None], new: Collection[str], at: datetime) -> Pruned:
    """What a write at ``at`` does with the watermarks that were ``noted``, by source; those of ``new`` are written anyhow."""
    others = [(source, when) for source, when in noted.items() if source not in new]
    if len(others) + len(new) <= FEW:
        return NOTHING_PRUNED
    dated = sorted((when, source) for source, when in others if when is not None)
    old = [source for when, source in dated if at - when > KEPT]
    too_many = len(others) + len(new) - MOST
    gone = [source for _, source in dated[: max(len(old), too_many, 0)]]
    return Pruned(tuple(gone), tuple(source for source, when in others if when is None))
