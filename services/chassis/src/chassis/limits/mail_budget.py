"""Counters of one day with their limits. Pure.

A budget is a document of its own and is charged before the mail's command is carried out. So each command is still one
document write, and no order of failures sends a mail that was not counted: a process that dies in between has counted a
mail that was not sent, never the other way round. One document holds an organization's counters, so its total and its
people's shares are decided in one write; addressees share a fixed number of documents (see `spending`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar

from kontor_contracts.envelope import Refusal

MOST_COUNTERS = 1000
"""In one document. More people or addressees than that wait for the next day: a document must stay small."""


@dataclass(frozen=True, slots=True)
class Charge:
    """``mails`` on the counter ``key``; ``policy`` is what its limit is called in answers."""

    key: str
    policy: str
    limit: int
    mails: int = 1


@dataclass(frozen=True, slots=True)
class Budget:
    """Counts of earlier days are gone: a new day begins with none."""

    day: date = date.min
    counts: Mapping[str, int] = field(default_factory=dict)

    def on(self, day: date) -> Mapping[str, int]:
        return self.counts if day <= self.day else {}


@dataclass(frozen=True, slots=True)
class Spend:
    """All of these, or none."""

    charges: tuple[Charge, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Spent:
    day: date
    charges: tuple[Charge, ...]


class BudgetRefused(Refusal):
    TYPE: ClassVar[str] = "kontor.mail-budget-refused.v1"
    reason: str = "mail-budget-spent"
    detail: str
    policy: str
    limit: int
    left: int
    status: int = 429


def decide(command: Spend, state: Budget) -> list[Spent | BudgetRefused]:
    counts = state.on(command.at.date())
    room = len(counts.keys() | {charge.key for charge in command.charges}) <= MOST_COUNTERS
    for charge in command.charges:
        left = max(0, charge.limit - counts.get(charge.key, 0))
        if charge.mails > left or (charge.key not in counts and not room):
            return [_refused(charge, left)]
    return [Spent(max(command.at.date(), state.day), command.charges)]


def evolve(state: Budget, fact: Spent | BudgetRefused) -> Budget:
    if isinstance(fact, BudgetRefused):
        return state
    counts = dict(state.on(fact.day))
    for charge in fact.charges:
        counts[charge.key] = counts.get(charge.key, 0) + charge.mails
    return Budget(fact.day, counts)


def seconds_left(at: datetime) -> int:
    """Until the next day of the budgets begins, in UTC."""
    tomorrow = datetime.combine(at.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
    return max(1, int((tomorrow - at).total_seconds()))


def _refused(charge: Charge, left: int) -> BudgetRefused:
    asked = "this mail" if charge.mails == 1 else f"these {charge.mails} mails"
    detail = f"{asked} would exceed the limit of {charge.limit} mails a day ({charge.policy}); {left} are left today"
    return BudgetRefused(detail=detail, policy=charge.policy, limit=charge.limit, left=left)
