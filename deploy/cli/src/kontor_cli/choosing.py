"""Which dead letters a command is about. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kontor_cli.letters import Box, Letter, piles
from kontor_contracts import MalformedError
from kontor_contracts.deadletters import Place

AGE = re.compile(r"(\d{1,6})([smhd])")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class ChoiceError(Exception):
    """What the operator named is not to be had, or not one thing; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Filter:
    """``key`` is the record's key, ``since`` the moment after which the record was parked last."""

    key: str | None = None
    since: datetime | None = None

    def lets_through(self, letter: Letter) -> bool:
        if self.key is not None and letter.key != self.key.encode():
            return False
        return self.since is None or letter.entry.at >= self.since


def named(boxes: Iterable[Box], name: str) -> list[Letter]:
    """The open letters of a fingerprint, or the one of an id. Raises ChoiceError."""
    found = [(box, letters) for box in boxes if (letters := _named_in(box, name))]
    if not found:
        raise ChoiceError(f"{name} is neither the fingerprint nor the id of an open dead letter")
    if len(found) > 1:
        raise ChoiceError(
            f"{name} is in several groups; say which: {', '.join(f'--group {b.group}' for b, _ in found)}"
        )
    return found[0][1]


def ever(boxes: Iterable[Box], id: str) -> list[Letter]:
    """The letters of an id, open or not, one per group."""
    try:
        place = Place.parse(id)
    except MalformedError:
        return []
    return [box.letters[place] for box in boxes if place in box.letters]


def moment(text: str, now: datetime) -> datetime:
    """``2h``, ``30m``, ``7d`` ago, or an ISO 8601 time (UTC where it has no offset). Raises ValueError."""
    if (age := AGE.fullmatch(text)) is not None:
        return now - timedelta(**{UNITS[age[2]]: int(age[1])})
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _named_in(box: Box, name: str) -> list[Letter]:
    if "/" in name:
        return [letter for letter in ever([box], name) if box.is_open(letter)]
    return [letter for pile in piles(box) if pile.head.fingerprint == name for letter in pile.letters]
