"""HTTP: the caller's sessions, and signing out."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, status
from pydantic import BaseModel, StringConstraints

from chassis import Caller, Change, Form, Handler, MongoStore, Principal, new_router
from identity.credentials.tokens import RefreshToken
from identity.documents import SESSION
from identity.domain.session import EndSession, Session
from identity.people.lookup import calling_user

LOOK = 200


class SessionView(BaseModel):
    """``current``: the session of this request. ``client``: the program's User-Agent. ``methods``: as in RFC 8176."""

    session_id: str
    current: bool
    client: str
    methods: list[str]
    started_at: datetime
    used_at: datetime
    ends_at: datetime

    @classmethod
    def of(cls, session: Session, caller: Principal) -> Self:
        assert session.started_at is not None
        assert session.used_at is not None
        assert session.ends_at is not None
        return cls(
            session_id=session.session_id,
            current=session.session_id == caller.session_id,
            client=session.client,
            methods=list(session.methods),
            started_at=session.started_at,
            used_at=session.used_at,
            ends_at=session.ends_at,
        )


class SessionList(BaseModel):
    items: list[SessionView]


class Revocation(Form):
    token: Annotated[str, StringConstraints(min_length=1, max_length=200)]


def router(store: MongoStore, handler: Handler, now: Callable[[], datetime]) -> APIRouter:
    routes = new_router("/v1", tags=["sessions"])

    @routes.get("/me/sessions")
    async def list_sessions(caller: Caller) -> SessionList:
        """The sessions in which the caller is signed in."""
        user = await calling_user(store, caller)
        sessions = await _live(store, user.user_id, user.session_epoch, now())
        return SessionList(items=[SessionView.of(session, caller) for session in sessions])

    @routes.delete("/me/sessions/{session_id}", status_code=status.HTTP_204_NO_CONTENT)
    async def end_session(session_id: str, caller: Caller, change: Change) -> None:
        """End a session of the caller. Its access tokens are void in every service within seconds."""
        here = session_id == caller.session_id
        command = EndSession(caller.user_id, "signed-out" if here else "ended-by-user")
        await handler.handle(SESSION, SESSION.id(session_id), command, change.cause(caller))

    @routes.delete("/me/sessions", status_code=status.HTTP_204_NO_CONTENT)
    async def end_other_sessions(caller: Caller, change: Change) -> None:
        """End all sessions of the caller except this one."""
        user, cause = await calling_user(store, caller), change.cause(caller)
        for session in await _live(store, user.user_id, user.session_epoch, cause.time):
            if session.session_id != caller.session_id:
                command = EndSession(user.user_id, "ended-by-user")
                await handler.handle(SESSION, SESSION.id(session.session_id), command, cause)

    @routes.post("/token/revoke", status_code=status.HTTP_204_NO_CONTENT)
    async def revoke_token(body: Revocation, attempt: Change) -> None:
        """Sign out with a refresh token (RFC 7009). 204 also for an unknown token."""
        shown = RefreshToken.parse(body.token)
        id = SESSION.id(shown.session_id if shown else "none")
        session: Session | None = await store.get(SESSION, id)
        cause = attempt.cause(None)
        if shown is not None and session is not None and session.knows(shown.secret_hash, cause.time):
            command = EndSession(session.user_id, "signed-out")
            await handler.handle(SESSION, id, command, cause)

    return routes


async def _live(store: MongoStore, user_id: str, epoch: int, at: datetime) -> list[Session]:
    """The user's live sessions, last used first."""
    found: list[Session] = []
    after: str | None = None
    where = {"state.user_id": user_id, "state.revoked": False}
    while page := await store.find(SESSION, where, limit=LOOK, after=after):
        found += [session for _, session in page if session.live(epoch, at)]
        after = page[-1][0]
    return sorted(found, key=lambda session: session.used_at or at, reverse=True)
