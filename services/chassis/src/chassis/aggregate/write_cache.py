"""Caches documents as this process wrote them last, so that the next command on one needs no read.

Another process may have written the document since. So a cached document may lead to a write, which the version guards,
and to nothing else: a command that ends without a write reads the document first (`handler`). What never changes in a
document, such as its owner, may be read from here as well (`Handler.remembered`).
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from chassis.aggregate.model import DocumentUpdate, Loaded
from chassis.aggregate.repetitions import ANSWERS_KEPT, kept_marks


class WriteCache:
    """At most ``limit`` documents; the one not used for longest is forgotten first. 0 remembers nothing."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._known: OrderedDict[str, Loaded[Any]] = OrderedDict()

    def get(self, id: str) -> Loaded[Any] | None:
        found = self._known.get(id)
        if found is not None:
            self._known.move_to_end(id)
        return found

    def forget(self, id: str) -> None:
        self._known.pop(id, None)

    def saved(self, id: str, loaded: Loaded[Any], state: Any, change: DocumentUpdate) -> None:
        """``change`` is in the database, on top of ``loaded``. ``state`` is what it holds now."""
        if self._limit == 0 or change.forget or (change.records and change.lease is None):
            # Without a lease of ours somebody else publishes these, and does not tell us when.
            self.forget(id)
            return
        known = self._known.get(id)
        # Events may have been cleared since it was loaded.
        before = known.pending if known is not None and known.version == loaded.version else loaded.pending
        watermarks, noted, answers = loaded.watermarks, loaded.noted, loaded.answers
        holes = loaded.holes
        if change.positions:
            watermarks = {**watermarks, **change.positions}
            noted = {**noted, **dict.fromkeys((*change.positions, *change.pruned.undated), change.at)}
            if holes or change.holes:
                unchanged = {source: found for source, found in holes.items() if source not in change.positions}
                holes = {**unchanged, **change.holes}
        if change.pruned.gone:
            gone = set(change.pruned.gone)
            watermarks = {source: number for source, number in watermarks.items() if source not in gone}
            noted = {source: at for source, at in noted.items() if source not in gone}
            holes = {source: found for source, found in holes.items() if source not in gone}
        if change.answers:
            answers = {**answers, **change.answers}
            if len(answers) > ANSWERS_KEPT:
                answers = dict(list(answers.items())[-ANSWERS_KEPT:])
        self._known[id] = Loaded(
            state=state,
            version=loaded.version + 1,
            sequence=change.sequence,
            pending=(*before, *(record.id for record in change.records)) if change.records else before,
            watermarks=watermarks,
            holes=holes,
            noted=noted,
            answers=answers,
            marks=kept_marks(loaded.marks, change.forgotten.marks) if change.forgotten.marks else loaded.marks,
            floor=max(filter(None, (loaded.floor, change.forgotten.floor)), default=None),
        )
        self._known.move_to_end(id)
        if len(self._known) > self._limit:
            self._known.popitem(last=False)

    def cleared(self, id: str, event_ids: Iterable[str]) -> None:
        """These events are not pending any more."""
        known = self._known.get(id)
        if known is not None:
            gone = set(event_ids)
            self._known[id] = replace(known, pending=tuple(one for one in known.pending if one not in gone))
