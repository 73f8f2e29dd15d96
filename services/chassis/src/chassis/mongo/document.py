"""The form of a service's documents, and of the updates that change them.

Every document is an aggregate with the same housekeeping:

``v`` version · ``seq`` number of its last event · ``state`` · ``uk`` unique values · ``ls`` keys,
order and text of lists · ``due`` timer · ``trace`` where traces are on: the traceparent (``p``) that the timer follows, and its
time (``t``) · ``tenant`` ·
``out`` the last events · ``ob``, where some of these are not known to be in the topic: the outbox's place in the sweep
(``at``), the first of them (``from``), the id of the newest (``new``), the lease (``own``, ``t`` in server time), whether
they are announced again (``again``) and whether the snapshot is to be published once more (``snap``) · what goes to another
topic with an event (``p``) is in ``out`` only until it is there
· ``said`` when the last of them was saved · ``in`` per message source the watermark
(``n``) with its time (`chassis.aggregate.watermarks`) and what is missing below it (``h``) · ``cmds`` answers of the last
commands, ``past`` marks of those before and ``floor`` the time of what is older (`chassis.aggregate.repetitions`) · ``mark``
of the write that was last to share a round trip.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from chassis.aggregate.model import Aggregate, DocumentUpdate, Listing, Loaded, OutgoingEvent, Published
from chassis.aggregate.repetitions import ANSWERS_KEPT, LONG_AGO, MARK_BYTES, MARKS_KEPT, Answer, Mark

S = TypeVar("S")
Document = dict[str, Any]

SECONDS_BYTES = 4
"""Of a time since 1970; they last until 2106."""
EVENTS_KEPT = 16
"""That a document keeps when they are in the topic, to announce them again when the topic has lost them."""
LARGEST_KEPT = 8 * 1024
"""Bytes of an event. One that is larger has the earlier ones go, so that the document stays small."""
ERASING = "erase"
"""Instead of the id of the newest event: once the events are in the topic, none is to be kept."""
RENEWING = "snapshot"
"""Among the ids of pending events: the snapshot that is to be published once more."""
WITHOUT_BODIES = {"out.y": 0, "out.b": 0}
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
        pending=tuple(pending_ids(document)),
        watermarks={source: entry["n"] for source, entry in document.get("in", {}).items()},
        holes={
            source: tuple((first, last) for first, last in entry["h"])
            for source, entry in document.get("in", {}).items()
            if "h" in entry
        },
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
    """The events that are not yet known to be in the topic, or are to be there again, oldest first."""
    return tuple(_record(event) for event in _pending(document))


def _record(event: Mapping[str, Any]) -> OutgoingEvent:
    value = None if event["b"] is None else bytes(event["b"])
    return OutgoingEvent(event["i"], event["n"], event["y"], value, event.get("t"), event.get("p"))


def pending_ids(document: Mapping[str, Any]) -> list[str]:
    waiting = [event["i"] for event in _pending(document)]
    # No event has this id, so nobody publishes a newer snapshot before this one.
    return [*waiting, RENEWING] if is_renewing(document) else waiting


def is_renewing(document: Mapping[str, Any]) -> bool:
    """Whether its snapshot is to be published once more, because somebody asked for it."""
    return bool(document.get("ob", {}).get("snap"))


def is_again(document: Mapping[str, Any]) -> bool:
    """Whether its events are announced again because somebody asked for it."""
    return bool(document.get("ob", {}).get("again"))


def _pending(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if (outbox := document.get("ob")) is None:
        return []
    first = outbox.get("from", 0)
    return [event for event in document.get("out", ()) if event["n"] >= first or "p" in event]


def update(kind: str, change: DocumentUpdate, *, new: bool) -> Document:
    """The whole change as one update."""
    sets: Document = {"state": change.document, "seq": change.sequence, "tenant": change.tenant}
    unsets: Document = {}
    for name, value in (("uk", dict(change.unique)), ("due", change.due), ("ls", listed(change.listing))):
        if value:
            sets[name] = value
        else:
            unsets[name] = ""
    for source, number in change.positions.items():
        holes = change.holes.get(source)
        missing = {"h": [list(hole) for hole in holes]} if holes else {}
        sets[f"in.{source}"] = {"n": number, "t": change.at, **missing}
    for source in change.pruned.undated:
        sets[f"in.{source}.t"] = change.at
    for source in change.pruned.gone:
        unsets[f"in.{source}"] = ""
    erasing = change.forget and (change.records or change.pending)
    if erasing:
        sets["ob.new"] = ERASING
    elif change.records:
        sets["ob.new"] = change.records[-1].id
    if change.records:
        sets["said"] = change.at
    if change.lease is not None:
        sets["ob.own"] = change.lease
    parts: Document = {
        "$set": {**sets, **_traced(change)},
        "$inc": {"v": 1},
        "$push": _pushes(change),
        "$min": _places(change, erasing=bool(erasing)),
        "$max": {"floor": change.forgotten.floor} if change.forgotten.floor else {},
        "$currentDate": {"ob.t": True} if change.lease is not None else {},
        "$setOnInsert": {"kind": kind} if new else {},
        "$unset": {} if new else unsets,
    }
    return {operator: fields for operator, fields in parts.items() if fields}


def _traced(change: DocumentUpdate) -> Document:
    followed = change.trace is not None and change.due is not None
    return {"trace": {"p": change.trace, "t": change.at}} if followed else {}


def _places(change: DocumentUpdate, *, erasing: bool) -> Document:
    if change.records:
        return {"ob.at": change.at, "ob.from": change.records[0].number}
    # What waited when the document was read may have been cleared since, and is kept then. With a place in the sweep it
    # goes out once more and is erased after that.
    return {"ob.at": change.at} if erasing else {}


def listed(listing: Listing | None) -> Document | None:
    if listing is None:
        return None
    second = {"s": {listed_field(key): order for key, order in listing.second.items()}} if listing.second else {}
    return {"k": list(listing.keys), "o": listing.order, "t": listing.text, **second}


def listed_field(key: str) -> str:
    """The name of the field with the second order of a list. Dots and dollars would be paths and operators."""
    return key.replace("%", "%25").replace(".", "%2E").replace("$", "%24")


def _pushes(change: DocumentUpdate) -> Document:
    pushes: Document = {}
    if change.answers:
        answers = [{"k": key, "f": one.fingerprint, "r": one.reply, "t": one.at} for key, one in change.answers.items()]
        pushes["cmds"] = {"$each": answers, "$slice": -1 if change.forget else -ANSWERS_KEPT}
    elif change.forget:
        pushes["cmds"] = {"$each": [], "$slice": 0}
    if change.forgotten.marks:
        pushes["past"] = {"$each": [_packed(mark) for mark in change.forgotten.marks], "$slice": -MARKS_KEPT}
    if change.records or change.forget:
        events = [_saved(record) for record in change.records]
        pending = change.pending + len(events)
        large = any(len(r.value or b"") > LARGEST_KEPT for r in change.records if r.topic is None)
        pushes["out"] = {"$each": events, "$slice": -(pending if change.forget or large else max(pending, EVENTS_KEPT))}
    return pushes


def _saved(record: OutgoingEvent) -> Document:
    elsewhere = {"p": record.topic} if record.topic is not None else {}
    return {"i": record.id, "n": record.number, "y": record.type, "b": record.value, "t": record.at, **elsewhere}


def cleared(published: Published) -> tuple[Document, list[Document]]:
    """Filter and update after which these events are not pending, and the lease is given back where it is still this one."""
    ours: Document = {"$eq": ["$ob.own", published.lease]} if published.lease else {"$literal": False}
    first = {"$ifNull": ["$ob.from", 0]}
    unpublished = {"$not": [{"$in": ["$$this.i", list(published.event_ids)]}]}
    elsewhere = {"$ne": [{"$ifNull": ["$$this.p", ""]}, ""]}
    waits = {"$and": [unpublished, {"$or": [{"$gte": ["$$this.n", first]}, elsewhere]}]}
    # What went to another topic is not kept.
    kept_events = {"$filter": {"input": "$out", "cond": {"$or": [unpublished, {"$not": [elsewhere]}]}}}
    renewed = True if published.renewed else {"$ne": ["$ob.snap", True]}
    done = {"$and": [{"$eq": [{"$size": "$left"}, 0]}, renewed]}
    erased = {"$cond": [{"$eq": ["$ob.new", ERASING]}, "$left", kept_events]}
    # Of the events that wait in the service's own topic: what waits for another one is found by itself.
    own = {"$filter": {"input": "$left", "cond": {"$not": [elsewhere]}}}
    # The embedded database does not read a field through an array ("$left.n").
    number = {"$let": {"vars": {"first": {"$arrayElemAt": [own, 0]}}, "in": "$$first.n"}}
    begins = {"$ifNull": [number, {"$add": ["$seq", 1]}]}
    kept = {"at": "$ob.at", "new": "$ob.new", "from": begins, "snap": "$ob.snap"}
    leased = {"$mergeObjects": ["$ob", {"from": begins}]}
    if published.renewed:
        del kept["snap"]
        leased["$mergeObjects"].append({"snap": False})
    return {"_id": published.id, "ob.at": {"$exists": True}}, [
        {"$set": {"left": {"$filter": {"input": "$out", "cond": waits}}}},
        {"$set": {"out": erased}},
        {"$set": {"ob": {"$cond": [done, "$$REMOVE", {"$cond": [ours, kept, leased]}]}}},
        {"$unset": "left"},
    ]


def cleared_wholly(published: Sequence[Published]) -> tuple[Document, Document]:
    """The same for many documents at once: for those whose newest event is the last of these."""
    ids = [one.id for one in published]
    newest = [one.event_ids[-1] for one in published]
    update = {"$unset": {"ob": ""}, "$pull": {"out": {"p": {"$exists": True}}}}
    return {"_id": {"$in": ids}, "ob.new": {"$in": newest}, "ob.snap": {"$ne": True}}, update


def announced_again(after: int, at: datetime, token: str) -> list[Document]:
    """An update by which kept events with a higher number than ``after`` are published once more. ``token`` is its own.

    It is a new version, so that no process goes on with what it remembers of the document.
    """
    first = {"$min": [{"$ifNull": ["$ob.from", after + 1]}, after + 1]}
    outbox = {
        "at": {"$ifNull": ["$ob.at", at]},
        "from": first,
        # Not the newest event's id: a clearing under way, of events published before, does not end this.
        "new": {"$cond": [{"$eq": ["$ob.new", ERASING]}, ERASING, {"$literal": token}]},
        "again": {"$literal": True},
    }
    return [{"$set": {"ob": {"$mergeObjects": ["$ob", outbox]}, "v": {"$add": ["$v", 1]}}}]


def renewing(at: datetime, token: str) -> list[Document]:
    """An update by which the snapshot is published once more, as the document is when a relay takes it. ``token`` is its own.

    It is a new version, for the same reason.
    """
    outbox = {
        "at": {"$ifNull": ["$ob.at", at]},
        "from": {"$ifNull": ["$ob.from", {"$add": ["$seq", 1]}]},
        "new": {"$cond": [{"$eq": ["$ob.new", ERASING]}, ERASING, {"$literal": token}]},
        "snap": {"$literal": True},
    }
    return [{"$set": {"ob": {"$mergeObjects": ["$ob", outbox]}, "v": {"$add": ["$v", 1]}}}]
