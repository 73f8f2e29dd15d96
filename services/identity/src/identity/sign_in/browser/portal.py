"""Keeps a browser signed in to the portal: an access token and the secret of forms, in cookies that no script can read."""

from dataclasses import dataclass

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from chassis import Cause
from chassis.http.pages import Cookies
from identity.credentials.tokens import opaque
from identity.domain.session import Session
from identity.sign_in.service import SignIn
from kontor_contracts.portal import FORM_COOKIE, RENEWED_COOKIE, SESSION_COOKIE

SEE_OTHER = 303
RENEWED_SECONDS = 20
SEPARATOR = "."


@dataclass(frozen=True, slots=True)
class Held:
    """What the browser holds of the portal. ``renewals``: how many there were within some seconds."""

    form_secret: str = ""
    renewals: str = ""

    @property
    def next_renewal(self) -> str:
        return str(min(3, int(self.renewals) + 1)) if self.renewals in {"1", "2", "3"} else "1"


class PortalCookies:
    def __init__(self, sign_in: SignIn, cookies: Cookies, lifetime: int) -> None:
        self._sign_in = sign_in
        self._cookies = cookies
        self._lifetime = lifetime

    def held(self, request: Request) -> "Held":
        return Held(self._cookies.get(request, FORM_COOKIE), self._cookies.get(request, RENEWED_COOKIE))

    async def lead_to(self, path: str, session: Session, held: "Held", cause: Cause) -> Response:
        """Redirect to a path of this host, signed in to the portal there. Forms stay good as long as the session does."""
        token = await self._sign_in.portal_token(session, cause, self._lifetime)
        answer = RedirectResponse(path, SEE_OTHER, headers={"cache-control": "no-store"})
        self._cookies.set(answer, SESSION_COOKIE, token)
        self._cookies.set(answer, RENEWED_COOKIE, held.next_renewal, seconds=RENEWED_SECONDS)
        if held.form_secret.partition(SEPARATOR)[0] != session.session_id:
            self._cookies.set(answer, FORM_COOKIE, f"{session.session_id}{SEPARATOR}{opaque()}")
        return answer

    def forget(self, response: Response) -> None:
        for name in (SESSION_COOKIE, RENEWED_COOKIE, FORM_COOKIE):
            self._cookies.delete(response, name)
