"""Decides every command on a second factor. Pure."""

from typing import assert_never

from identity.domain.second_factor.codes import confirm, use_code
from identity.domain.second_factor.commands import (
    BeginFactor,
    Command,
    ConfirmFactor,
    Keep,
    NoteSignIn,
    Notified,
    RehashRecovery,
    RemoveUnproved,
    RenewRecovery,
    TurnOff,
    UseCode,
)
from identity.domain.second_factor.events import (
    NOT_ACTIVE,
    By,
    Fact,
    FactorBegun,
    FactorRefused,
    GraceBegan,
    GraceEnded,
    RecoverySet,
    announced,
)
from identity.domain.second_factor.state import Factor


def decide(command: Command, state: Factor) -> list[Fact]:
    match command:
        case BeginFactor():
            return _begin(command, state)
        case ConfirmFactor():
            return confirm(command, state)
        case UseCode():
            return use_code(command, state)
        case NoteSignIn() | RenewRecovery() | RehashRecovery() | TurnOff() | RemoveUnproved():
            return _keep(command, state)
        case _:
            assert_never(command)


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


def _turn_off(state: Factor, notify: Notified | None, by: By, *, again: bool) -> list[Fact]:
    # No mail for a factor that was never confirmed.
    notify = notify if state.status == "active" else None
    gone: list[Fact] = [] if state.status == "off" else [announced(state, "off", notify, by)]
    return [*gone, GraceEnded()] if again and state.due_at else gone
