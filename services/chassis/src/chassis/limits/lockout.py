"""Lockout after wrong secrets (passwords, access codes), with exponential back-off. Pure.

Each attempt is counted before its secret is checked, so that many at once are not all let through, and a success takes the
count back. Who has succeeded before (with a device that holds a device token, or for an organization that linked the account)
has a count of its own there: strangers who guess can lock strangers out, never the owner's own devices, and for no longer than
``LONGEST``. The same wrong secret again is not counted again: a forgotten device that goes on trying an old one locks nothing.

Addresses that nobody has are counted, too, so that both cost the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar, Literal, assert_never

from kontor_contracts.envelope import Refusal

FREE = 9
"""Wrong secrets that have no consequence; the next one locks."""
SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(minutes=15)
FORGIVEN_AFTER = timedelta(hours=12)
REMEMBERED_MARKS = 3
MOST_DEVICES = 10


@dataclass(frozen=True, slots=True)
class Count:
    """``marks`` tell the last few secrets apart. They are hashes keyed with a secret that is not in the database."""

    wrong: int = 0
    marks: tuple[str, ...] = ()
    at: datetime | None = None
    closed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Device:
    token_hash: str
    count: Count = Count()


@dataclass(frozen=True, slots=True)
class Lockout:
    """``devices``: the one that was used last comes last."""

    strangers: Count = Count()
    devices: tuple[Device, ...] = ()

    def count(self, device: str | None) -> Count:
        return next((each.count for each in self.devices if each.token_hash == device), self.strangers)

    def knows(self, device: str | None) -> bool:
        return any(each.token_hash == device for each in self.devices)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountAttempt:
    """``device`` is the hash of the device token that was shown, or of what else is known of who tries."""

    mark: str
    device: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class TakeBack:
    """The secret with this mark was right, so it was no guess. For who is signed in already."""

    mark: str
    device: str | None


@dataclass(frozen=True, slots=True)
class Succeed:
    """The secret was right. ``device`` is known from now on."""

    device: str


Command = CountAttempt | TakeBack | Succeed


@dataclass(frozen=True, slots=True)
class Counted:
    device: str | None
    count: Count


@dataclass(frozen=True, slots=True)
class Succeeded:
    device: str


class LockedOut(Refusal):
    """Until when stands in ``until``. Never published."""

    TYPE: ClassVar[str] = "kontor.chassis.locked-out.v1"
    reason: Literal["closed"] = "closed"
    until: datetime | None = None


Fact = Counted | Succeeded | LockedOut


def decide(command: Command, state: Lockout) -> Sequence[Fact]:
    match command:
        case CountAttempt():
            return _count(command, state)
        case TakeBack(mark, device):
            return _take_back(mark, device, state)
        case Succeed(device):
            clean = state.count(device) == Count() and state.devices[-1:] == (Device(device),)
            return [] if clean else [Succeeded(device)]
        case _:
            assert_never(command)


def evolve(state: Lockout, fact: Fact) -> Lockout:
    match fact:
        case Counted(device, count):
            if not state.knows(device):
                return replace(state, strangers=count)
            devices = (replace(each, count=count) if each.token_hash == device else each for each in state.devices)
            return replace(state, devices=tuple(devices))
        case Succeeded(device):
            others = tuple(each for each in state.devices if each.token_hash != device)
            # The strangers' count goes only when it was a stranger who has turned out to be the owner: or a guesser
            # would have it taken back by every sign-in of the owner's.
            strangers = state.strangers if state.knows(device) else Count()
            return Lockout(strangers, (*others, Device(device))[-MOST_DEVICES:])
        case LockedOut():
            return state
        case _:
            assert_never(fact)


def _count(command: CountAttempt, state: Lockout) -> list[Fact]:
    count = state.count(command.device)
    if count.closed_until is not None and command.at < count.closed_until:
        return [LockedOut(until=count.closed_until)]
    if count.at is not None and command.at >= count.at + FORGIVEN_AFTER:
        count = Count()
    if command.mark in count.marks:
        return [Counted(command.device, replace(count, at=command.at))]
    wrong = count.wrong + 1
    marks = (*count.marks, command.mark)[-REMEMBERED_MARKS:]
    return [Counted(command.device, Count(wrong, marks, command.at, _closed_until(wrong, command.at)))]


def _take_back(mark: str, device: str | None, state: Lockout) -> list[Fact]:
    count = state.count(device)
    if mark not in count.marks or count.at is None:
        return []
    marks = tuple(each for each in count.marks if each != mark)
    wrong = count.wrong - 1
    return [Counted(device, Count(wrong, marks, count.at, _closed_until(wrong, count.at)))]


def _closed_until(wrong: int, at: datetime) -> datetime | None:
    if wrong <= FREE:
        return None
    doubled: int = 2 ** min(wrong - FREE - 1, 10)
    return at + min(LONGEST, SHORTEST * doubled)
