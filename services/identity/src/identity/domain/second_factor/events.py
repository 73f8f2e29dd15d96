"""Events of a second factor and its refusals. Only `SecondFactorChanged` is announced."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from identity.domain.second_factor.commands import Notified
from identity.domain.second_factor.state import Factor
from kontor_contracts.envelope import Refusal
from kontor_contracts.identity import SecondFactorChanged

By = Literal["user", "administrator"]


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


def announced(
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
