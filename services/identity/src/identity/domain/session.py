"""A sign-in session: a family of refresh tokens, of one user in one program. Only the newest token is valid. Pure.

A token holds the key of its session's id and a secret. Each use replaces the secret; only its hash is stored. A used token
stays valid for a short grace period and gives the same successor: two tabs refresh at once, or an answer was lost. The key
is in the tokens only (the public id is its hash). So a token with this session and another secret is an old one: someone
uses a copy, and the whole family ends.

A session ends at a time that is set at its start, or earlier if it is not used for ``idle_for``.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar, Literal, assert_never

from kontor_contracts.envelope import Refusal
from kontor_contracts.identity import SessionRevoked

MOST_PREDECESSORS = 8


@dataclass(frozen=True, slots=True)
class Predecessor:
    """A used token, valid until ``until``. Its secret and ``salt`` give the secret of its successor."""

    secret_hash: str
    salt: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """``epoch``: the user's ``session_epoch`` at sign-in. A session of an older epoch is over.

    ``predecessors``: the last used tokens, oldest first. ``methods``: authentication methods (RFC 8176: pwd, otp, …).
    ``client``: the program's own name (User-Agent).
    """

    session_id: str = ""
    user_id: str = ""
    organization_id: str = ""
    epoch: int = 0
    secret_hash: str = ""
    predecessors: tuple[Predecessor, ...] = ()
    methods: tuple[str, ...] = ()
    client: str = ""
    started_at: datetime | None = None
    used_at: datetime | None = None
    idle_for: timedelta = timedelta(0)
    expires_at: datetime | None = None
    revoked: bool = False

    def live(self, epoch: int, at: datetime) -> bool:
        """Whether it can be refreshed. ``epoch``: the user's current one."""
        return self.epoch == epoch and self.ends_at is not None and at < self.ends_at

    @property
    def ends_at(self) -> datetime | None:
        """When it ends. None: it never began, or is over."""
        if self.revoked or self.expires_at is None or self.used_at is None:
            return None
        return min(self.expires_at, self.used_at + self.idle_for)

    def predecessor(self, secret_hash: str, at: datetime) -> Predecessor | None:
        """The used token with this hash, if it is still valid."""
        return next((one for one in self.predecessors if one.secret_hash == secret_hash and at < one.until), None)

    def knows(self, secret_hash: str, at: datetime) -> bool:
        """Whether this is the hash of a valid token."""
        return self.secret_hash == secret_hash or self.predecessor(secret_hash, at) is not None


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
    """Use the token with hash ``presented``. ``replacement``, made of it and ``salt``, is the next one.

    ``epoch``: the user's current one. ``proved``: further authentication methods that the user has just used.
    ``grace``: how long the used token stays valid.
    """

    presented: str
    replacement: str
    salt: str
    epoch: int
    at: datetime
    grace: timedelta
    proved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EndSession:
    """The user ends the session in use (``signed-out``) or another one of the list."""

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
    predecessor: Predecessor
    at: datetime
    proved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionProved:
    """The user used further authentication methods; a concurrent request had rotated the token already."""

    proved: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SessionExpired:
    """The session is over. Not announced: its access tokens expired before its refresh token."""


class SessionRefused(Refusal):
    """Sign-in answers every reason alike, so that it reveals nothing about a bad token."""

    TYPE: ClassVar[str] = "kontor.identity.session-refused.v1"
    reason: Literal["session-over", "no-such-session"]
    detail: str = "sign in again"


OVER = SessionRefused(reason="session-over")

NO_SUCH = SessionRefused(reason="no-such-session", detail="there is no such session; GET /v1/me/sessions lists yours")

Fact = SessionStarted | SessionRotated | SessionProved | SessionRevoked | SessionExpired | SessionRefused


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
        case SessionRotated(secret_hash, predecessor, at, proved):
            good = [one for one in state.predecessors if at < one.until]
            predecessors = (*good, predecessor)[-MOST_PREDECESSORS:]
            methods = _with(state.methods, proved)
            return replace(state, secret_hash=secret_hash, predecessors=predecessors, used_at=at, methods=methods)
        case SessionProved(proved):
            return replace(state, methods=_with(state.methods, proved))
        case SessionRevoked() | SessionExpired():
            return replace(state, revoked=True, secret_hash="", predecessors=(), client="")
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
    if not state.knows(command.presented, command.at):
        return [_revoked(state, "token-reused")]
    if not state.live(command.epoch, command.at):
        return [OVER]
    if state.secret_hash != command.presented:
        return [] if set(command.proved) <= set(state.methods) else [SessionProved(command.proved)]
    used = Predecessor(command.presented, command.salt, command.at + command.grace)
    return [SessionRotated(command.replacement, used, command.at, command.proved)]


def _with(methods: tuple[str, ...], proved: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*methods, *proved)))


def _end(command: EndSession, state: Session) -> list[Fact]:
    if not state.user_id or state.user_id != command.user_id:
        return [NO_SUCH]
    return [] if state.revoked else [_revoked(state, command.reason)]


def _revoked(state: Session, reason: Literal["signed-out", "ended-by-user", "token-reused"]) -> SessionRevoked:
    return SessionRevoked(
        session_id=state.session_id, user_id=state.user_id, organization_id=state.organization_id, reason=reason
    )
