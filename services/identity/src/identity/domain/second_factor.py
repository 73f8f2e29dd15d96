"""A user's second factor: time-based one-time codes (RFC 6238), recovery codes, and the grace period to set one up. Pure.

The caller opens the secret and checks the code; this module decides whether it counts. A code counts once. Wrong codes
lock the factor for a growing time, because six digits are quickly guessed.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar, Literal, assert_never

from kontor_contracts.envelope import Refusal
from kontor_contracts.identity import SecondFactorChanged
from kontor_contracts.values import Recipient

By = Literal["user", "administrator"]

WITHHELD = frozenset({"customers:read", "customers:invite"})
"""Permissions that need a sign-in with a second factor: those of the customers' pages."""

FREE = 4
SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Factor:
    """``due_at``: the end of the grace period. After it, a sign-in without a second factor does not get ``WITHHELD``.

    ``last_step``: the time step of the last code that counted. ``recovery``: hashes of the unused recovery codes.
    ``set_up_at``: when the secret was made. ``used_at``: the last code that counted. None for older factors.
    """

    user_id: str = ""
    organization_id: str = ""
    status: Literal["off", "pending", "active"] = "off"
    sealed_secret: str = ""
    last_step: int = -1
    recovery: tuple[str, ...] = ()
    due_at: datetime | None = None
    wrong: int = 0
    closed_until: datetime | None = None
    set_up_at: datetime | None = None
    used_at: datetime | None = None

    def predates(self, proof: datetime) -> bool:
        """Whether it was set up before the user's address was proved, and not used since: it may be a stranger's."""
        return self.status != "off" and all(at is None or at < proof for at in (self.set_up_at, self.used_at))


@dataclass(frozen=True, slots=True)
class Notified:
    """The recipient of the mail about the change, and the name of the account's company."""

    contact: Recipient
    organization_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSignIn:
    """Note a sign-in. The first one begins the grace period."""

    user_id: str
    organization_id: str
    at: datetime
    grace: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginFactor:
    user_id: str
    organization_id: str
    sealed_secret: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmFactor:
    """``step``: the time step of the submitted code; None if it is wrong."""

    sealed_secret: str
    step: int | None
    recovery: tuple[str, ...]
    at: datetime
    notify: Notified | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCode:
    """``step``: as in ConfirmFactor. ``recovery``: possible hashes of the submitted text, in case it is a recovery code."""

    sealed_secret: str
    step: int | None
    recovery: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class RenewRecovery:
    recovery: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RehashRecovery:
    """Store the same codes under other hashes. ``hashes``: new by old. Codes used in the meantime stay used."""

    hashes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TurnOff:
    """``by_administrator``: for a user who lost app and recovery codes. The grace period begins again."""

    by_administrator: bool
    notify: Notified | None = None


@dataclass(frozen=True, slots=True)
class RemoveUnproved:
    """Turn the factor off if it is older than the proof of the address. For a reader of the mails who did not set it up."""

    proved_at: datetime
    notify: Notified | None = None


Keep = NoteSignIn | RenewRecovery | RehashRecovery | TurnOff | RemoveUnproved
Command = BeginFactor | ConfirmFactor | UseCode | Keep


@dataclass(frozen=True, slots=True)
class GraceBegan:
    user_id: str
    organization_id: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class FactorBegun:
    user_id: str
    organization_id: str
    sealed_secret: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CodeCounted:
    """``step`` None: it was the recovery code with the hash ``recovery``."""

    step: int | None
    at: datetime
    recovery: str | None = None


@dataclass(frozen=True, slots=True)
class CodeWrong:
    wrong: int
    closed_until: datetime | None


@dataclass(frozen=True, slots=True)
class RecoverySet:
    recovery: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GraceEnded:
    """The next sign-in begins the grace period again."""


class FactorRefused(Refusal):
    TYPE: ClassVar[str] = "kontor.identity.factor-refused.v1"
    reason: Literal["already-active", "codes-closed", "not-begun", "not-active"]
    detail: str
    field: str | None = None
    retry_after: int | None = None


Fact = (
    GraceBegan | GraceEnded | FactorBegun | CodeCounted | CodeWrong | RecoverySet | SecondFactorChanged | FactorRefused
)

NOT_ACTIVE = FactorRefused(
    reason="not-active", detail="you have no second factor; set one up with POST /v1/me/second-factor"
)


def decide(command: Command, state: Factor) -> list[Fact]:
    match command:
        case BeginFactor():
            return _begin(command, state)
        case ConfirmFactor():
            return _confirm(command, state)
        case UseCode():
            return _use(command, state)
        case NoteSignIn() | RenewRecovery() | RehashRecovery() | TurnOff() | RemoveUnproved():
            return _keep(command, state)
        case _:
            assert_never(command)


