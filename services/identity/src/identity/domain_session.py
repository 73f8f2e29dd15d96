"""One signed-in session: a family of refresh tokens of which only the newest is good. Pure.

A token carries the key of its session's id and a secret; the secret is replaced at each use and stored only as a hash.
The key stands nowhere but in the tokens (the id, which others may know, is its hash), so a token that names the session
with another secret is an old one of the family: somebody uses a copy. Then the whole family ends.

A session ends at a time that is set when it starts, or earlier when it has not been used for ``idle_for``.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar, Literal, assert_never

from kontor_contracts.envelope import Refusal
from kontor_contracts.identity import SessionRevoked


@dataclass(frozen=True, slots=True)
class Session:
    """``epoch``: the user's ``session_epoch`` at sign-in; a session of an older one is over.

    ``methods`` is how the user proved who it is (RFC 8176: pwd, otp, …), ``client`` what the client calls itself.
    """

    session_id: str = ""
    user_id: str = ""
    organization_id: str = ""
    epoch: int = 0
    secret_hash: str = ""
    methods: tuple[str, ...] = ()
    client: str = ""
    started_at: datetime | None = None
    used_at: datetime | None = None
    idle_for: timedelta = timedelta(0)
    expires_at: datetime | None = None
    revoked: bool = False

    def live(self, epoch: int, at: datetime) -> bool:
        """Whether it can still be refreshed; ``epoch`` is the user's present one."""
        return self.epoch == epoch and self.ends_at is not None and at < self.ends_at

    @property
    def ends_at(self) -> datetime | None:
        """None: it never began, or is over."""
        if self.revoked or self.expires_at is None or self.used_at is None:
            return None
        return min(self.expires_at, self.used_at + self.idle_for)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartSession:
    session_id: str
    user_id: str
    organization_id: str
    epoch: int
    secret_hash: str
    methods: tuple[str, ...] = ("pwd",)
    client: str = ""
    at: datetime
    idle_for: timedelta
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateSession:
    """Use the token of hash ``presented``, ``replacement`` takes its place. ``epoch`` is the user's present one.

    ``proved``: further methods by which the user has just shown who it is.
    """

    presented: str
    replacement: str
    epoch: int
    at: datetime
    proved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EndSession:
    """Its user ends it: the one that is in use (``signed-out``) or one in the list of sessions."""

    user_id: str
    reason: Literal["signed-out", "ended-by-user"]


@dataclass(frozen=True, slots=True)
class ExpireSession:
    at: datetime


Command = StartSession | RotateSession | EndSession | ExpireSession


@dataclass(frozen=True, slots=True)
class SessionStarted:
    start: StartSession


@dataclass(frozen=True, slots=True)
class SessionRotated:
    secret_hash: str
    at: datetime
    proved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionExpired:
    """Nobody has to be told: its access tokens have been void for longer than its refresh token."""


class SessionRefused(Refusal):
    """Sign-in tells all reasons alike: who holds a bad token learns nothing from it."""

    TYPE: ClassVar[str] = "kontor.identity.session-refused.v1"
    reason: Literal["session-over", "no-such-session"]
    detail: str = "sign in again"
    status: int | None = None


OVER = SessionRefused(reason="session-over")

NO_SUCH = SessionRefused(reason="no-such-session", detail="there is no such session", status=404)

Fact = SessionStarted | SessionRotated | SessionRevoked | SessionExpired | SessionRefused


def decide(command: Command, state: Session) -> list[Fact]:
    match command:
        case StartSession():
            return _start(command, state)
        case RotateSession():
            return _rotate(command, state)
        case EndSession():
            return _end(command, state)
        case ExpireSession(at):
            ends = state.ends_at
            return [SessionExpired()] if ends is not None and at >= ends else []
        case _:
            assert_never(command)


def evolve(state: Session, fact: Fact) -> Session:
    match fact:
        case SessionStarted(start):
            return Session(
                session_id=start.session_id,
                user_id=start.user_id,
                organization_id=start.organization_id,
                epoch=start.epoch,
                secret_hash=start.secret_hash,
                methods=start.methods,
                client=start.client,
                started_at=start.at,
                used_at=start.at,
                idle_for=start.idle_for,
                expires_at=start.expires_at,
            )
        case SessionRotated(secret_hash, at, proved):
            methods = tuple(dict.fromkeys((*state.methods, *proved)))
            return replace(state, secret_hash=secret_hash, used_at=at, methods=methods)
        case SessionRevoked() | SessionExpired():
            return replace(state, revoked=True, secret_hash="", client="")
        case SessionRefused():
            return state
        case _:
            assert_never(fact)


def _start(command: StartSession, state: Session) -> list[Fact]:
    if state.user_id:
        return [] if state.secret_hash == command.secret_hash else [OVER]
    return [SessionStarted(command)]


def _rotate(command: RotateSession, state: Session) -> list[Fact]:
    if state.expires_at is None or state.revoked:
        return [OVER]
    if state.secret_hash == command.replacement:
        return []
    if state.secret_hash != command.presented:
        return [_revoked(state, "token-reused")]
    if not state.live(command.epoch, command.at):
        return [OVER]
    return [SessionRotated(command.replacement, command.at, command.proved)]


def _end(command: EndSession, state: Session) -> list[Fact]:
    if not state.user_id or state.user_id != command.user_id:
        return [NO_SUCH]
    return [] if state.revoked else [_revoked(state, command.reason)]


def _revoked(state: Session, reason: Literal["signed-out", "ended-by-user", "token-reused"]) -> SessionRevoked:
    return SessionRevoked(
        session_id=state.session_id, user_id=state.user_id, organization_id=state.organization_id, reason=reason
    )
