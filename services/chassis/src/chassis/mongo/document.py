"""The form of a service's documents, and of the updates that change them.

Every document is an aggregate with the same housekeeping:

``v`` version · ``seq`` number of its last event · ``state`` · ``uk`` unique values · ``due`` timer · ``tenant`` ·
``out`` events not yet known to be in the topic · ``ob`` the outbox's place in the sweep (``at``), the id of its newest
event (``new``) and its lease (``own``, ``t`` in server time) · ``in`` watermark per message source, with its time
(`chassis.aggregate.watermarks`) · ``cmds`` answers of the last commands, ``past`` marks of those before and ``floor`` the
time of what is older (`chassis.aggregate.repetitions`) · ``mark`` of the write that was last to share a round trip.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from chassis.aggregate.model import Aggregate, DocumentUpdate, Loaded, OutgoingEvent, Published
from chassis.aggregate.repetitions import ANSWERS_KEPT, LONG_AGO, MARK_BYTES, MARKS_KEPT, Answer, Mark

S = TypeVar("S")
Document = dict[str, Any]

SECONDS_BYTES = 4
"""Of a time since 1970; they last until 2106."""
WITHOUT_BODIES = {"out.n": 0, "out.y": 0, "out.b": 0}
"""What a command need not load: while the broker is away, these are most of a document."""


@dataclass(frozen=True, slots=True)
class Write:
    """A document's next version. ``mark`` tells it from anybody else's."""

    id: str
    version: int
    update: Document
    mark: str = ""

    @property
    def new(self) -> bool:
        return self.version == 0

    @property
    def where(self) -> Document:
        return {"_id": self.id, "v": self.version}

    def marked(self, mark: str) -> "Write":
        return Write(self.id, self.version, {**self.update, "$set": {**self.update["$set"], "mark": mark}}, mark)


def loaded(aggregate: Aggregate[S, Any], document: Mapping[str, Any]) -> Loaded[S]:
    return Loaded(
        state=aggregate.parse(document["state"]),
        version=document["v"],
        sequence=document["seq"],
        pending=tuple(event["i"] for event in document.get("out", ())),
        watermarks={source: entry["n"] for source, entry in document.get("in", {}).items()},
        noted={source: entry.get("t") for source, entry in document.get("in", {}).items()},
        answers={
            entry["k"]: Answer(entry["f"], entry.get("r"), entry.get("t", LONG_AGO))
            for entry in document.get("cmds", ())
        },
        marks=dict(_unpacked(bytes(packed)) for packed in document.get("past", ())),
        floor=document.get("floor"),
    )


def _packed(mark: Mark) -> bytes:
    """Twelve bytes. As fields of a document they would be four times as many."""
    return mark.mark + int(mark.at.timestamp()).to_bytes(SECONDS_BYTES, "big")


def _unpacked(packed: bytes) -> tuple[bytes, datetime]:
    seconds = int.from_bytes(packed[MARK_BYTES:], "big")
    return packed[:MARK_BYTES], LONG_AGO + timedelta(seconds=seconds)


def records(document: Mapping[str, Any]) -> tuple[OutgoingEvent, ...]:
    """The events that are not yet known to be in the topic, oldest first."""
    return tuple(OutgoingEvent(event["i"], event["n"], event["y"], bytes(event["b"])) for event in document["out"])


def update(kind: str, change: DocumentUpdate, *, new: bool) -> Document:
    """The whole change as one update."""
    sets: Document = {"state": change.document, "seq": change.sequence, "tenant": change.tenant}
    unsets: Document = {}
    for name, value in (("uk", dict(change.unique)), ("due", change.due)):
        if value:
            sets[name] = value
        else:
            unsets[name] = ""
    for source, number in change.positions.items():
        sets[f"in.{source}"] = {"n": number, "t": change.at}
    for source in change.pruned.undated:
        sets[f"in.{source}.t"] = change.at
    for source in change.pruned.gone:
        unsets[f"in.{source}"] = ""
    if change.records:
        sets["ob.new"] = change.records[-1].id
    if change.lease is not None:
        sets["ob.own"] = change.lease
    parts: Document = {
        "$set": sets,
        "$inc": {"v": 1},
        "$push": _pushes(change),
        "$min": {"ob.at": change.at} if change.records else {},
        "$max": {"floor": change.forgotten.floor} if change.forgotten.floor else {},
        "$currentDate": {"ob.t": True} if change.lease is not None else {},
        "$setOnInsert": {"kind": kind} if new else {},
        "$unset": {} if new else unsets,
    }
    return {operator: fields for operator, fields in parts.items() if fields}


def _pushes(change: DocumentUpdate) -> Document:
    pushes: Document = {}
    if change.answers:
        answers = [{"k": key, "f": one.fingerprint, "r": one.reply, "t": one.at} for key, one in change.answers.items()]
        pushes["cmds"] = {"$each": answers, "$slice": -1 if change.forget else -ANSWERS_KEPT}
    elif change.forget:
        pushes["cmds"] = {"$each": [], "$slice": 0}
    if change.forgotten.marks:
        pushes["past"] = {"$each": [_packed(mark) for mark in change.forgotten.marks], "$slice": -MARKS_KEPT}
    if change.records:
        pending = [{"i": r.id, "n": r.number, "y": r.type, "b": r.value} for r in change.records]
        pushes["out"] = {"$each": pending}
    return pushes


def cleared(published: Published) -> tuple[Document, list[Document]]:
    """Filter and update that forget these events, and the lease where it is still the one to be given back."""
    ours: Document = {"$eq": ["$ob.own", published.lease]} if published.lease else {"$literal": False}
    left = {"$filter": {"input": "$out", "cond": {"$not": [{"$in": ["$$this.i", list(published.event_ids)]}]}}}
    waiting = {"$cond": [ours, {"at": "$ob.at", "new": "$ob.new"}, "$ob"]}
    return {"_id": published.id, "out": {"$exists": True}}, [
        {"$set": {"out": left}},
        {"$set": {"ob": {"$cond": [{"$eq": [{"$size": "$out"}, 0]}, "$$REMOVE", waiting]}}},
    ]


def cleared_wholly(published: Sequence[Published]) -> tuple[Document, Document]:
    """The same for many documents at once: for those whose newest event is the last of these."""
    ids = [one.id for one in published]
    newest = [one.event_ids[-1] for one in published]
    return {"_id": {"$in": ids}, "ob.new": {"$in": newest}}, {"$unset": {"out": "", "ob": ""}}
