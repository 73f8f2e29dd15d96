"""What a dead-letter topic says: its records, folded into dead letters that are open or settled. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from aiokafka import ConsumerRecord

from kontor_contracts import MalformedError
from kontor_contracts.deadletters import Headers, Place, notes, number, without_notes

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a record stands in the dead-letter topic, and when it was written."""

    partition: int
    offset: int
    timestamp: int

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.timestamp / 1000, UTC)

    def after(self, other: "Entry") -> bool:
        """In one partition the order is certain; over two of them (records without a key) only the clocks tell."""
        if self.partition == other.partition:
            return self.offset > other.offset
        return self.timestamp >= other.timestamp


@dataclass(frozen=True, slots=True)
class Letter:
    """One dead letter, as it was parked last. ``since``: when the record was parked first."""

    group: str
    place: Place
    entry: Entry
    since: datetime
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    notes: dict[str, str]

    @property
    def id(self) -> str:
        return str(self.place)

    @property
    def stage(self) -> str:
        return self.notes.get("dlq-stage", "")

    @property
    def waits(self) -> bool:
        """It was parked only because one of its key before it is."""
        return self.stage == "wait"

    @property
    def fingerprint(self) -> str:
        return self.notes.get("dlq-fingerprint", "")

    @property
    def blocked_key(self) -> str | None:
        return self.notes.get("dlq-lane")

    @property
    def queue(self) -> tuple[str, str, int, bytes | None]:
        """Letters that have this in common are replayed one after the other, in order of their offsets."""
        return self.group, self.place.topic, self.place.partition, self.key

    @property
    def own_headers(self) -> Headers:
        return without_notes(self.headers)


@dataclass(frozen=True, slots=True)
class Resolution:
    """How a dead letter ended: applied, duplicate, ignored or discarded. ``left``: how many of its key are still open."""

    place: Place
    entry: Entry
    outcome: str
    left: int
    notes: dict[str, str]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A replay that was not tried."""

    place: Place
    reason: str
    notes: dict[str, str]


@dataclass(slots=True)
class Box:
    """The dead letters of one consumer group. ``add`` the records of a partition in their order."""

    group: str
    letters: dict[Place, Letter] = field(default_factory=dict)
    resolutions: dict[Place, Resolution] = field(default_factory=dict)

    def add(self, record: ConsumerRecord) -> Letter | Resolution | Refusal | None:
        """What the record is; None for one that is none of ours."""
        entry = Entry(record.partition, record.offset, record.timestamp)
        found = notes(record.headers)
        try:
            if "dlq-resolves" in found:
                return self._resolve(Place.parse(found["dlq-resolves"]), entry, found)
            if "dlq-refuses" in found:
                return Refusal(Place.parse(found["dlq-refuses"]), found.get("dlq-reason", ""), found)
            return self._park(Place.original(found), entry, record, found)
        except MalformedError:
            return None

    def is_open(self, letter: Letter) -> bool:
        """Parked again after it was settled (its topic was read again), it is open once more."""
        resolution = self.resolutions.get(letter.place)
        return resolution is None or letter.entry.after(resolution.entry)

    @property
    def open(self) -> list[Letter]:
        """By place, which within a key is the order in which they may be applied."""
        return sorted(filter(self.is_open, self.letters.values()), key=lambda letter: letter.place)

    def behind(self, blocked_key: str, offset: int) -> list[Letter]:
        """The open letters of the key that wait behind this offset."""
        return [
            letter
            for letter in self.open
            if letter.blocked_key == blocked_key and letter.waits and letter.place.offset > offset
        ]

    def _resolve(self, place: Place, entry: Entry, found: dict[str, str]) -> Resolution:
        left = number(found.get("dlq-lane-open", "")) or 0
        resolution = Resolution(place, entry, found.get("dlq-outcome", ""), left, found)
        known = self.resolutions.get(place)
        if known is None or entry.after(known.entry):
            self.resolutions[place] = resolution
        if (letter := self.letters.get(place)) is not None and not self.is_open(letter):
            # Nobody needs it any more, and there may be many.
            self.letters[place] = replace(letter, value=None)
        return resolution

    def _park(self, place: Place, entry: Entry, record: ConsumerRecord, found: dict[str, str]) -> Letter:
        known = self.letters.get(place)
        letter = Letter(
            group=self.group,
            place=place,
            entry=entry,
            since=known.since if known else entry.at,
            key=record.key,
            value=record.value,
            headers=tuple(record.headers),
            notes=found,
        )
        if known is None or entry.after(known.entry):
            self.letters[place] = letter
        return letter


@dataclass(frozen=True, slots=True)
class Pile:
    """Letters that failed alike. Letters that only wait are counted with the one they wait for."""

    group: str
    head: Letter
    letters: tuple[Letter, ...]
    waiting: tuple[Letter, ...]
    settled: int

    @property
    def all(self) -> tuple[Letter, ...]:
        return self.letters + self.waiting


def piles(box: Box, *, settled: bool = False) -> list[Pile]:
    """By fingerprint, oldest first. ``settled``: those that are not open any more, too."""
    heads: dict[str, str] = {}
    chosen = sorted(box.letters.values(), key=lambda letter: letter.place) if settled else box.open
    for letter in chosen:
        if letter.blocked_key is not None and not letter.waits and box.is_open(letter):
            heads.setdefault(letter.blocked_key, letter.fingerprint)
    found: dict[str, list[Letter]] = {}
    for letter in chosen:
        fingerprint = heads.get(letter.blocked_key or "", letter.fingerprint) if letter.waits else letter.fingerprint
        found.setdefault(fingerprint, []).append(letter)
    made = [_pile(box, fingerprint, letters) for fingerprint, letters in found.items()]
    return sorted(made, key=lambda pile: (min(letter.since for letter in pile.all), pile.head.fingerprint))


def _pile(box: Box, fingerprint: str, letters: list[Letter]) -> Pile:
    heads = tuple(letter for letter in letters if letter.fingerprint == fingerprint)
    waiting = tuple(letter for letter in letters if letter.fingerprint != fingerprint)
    gone = sum(not box.is_open(letter) for letter in letters)
    return Pile(box.group, heads[0], heads, waiting, gone)


def queues(letters: Iterable[Letter], boxes: dict[str, Box], *, with_waiting: bool) -> list[list[Letter]]:
    """What is replayed side by side; within each, in order. ``with_waiting``: what waits behind them comes after them."""
    found: dict[tuple[str, str, int, bytes | None], dict[Place, Letter]] = {}
    for letter in sorted(letters, key=lambda letter: letter.place):
        queue = found.setdefault(letter.queue, {})
        queue[letter.place] = letter
        if with_waiting and letter.blocked_key is not None:
            queue.update(
                (other.place, other) for other in boxes[letter.group].behind(letter.blocked_key, letter.place.offset)
            )
    return [[queue[place] for place in sorted(queue)] for queue in found.values()]
