"""Accounts, which are booked over HTTP and announce it, and meters, which follow a topic and announce nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from benchmarks.ledger.messages import Booked
from chassis.aggregate.model import Aggregate


@dataclass(frozen=True, slots=True)
class Account:
    balance: int = 0


@dataclass(frozen=True, slots=True)
class Book:
    account_id: str
    amount: int


@dataclass(frozen=True, slots=True)
class Meter:
    total: int = 0
    count: int = 0


@dataclass(frozen=True, slots=True)
class Add:
    amount: int


@dataclass(frozen=True, slots=True)
class Added:
    amount: int


def decide_account(command: Book, state: Account) -> Sequence[Booked]:
    return [
        Booked(account_id=command.account_id, amount=command.amount, balance=state.balance + command.amount),
    ]


def evolve_account(state: Account, event: Booked) -> Account:
    return replace(state, balance=event.balance)


def decide_meter(command: Add, _: Meter) -> Sequence[Added]:
    return [Added(command.amount)]


def evolve_meter(state: Meter, event: Added) -> Meter:
    return Meter(state.total + event.amount, state.count + 1)


ACCOUNT: Aggregate[Account, Book] = Aggregate(
    "account", initial=Account(), decide=decide_account, evolve=evolve_account
)
METER: Aggregate[Meter, Add] = Aggregate("meter", initial=Meter(), decide=decide_meter, evolve=evolve_meter)
