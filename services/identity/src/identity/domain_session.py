"""One signed-in session: a family of refresh tokens of which only the newest is good. Pure.

A token names its session and carries a secret; the secret is replaced at each use and stored only as a hash. The
session's id is as long and random as the secret and stands nowhere but in its tokens, so a token that names the
session with another secret is an old one of the family: somebody uses a copy. Then the whole family ends.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Literal, assert_never

from kontor_contracts.envelope import Refusal


@dataclass(frozen=True, slots=True)
class Session:
    """``epoch``: the user's ``session_epoch`` at sign-in; a session of an older one is over."""

    user_id: str = ""
    epoch: int = 0
    secret_hash: str = ""
    expires_at: datetime | None = None
    revoked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StartSession:
    user_id: str
    epoch: int
    secret_hash: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateSession:
    """Use the token of hash ``presented``, ``replacement`` takes its place. ``epoch`` is the user's present one."""

    presented: str
    replacement: str
    epoch: int
    at: datetime


Command = StartSession | RotateSession


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStarted:
    user_id: str
    epoch: int
    secret_hash: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SessionRotated:
    secret_hash: str


@dataclass(frozen=True, slots=True)
class SessionRevoked:
    """An old token of the family was used."""


class SessionRefused(Refusal):
    """Sign-in tells all reasons alike: who holds a bad token learns nothing from it."""

    TYPE: ClassVar[str] = "kontor.identity.session-refused.v1"
    reason: Literal["session-over"]
    detail: str = "sign in again"


OVER = SessionRefused(reason="session-over")

Fact = SessionStarted | SessionRotated | SessionRevoked | SessionRefused


def decide(command: Command, state: Session) -> list[Fact]:
    match command:
        case StartSession():
            return _start(command, state)
        case RotateSession():
            return _rotate(command, state)
        case _:
            assert_never(command)


def evolve(state: Session, fact: Fact) -> Session:
    match fact:
        case SessionStarted():
            return Session(fact.user_id, fact.epoch, fact.secret_hash, fact.expires_at)
        case SessionRotated(secret_hash):
            return replace(state, secret_hash=secret_hash)
        case SessionRevoked():
            return replace(state, revoked=True)
        case SessionRefused():
            return state
        case _:
            assert_never(fact)


def _start(command: StartSession, state: Session) -> list[Fact]:
    if state.user_id:
        return [] if state.secret_hash == command.secret_hash else [OVER]
    return [
        SessionStarted(
            user_id=command.user_id,
            epoch=command.epoch,
            secret_hash=command.secret_hash,
            expires_at=command.expires_at,
        )
    ]


def _rotate(command: RotateSession, state: Session) -> list[Fact]:
    if state.expires_at is None or state.revoked:
        return [OVER]
    if state.secret_hash == command.replacement:
        return []
    if state.secret_hash != command.presented:
        return [SessionRevoked()]
    if command.at >= state.expires_at or command.epoch != state.epoch:
        return [OVER]
    return [SessionRotated(command.replacement)]
