"""Customer imports that wait for their partner: limited in number per partner id, and in time.

An import says that a partner serves a customer. Until that partner is active the customer is not created: it is not
announced, not listed and unknown to checks. If no partner with this id becomes active, nothing is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, assert_never

from kontor_contracts.customers import SubscriptionsRefused
from kontor_contracts.relationships import CustomerImportRefused
from relationships.domain.customer.commands import ImportCustomer, ReportSubscriptions
from relationships.domain.customer.ending import report_refused

MOST_IMPORTS = 100
"""For one partner id."""
MOST_PARTNER_IDS = 1000
"""With imports that wait."""
MOST_SENT = 20
"""Messages about one customer that are recognized when they are read again."""
LONGEST = timedelta(days=90)
"""Then an import is refused: no partner with this id became active."""
FIRST_LOOK = timedelta(seconds=30)
"""An activation at the same moment may have missed the import."""
NEXT_LOOK = timedelta(hours=6)

Reason = Literal["partner-unknown", "portal-not-entitled", "too-many-waiting"]


@dataclass(frozen=True, slots=True)
class Sent:
    """One message of a portal: its key, and the fingerprint of its content. Read again, it must change nothing."""

    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """``message_id`` and ``correlation_id`` are those of the portal's message; the answer carries them.

    ``reply_to``: the topic to which the answer goes as well.
    ``sent``: the messages that this import stands for, oldest first. Those before the last one were replaced by it.
    """

    wanted: ImportCustomer
    message_id: str
    correlation_id: str
    sent: tuple[Sent, ...] = ()
    reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    """``open``: an import waits. It is there for the index."""

    imports: tuple[Waiting, ...] = ()
    look_at: datetime | None = None
    open: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Keep an import until its partner is active. A newer import of the same customer replaces it.

    ``due``: the partner is active, and the import only waits behind an older one.
    """

    waiting: Waiting
    due: bool = False


@dataclass(frozen=True, slots=True)
class LookAgain:
    """No active partner has the partner id now."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Wake:
    """An active partner has it now."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Release:
    """These were carried out."""

    done: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class Refuse:
    """Refuse an import, whether it waits or not."""

    wanted: ImportCustomer
    reason: Reason


@dataclass(frozen=True, slots=True)
class RefuseReport:
    """Refuse a report about a customer that is not known."""

    report: ReportSubscriptions


@dataclass(frozen=True, slots=True)
class ImportWaits:
    waiting: Waiting


@dataclass(frozen=True, slots=True)
class ImportLeft:
    """The import waits no longer, unless it has changed."""

    waiting: Waiting


@dataclass(frozen=True, slots=True)
class LookPlanned:
    at: datetime


Command = Wait | LookAgain | Wake | Release | Refuse | RefuseReport
Fact = ImportWaits | ImportLeft | LookPlanned | CustomerImportRefused | SubscriptionsRefused


def decide(command: Command, state: State) -> Sequence[Fact]:
    match command:
        case Wait(waiting, is_due):
            planned = [LookPlanned(waiting.wanted.at)] if is_due else []
            return [*_wait(waiting, state), *planned]
        case LookAgain(at):
            return _look_again(at, state)
        case Wake(at):
            return [LookPlanned(at)] if state.imports else []
        case Release(done):
            return [ImportLeft(one) for one in done if one in state.imports]
        case Refuse(wanted, reason):
            left = [ImportLeft(one) for one in state.imports if one.wanted == wanted]
            return [*left, refused(wanted, reason)]
        case RefuseReport(report):
            return [report_refused(report, "no-relationship" if report.entitled else "portal-not-entitled")]
        case _:
            assert_never(command)


def evolve(state: State, fact: Fact) -> State:
    match fact:
        case ImportWaits(waiting):
            others = tuple(one for one in state.imports if not _same(one, waiting))
            look_at = state.look_at or waiting.wanted.at + FIRST_LOOK
            return State((*others, waiting), look_at, open=True)
        case ImportLeft(waiting):
            left = tuple(one for one in state.imports if one != waiting)
            return State(left, state.look_at if left else None, open=bool(left))
        case LookPlanned(at):
            return replace(state, look_at=at)
        case CustomerImportRefused() | SubscriptionsRefused():
            return state
        case _:
            assert_never(fact)


def too_old(state: State, at: datetime) -> Sequence[Waiting]:
    """Imports whose partner id no active partner has had for so long."""
    return [one for one in state.imports if at - one.wanted.at >= LONGEST]


def waits_for(state: State, customer_id: str) -> bool:
    """Whether an import of this customer waits."""
    return any(one.wanted.customer_id == customer_id for one in state.imports)


def due(state: State) -> datetime | None:
    return state.look_at


def refuse(command: Command, reason: Literal["id-reused", "too-late"]) -> CustomerImportRefused | SubscriptionsRefused:
    """Refuse a command that carries an id of its sender."""
    match command:
        case Wait(waiting):
            return refused(waiting.wanted, reason)
        case Refuse(wanted):
            return refused(wanted, reason)
        case RefuseReport(report):
            return report_refused(report, reason)
        case _:
            raise AssertionError("this command does not come over the bus")


def refused(wanted: ImportCustomer, reason: Reason | Literal["id-reused", "too-late"]) -> CustomerImportRefused:
    return CustomerImportRefused(
        customer_id=wanted.customer_id, portal=wanted.portal, external_id=wanted.external_id, reason=reason
    )


def _wait(waiting: Waiting, state: State) -> Sequence[Fact]:
    older = next((one for one in state.imports if _same(one, waiting)), None)
    if older is None and len(state.imports) >= MOST_IMPORTS:
        return [refused(waiting.wanted, "too-many-waiting")]
    sent = (*(older.sent if older else ()), *waiting.sent)[-MOST_SENT:]
    return [ImportWaits(replace(waiting, sent=sent))]


def _look_again(at: datetime, state: State) -> Sequence[Fact]:
    old = too_old(state, at)
    gone: list[Fact] = [fact for one in old for fact in (ImportLeft(one), refused(one.wanted, "partner-unknown"))]
    planned: list[Fact] = [LookPlanned(at + NEXT_LOOK)] if len(old) < len(state.imports) else []
    return [*gone, *planned]


def _same(one: Waiting, other: Waiting) -> bool:
    return one.wanted.customer_id == other.wanted.customer_id
