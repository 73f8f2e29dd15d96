"""Keeps a browser's session in cookies that scripts and other hosts cannot read."""

from collections.abc import Callable
from datetime import datetime

from fastapi import Request, Response

from chassis import Cause, Handler, MongoStore
from chassis.http.pages import Cookies
from identity.credentials.tokens import RefreshToken, opaque
from identity.documents import SESSION
from identity.domain.session import EndSession, Session
from identity.domain.user.state import User
from identity.people.lookup import user_by_id

BROWSER, HELD, DEVICE, GOING_ON = "kontor_browser", "kontor_session", "kontor_device", "kontor_going_on"
YEAR = 365 * 24 * 3600


class BrowserSessions:
    def __init__(self, store: MongoStore, handler: Handler, cookies: Cookies, now: Callable[[], datetime]) -> None:
        self._store = store
        self._handler = handler
        self._now = now
        self._cookies = cookies

    def browser(self, request: Request) -> str:
        """The browser's id; a new one if it has none."""
        return self._cookies.get(request, BROWSER) or opaque()

    def device(self, request: Request) -> str:
        return self._cookies.get(request, DEVICE)

    def going_on(self, request: Request) -> str:
        """The sealed sign-in request that waits while the user reads a mail."""
        return self._cookies.get(request, GOING_ON)

    async def current(self, request: Request) -> tuple[User, Session] | None:
        """The user and session of this browser."""
        shown = RefreshToken.parse(self._cookies.get(request, HELD))
        if shown is None:
            return None
        session = await self._store.get(SESSION, SESSION.id(shown.session_id))
        if session is None or session.secret_hash != shown.secret_hash:
            return None
        found = await user_by_id(self._store, session.user_id)
        if found is None or not session.live(found[0].session_epoch, self._now()):
            return None
        return found[0], session

    def keep_browser(self, response: Response, browser: str) -> None:
        self._cookies.set(response, BROWSER, browser)

    def keep_going_on(self, response: Response, sealed: str) -> None:
        self._cookies.set(response, GOING_ON, sealed, seconds=3600)

    def keep(self, response: Response, refresh_token: str, device_token: str) -> None:
        """Keep the session until the browser is closed, and the device token for a year."""
        self._cookies.set(response, HELD, refresh_token)
        if device_token:
            self._cookies.set(response, DEVICE, device_token, seconds=YEAR)
        self._cookies.delete(response, GOING_ON)

    async def end(self, request: Request, response: Response, cause: Cause) -> None:
        """Sign out in this browser. Access tokens of the session are void in every service within seconds."""
        held = await self.current(request)
        self._cookies.delete(response, HELD)
        if held is not None:
            session = held[1]
            command = EndSession(session.user_id, "signed-out")
            await self._handler.handle(SESSION, SESSION.id(session.session_id), command, cause)
