"""Watermarks: the number of the last event of each source that a document has followed. They are bounded in number and range.

A number far beyond the last one is no gap but a mistake, or a forgery: believing it would make every later event of the source
a repetition.

Watermarks go by age and by number, and not when their source is settled: a consumer cannot see that. A closed organization is
reopened, an ended partnership begins again, and a later release announces one event more about what had ended. The promise I5
(each event is applied once) holds without that:

- By age: a record comes again from its topic (14 days) or as a dead letter (30 days after that). After `KEPT` neither has it, so
  no watermark can be missed.
- By number: a crash brings back the records of batches that were not committed. A batch has no more records than `MOST`, its
  watermarks are the newest, and the oldest go first. So all of them are there when it is read again.
- What is left is an operator who sets a group back, or `kontor republish` after more than `KEPT`. Both bring all events of a
  source in order and end with the newest one. The document ends as it was, because its domain compares facts with its state
  (`decide` answers "already so"). A mail is a document of its own, with its cause in its id, so none is sent again.
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
"""A document keeps no more; the oldest go first. More than the records of a batch (``batch_records``): see above."""
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
