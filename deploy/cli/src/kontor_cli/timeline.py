"""The story of one correlation id: records of all topics, as a timeline. Pure: records come in, lines go out."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from aiokafka import ConsumerRecord

from kontor_cli.letters import Box, Letter
from kontor_cli.privacy import HIDDEN, PLAIN
from kontor_contracts import REPUBLISHED
from kontor_contracts.deadletters import Headers

SHOWN = ("status", "reason", "template", "outcome")
"""Fields of a message that say how it went: codes, never what a person wrote."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. ``parked``: a group could not apply the record; `kontor dlq show` says more of it."""

    time: datetime
    published: datetime
    topic: str
    partition: int
    offset: int
    id: str
    type: str
    source: str
    subject: str
    actor: str | None
    caused_by: str | None
    says: Mapping[str, str]
    again: bool = False
    parked: str | None = None
    state: str | None = None

    @property
    def record(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"

    @property
    def order(self) -> tuple[datetime, datetime, str, int, int]:
        return self.time, self.published, self.topic, self.partition, self.offset


def attributes(value: bytes | None, headers: Headers) -> dict[str, Any]:
    """Of a message in structured or binary mode, as far as it can be read; what cannot be is left out."""
    named = {name: raw.decode("latin-1") for name, raw in headers if raw is not None}
    found: dict[str, Any] = {name.removeprefix("ce_"): text for name, text in named.items() if name.startswith("ce_")}
    try:
        body = json.loads(value or b"null")
    except ValueError:
        return found
    if "specversion" in found:
        return {**found, "data": body}
    return body if isinstance(body, dict) else found


def entry(record: ConsumerRecord, correlation_id: str, prefix: str) -> Entry | None:
    """None: it belongs to another story."""
    found = attributes(record.value, record.headers)
    if found.get("correlationid") != correlation_id:
        return None
    again = REPUBLISHED in record.headers
    topic = record.topic.removeprefix(prefix)
    return _entry(found, topic, record.partition, record.offset, record.timestamp, again=again)


def parked(box: Box, entries: Iterable[Entry], correlation_id: str, prefix: str) -> list[Entry]:
    """The dead letters of the story. A settled one has lost its body: it is known by the place of its record."""
    known = {(f"{prefix}{one.topic}", one.partition, one.offset): one for one in entries}
    return [one for letter in box.letters.values() if (one := _parked(letter, box, known, correlation_id, prefix))]


def _parked(
    letter: Letter, box: Box, known: Mapping[tuple[str, int, int], Entry], correlation_id: str, prefix: str
) -> Entry | None:
    place, at = letter.place, letter.entry
    record = known.get((place.topic, place.partition, place.offset))
    if record is None:
        found = attributes(letter.value, letter.own_headers)
        if found.get("correlationid") != correlation_id:
            return None
        record = _entry(found, place.topic.removeprefix(prefix), place.partition, place.offset, at.timestamp)
    state = "open" if box.is_open(letter) else box.resolutions[place].outcome
    says = {"stage": letter.stage, "error": letter.notes.get("dlq-error-class", "")}
    return replace(record, time=at.at, published=at.at, says=says, parked=letter.group, state=state)


def _entry(
    found: Mapping[str, Any], topic: str, partition: int, offset: int, timestamp: int, *, again: bool = False
) -> Entry:
    published = datetime.fromtimestamp(timestamp / 1000, UTC)
    return Entry(
        time=_time(found.get("time")) or published,
        published=published,
        topic=topic,
        partition=partition,
        offset=offset,
        id=_text(found.get("id")),
        type=_text(found.get("type")),
        source=_text(found.get("source")),
        subject=_text(found.get("subject")),
        actor=_text(found["actor"]) if found.get("actor") else None,
        caused_by=_text(found["causationid"]) if found.get("causationid") else None,
        says=_says(found.get("data")),
        again=again,
    )


def _says(data: Any) -> Mapping[str, str]:
    if not isinstance(data, dict):
        return {}
    return {name: _text(data[name]) for name in SHOWN if isinstance(data.get(name), (str, int, bool))}


def _time(value: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo else None


def _text(value: Any) -> str:
    """Ids, types and codes; whatever else stands in their place may be anybody's data."""
    text = str(value) if value is not None else ""
    return text if PLAIN.fullmatch(text) else HIDDEN


def told(entries: Iterable[Entry]) -> list[Entry]:
    """In the order of what happened."""
    return sorted(entries, key=lambda one: one.order)


def document(correlation_id: str, entries: Sequence[Entry]) -> dict[str, Any]:
    """``seconds``: since the first entry."""
    first = entries[0].time if entries else None
    return {
        "correlation_id": correlation_id,
        "entries": [
            {
                "time": _iso(one.time),
                "seconds": round((one.time - first).total_seconds(), 3) if first else 0.0,
                "published": _iso(one.published),
                "topic": one.topic,
                "partition": one.partition,
                "offset": one.offset,
                "id": one.id,
                "type": one.type,
                "source": one.source,
                "subject": one.subject,
                "actor": one.actor,
                "caused_by": one.caused_by,
                "says": dict(one.says),
                "republished": one.again,
                "parked_by": one.parked,
                "state": one.state,
            }
            for one in entries
        ],
    }


def lines(entries: Sequence[Entry]) -> list[str]:
    """For people: one line for each entry, and one below it with what it was about."""
    said = []
    for one in entries:
        since = (one.time - entries[0].time).total_seconds()
        what = f"parked by {one.parked} ({one.state}): {one.type}" if one.parked else one.type
        words = "".join(f"  {name}={text}" for name, text in one.says.items() if text)
        again = "  (published again)" if one.again else ""
        said.append(f"{one.time:%Y-%m-%d %H:%M:%S}  +{since:9.3f} s  {what}{words}{again}")
        by = f"  by {one.actor}" if one.actor else ""
        said.append(f"{'':35}{one.subject}{by}  {one.record}")
    return said


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")
