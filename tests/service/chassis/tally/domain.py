"""A counter, and the mirror that follows it through the topic: enough to see whether anything is lost, doubled or swapped."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from service.chassis.tally.messages import (
    AddRefused,
    AlarmSet,
    AmountAdded,
    CounterClosed,
    CounterOpened,
    CounterRang,
    NameRefused,
)

from kontor_contracts import Event


@dataclass(frozen=True, slots=True)
class Counter:
    name: str | None = None
    owner: str | None = None
    total: int = 0
    count: int = 0
    closed: bool = False
    alarm: datetime | None = None
    rang: int = 0


@dataclass(frozen=True, slots=True)
class Open:
    name: str
    owner: str


@dataclass(frozen=True, slots=True)
class AddAmount:
    amount: int
    note: str = ""
    times: int = 1


@dataclass(frozen=True, slots=True)
class Close:
    pass


@dataclass(frozen=True, slots=True)
class SetAlarm:
    at: datetime


@dataclass(frozen=True, slots=True)
class Ring:
    now: datetime


CounterCommand = Open | AddAmount | Close | SetAlarm | Ring


def decide(command: CounterCommand, state: Counter) -> Sequence[Event]:  # noqa: PLR0911  one answer per command
    match command:
        case Open(name, owner):
            if not any(letter.isalpha() for letter in name):
                return [NameRefused(reason="no-letters")]
            return [] if state.name else [CounterOpened(name=name, organization_id=owner)]
        case AddAmount(amount, note, times):
            if state.closed:
                return [AddRefused(reason="counter-closed")]
            return [AmountAdded(amount=amount, total=state.total + amount * n, note=note) for n in range(1, times + 1)]
        case Close():
            return [] if state.closed else [CounterClosed()]
        case SetAlarm(at):
            return [] if state.alarm == at else [AlarmSet(at=at)]
        case Ring(now):
            return [CounterRang()] if state.alarm and now >= state.alarm else []
        case _:
            assert_never(command)


def evolve(state: Counter, event: Event) -> Counter:
    match event:
        case CounterOpened(name=name, organization_id=owner):
            return replace(state, name=name, owner=owner)
        case AmountAdded(amount=amount):
            return replace(state, total=state.total + amount, count=state.count + 1)
        case CounterClosed():
            return replace(state, closed=True)
        case AlarmSet(at=at):
            return replace(state, alarm=at)
        case CounterRang():
            return replace(state, alarm=None, rang=state.rang + 1)
        case _:
            return state