def evolve(state: Factor, fact: Fact) -> Factor:
    match fact:
        case GraceBegan() | FactorBegun():
            return _begun(state, fact)
        case GraceEnded():
            return replace(state, due_at=None)
        case CodeCounted() | CodeWrong():
            return _tried(state, fact)
        case RecoverySet(recovery):
            return replace(state, recovery=recovery)
        case SecondFactorChanged():
            return _changed(state, fact)
        case FactorRefused():
            return state
        case _:
            assert_never(fact)


def _begun(state: Factor, fact: GraceBegan | FactorBegun) -> Factor:
    known = replace(state, user_id=fact.user_id, organization_id=fact.organization_id)
    if isinstance(fact, GraceBegan):
        return replace(known, due_at=fact.due_at)
    return replace(
        known, status="pending", sealed_secret=fact.sealed_secret, last_step=-1, set_up_at=fact.at, used_at=None
    )


def _tried(state: Factor, fact: CodeCounted | CodeWrong) -> Factor:
    if isinstance(fact, CodeWrong):
        return replace(state, wrong=fact.wrong, closed_until=fact.closed_until)
    left = tuple(each for each in state.recovery if each != fact.recovery)
    last = state.last_step if fact.step is None else fact.step
    return replace(state, last_step=last, recovery=left, wrong=0, closed_until=None, used_at=fact.at)


def _changed(state: Factor, fact: SecondFactorChanged) -> Factor:
    if fact.state == "active":
        return replace(state, status="active")
    return Factor(state.user_id, state.organization_id, due_at=state.due_at)


def _keep(command: Keep, state: Factor) -> list[Fact]:
    match command:
        case NoteSignIn():
            due_at = command.at + command.grace
            return [] if state.due_at else [GraceBegan(command.user_id, command.organization_id, due_at)]
        case RenewRecovery(recovery):
            if state.status != "active":
                return [NOT_ACTIVE]
            return [] if state.recovery == recovery else [RecoverySet(recovery)]
        case RehashRecovery(hashes):
            again = tuple(hashes.get(each, each) for each in state.recovery)
            return [] if state.recovery == again else [RecoverySet(again)]
        case TurnOff(by_administrator, notify):
            return _turn_off(state, notify, "administrator" if by_administrator else "user", again=by_administrator)
        case RemoveUnproved(proved_at, notify):
            return _turn_off(state, notify, "user", again=True) if state.predates(proved_at) else []
        case _:
            assert_never(command)


def _begin(command: BeginFactor, state: Factor) -> list[Fact]:
    if state.status == "active":
        return [FactorRefused(reason="already-active", detail="you have a second factor already; turn it off first")]
    if state.sealed_secret == command.sealed_secret:
        return []
    return [FactorBegun(command.user_id, command.organization_id, command.sealed_secret, command.at)]


def _confirm(command: ConfirmFactor, state: Factor) -> list[Fact]:
    if state.status != "pending" or state.sealed_secret != command.sealed_secret:
        return [FactorRefused(reason="not-begun", detail="set up a second factor first with POST /v1/me/second-factor")]
    if refused := _closed(state, command.at):
        return [refused]
    if command.step is None:
        return [_wrong(state, command.at)]
    return [
        CodeCounted(command.step, command.at),
        RecoverySet(command.recovery),
        _announced(state, "active", command.notify),
    ]


def _use(command: UseCode, state: Factor) -> list[Fact]:
    if state.status != "active" or state.sealed_secret != command.sealed_secret:
        return [NOT_ACTIVE]
    if refused := _closed(state, command.at):
        return [refused]
    if recovery := next((each for each in command.recovery if each in state.recovery), None):
        return [CodeCounted(None, command.at, recovery)]
    if command.step is not None and command.step > state.last_step:
        return [CodeCounted(command.step, command.at)]
    return [_wrong(state, command.at)]


def _closed(state: Factor, at: datetime) -> FactorRefused | None:
    if state.closed_until is None or at >= state.closed_until:
        return None
    left = math.ceil((state.closed_until - at).total_seconds())
    detail = f"too many wrong codes; wait {math.ceil(left / 60)} minutes and try again"
    return FactorRefused(reason="codes-closed", detail=detail, retry_after=left)


def _wrong(state: Factor, at: datetime) -> CodeWrong:
    wrong = state.wrong + 1
    pause = min(LONGEST, SHORTEST * 2 ** min(max(wrong - FREE - 1, 0), 10))
    return CodeWrong(wrong, at + pause if wrong > FREE else None)


def _turn_off(state: Factor, notify: Notified | None, by: By, *, again: bool) -> list[Fact]:
    # No mail for a factor that was never confirmed.
    notify = notify if state.status == "active" else None
    gone: list[Fact] = [] if state.status == "off" else [_announced(state, "off", notify, by)]
    return [*gone, GraceEnded()] if again and state.due_at else gone


def _announced(
    state: Factor, to: Literal["active", "off"], notify: Notified | None, by: By = "user"
) -> SecondFactorChanged:
    return SecondFactorChanged(
        user_id=state.user_id,
        organization_id=state.organization_id,
        state=to,
        organization_name=notify.organization_name if notify else None,
        contact=notify.contact if notify else None,
        by=by,
    )
