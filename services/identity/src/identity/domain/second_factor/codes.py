"""Decides whether a code counts. Pure."""

import math
from datetime import datetime, timedelta

from identity.domain.second_factor.commands import (
    ConfirmFactor,
    UseCode,
)
from identity.domain.second_factor.events import (
    NOT_ACTIVE,
    CodeCounted,
    CodeWrong,
    Fact,
    FactorRefused,
    RecoverySet,
    announced,
)
from identity.domain.second_factor.state import Factor

FREE = 4


SHORTEST = timedelta(minutes=1)


LONGEST = timedelta(minutes=15)


def confirm(command: ConfirmFactor, state: Factor) -> list[Fact]:
    if state.status != "pending" or state.sealed_secret != command.sealed_secret:
        return [FactorRefused(reason="not-begun", detail="set up a second factor first with POST /v1/me/second-factor")]
    if refused := _closed(state, command.at):
        return [refused]
    if command.step is None:
        return [_wrong(state, command.at)]
    return [
        CodeCounted(command.step, command.at),
        RecoverySet(command.recovery),
        announced(state, "active", command.notify),
    ]


def use_code(command: UseCode, state: Factor) -> list[Fact]:
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
