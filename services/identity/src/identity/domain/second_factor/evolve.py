"""What each event changes in a second factor. Pure."""

from dataclasses import replace
from typing import assert_never

from identity.domain.second_factor.events import (
    CodeCounted,
    CodeWrong,
    Fact,
    FactorBegun,
    FactorRefused,
    GraceBegan,
    GraceEnded,
    RecoverySet,
)
from identity.domain.second_factor.state import Factor
from kontor_contracts.identity import SecondFactorChanged


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
