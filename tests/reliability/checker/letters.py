"""The dead letters of a run, by the contract (`kontor_contracts.deadletters`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reliability.history import History, Record

from kontor_contracts import MalformedError
from kontor_contracts.deadletters import Place, notes

DLQ = ".dlq"
DISCARDED = "discarded"


@dataclass(slots=True)
class Letter:
    """What was written of one record that one group parked, the last at the end. ``outcome``: of a replay, None while open."""

    group: str
    place: Place
    copies: list[Record] = field(default_factory=list)
    outcome: str | None = None

    @property
    def notes(self) -> Mapping[str, str]:
        return notes(self.copies[-1].headers)

    @property
    def first_hand(self) -> int:
        """Copies that no replay has led to."""
        return sum("dlq-replay-id" not in notes(copy.headers) for copy in self.copies)


class Letters:
    """``astray``: records of dead-letter topics that do not tell where they come from."""

    def __init__(self, history: History) -> None:
        self._topics = [*history.consumers]
        self._letters: dict[tuple[str, Place], Letter] = {}
        self.astray: list[Record] = []
        for record in history.records:
            if record.topic.endswith(DLQ):
                self._take(record)

    def all(self) -> list[Letter]:
        return [letter for letter in self._letters.values() if letter.copies]

    def get(self, group: str, place: Place) -> Letter | None:
        letter = self._letters.get((group, place))
        return letter if letter and letter.copies else None

    def _take(self, record: Record) -> None:
        group, said = record.topic.removesuffix(DLQ), notes(record.headers)
        if "dlq-refuses" in said:
            return
        try:
            place = Place.parse(said["dlq-resolves"]) if "dlq-resolves" in said else Place.original(said)
        except MalformedError:
            self.astray.append(record)
            return
        place = Place(self._plain(place.topic), place.partition, place.offset)
        letter = self._letters.setdefault((group, place), Letter(group, place))
        if "dlq-resolves" in said:
            letter.outcome = said.get("dlq-outcome", "")
        else:
            letter.copies.append(record)
            letter.outcome = None

    def _plain(self, topic: str) -> str:
        """Headers have the broker's name, which may have a prefix; histories have the registry's."""
        return next((name for name in self._topics if topic.endswith(name)), topic)
