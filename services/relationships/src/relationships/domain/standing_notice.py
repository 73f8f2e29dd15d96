"""A partner was suspended or reinstated: its customers get a mail, so many at a time. A document notes how far that is."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, assert_never

from kontor_contracts.relationships import CustomersNotified
from kontor_contracts.values import Partner, Recipient

Standing = Literal["suspended", "reinstated"]
BATCH = 50
"""Customers in one event: it stays small, and each gets a mail of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """``after``: the place in the partner's list up to which customers are done. ``due``: when it goes on; None: it is over."""

    notice_id: str
    partner: Partner
    standing: Standing
    after: str | None = None
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class State:
    round: Round | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginNotice:
    notice_id: str
    partner: Partner
    standing: Standing
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyCustomers:
    """The next customers of the list. ``before``: where the reading began, because another process may have been faster.

    ``after``: where it ended; None: at the end of the list.
    """

    before: str | None
    after: str | None
    recipients: tuple[Recipient, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class StopNotice:
    """The partner's standing changed meanwhile: the rest is not told what is no longer so."""


Command = BeginNotice | NotifyCustomers | StopNotice


@dataclass(frozen=True, slots=True)
class RoundChanged:
    """Not announced."""

    round: Round


Fact = RoundChanged | CustomersNotified


def decide(command: Command, state: State) -> list[Fact]:
    now = state.round
    match command:
        case BeginNotice():
            begun = Round(
                notice_id=command.notice_id, partner=command.partner, standing=command.standing, due=command.at
            )
            return [] if now else [RoundChanged(begun)]
        case NotifyCustomers():
            return _notify(command, now)
        case StopNotice():
            return [RoundChanged(replace(now, due=None))] if now and now.due else []
        case _:
            assert_never(command)


def _notify(command: NotifyCustomers, now: Round | None) -> list[Fact]:
    if now is None or now.due is None or now.after != command.before:
        return []
    moved = RoundChanged(replace(now, after=command.after, due=command.at if command.after else None))
    if not command.recipients:
        return [moved]
    told = CustomersNotified(
        notice_id=now.notice_id,
        partner_name=now.partner.name,
        organization_id=now.partner.organization_id,
        standing=now.standing,
        recipients=command.recipients,
        notified_at=command.at,
    )
    return [moved, told]


def evolve(state: State, fact: Fact) -> State:
    match fact:
        case RoundChanged(round):
            return State(round)
        case CustomersNotified():
            return state
        case _:
            assert_never(fact)


def due(state: State) -> datetime | None:
    return state.round.due if state.round else None
