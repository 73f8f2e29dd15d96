"""How often one may knock at an account: wrong passwords close its door for a while that grows. Pure.

Each attempt is counted before its password is checked, so that many at once are not all let through, and a success
takes the count back. Who has signed in from a device before (it holds a device token) has a count of its own there:
strangers who guess passwords can close the door to strangers, never to the owner's own devices, and for no longer than
``LONGEST``. The same wrong password again is not counted again (domain.md 7): a forgotten device that goes on trying an
old one closes nothing.

Addresses that nobody has knock at doors, too, so that both cost the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar, Literal, assert_never

from kontor_contracts.envelope import Refusal

FREE = 9
"""Wrong passwords that have no consequence; the next one closes the door."""
SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(minutes=15)
FORGIVEN_AFTER = timedelta(hours=12)
REMEMBERED_MARKS = 3
MOST_DEVICES = 10


@dataclass(frozen=True, slots=True)
class Tally:
    """``marks`` tell the last few passwords apart and no more: they are too short to find a password by."""

    wrong: int = 0
    marks: tuple[str, ...] = ()
    at: datetime | None = None
    closed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Device:
    token_hash: str
    tally: Tally = Tally()


@dataclass(frozen=True, slots=True)
class Door:
    """``devices``: the one that was used last comes last."""

    strangers: Tally = Tally()
    devices: tuple[Device, ...] = ()

    def tally(self, device: str | None) -> Tally:
        return next((each.tally for each in self.devices if each.token_hash == device), self.strangers)

    def knows(self, device: str | None) -> bool:
        return any(each.token_hash == device for each in self.devices)


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock:
    """An attempt to sign in. ``device`` is the hash of the device token that was shown."""

    mark: str
    device: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Enter:
    """The password was right. ``device`` is remembered from now on."""

    device: str


Command = Knock | Enter


@dataclass(frozen=True, slots=True)
class Knocked:
    device: str | None
    tally: Tally


@dataclass(frozen=True, slots=True)
class Entered:
    device: str


class DoorRefused(Refusal):
    """Nobody is told: the answer is that of a wrong password."""

    TYPE: ClassVar[str] = "kontor.identity.door-refused.v1"
    reason: Literal["closed"] = "closed"


Fact = Knocked | Entered | DoorRefused


def decide(command: Command, state: Door) -> Sequence[Fact]:
    match command:
        case Knock():
            return _knock(command, state)
        case Enter(device):
            clean = state.tally(device) == Tally() and state.devices[-1:] == (Device(device),)
            return [] if clean else [Entered(device)]
        case _:
            assert_never(command)


def evolve(state: Door, fact: Fact) -> Door:
    match fact:
        case Knocked(device, tally):
            if not state.knows(device):
                return replace(state, strangers=tally)
            devices = (replace(each, tally=tally) if each.token_hash == device else each for each in state.devices)
            return replace(state, devices=tuple(devices))
        case Entered(device):
            others = tuple(each for each in state.devices if each.token_hash != device)
            # The strangers' count goes only when it was a stranger who has turned out to be the owner: or a guesser
            # would have it taken back by every sign-in of the owner's.
            strangers = state.strangers if state.knows(device) else Tally()
            return Door(strangers, (*others, Device(device))[-MOST_DEVICES:])
        case DoorRefused():
            return state
        case _:
            assert_never(fact)


def _knock(command: Knock, state: Door) -> list[Fact]:
    tally = state.tally(command.device)
    if tally.closed_until is not None and command.at < tally.closed_until:
        return [DoorRefused()]
    if tally.at is not None and command.at >= tally.at + FORGIVEN_AFTER:
        tally = Tally()
    if command.mark in tally.marks:
        return [Knocked(command.device, replace(tally, at=command.at))]
    wrong = tally.wrong + 1
    marks = (*tally.marks, command.mark)[-REMEMBERED_MARKS:]
    return [Knocked(command.device, Tally(wrong, marks, command.at, _closed_until(wrong, command.at)))]


def _closed_until(wrong: int, at: datetime) -> datetime | None:
    if wrong <= FREE:
        return None
    doubled: int = 2 ** min(wrong - FREE - 1, 10)
    return at + min(LONGEST, SHORTEST * doubled)
