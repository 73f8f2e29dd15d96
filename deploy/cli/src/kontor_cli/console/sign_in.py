"""Who may look at the console, and who may act: sessions, which a token begins, or a sign-in at identity (`openid`)."""

import hmac
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

COOKIE = "kontor-console"
SESSION_SECONDS = 8 * 3600
AWAY_SECONDS = 3600
SHORTEST_TOKEN = 20
RIGHTS = ("look", "act")


class TokensError(ValueError):
    """A line of the file that is no token; the text names the line, never the token."""


@dataclass(frozen=True, slots=True)
class Person:
    """``act``: may replay dead letters and see people's data in them. ``name`` stays with what is done.

    ``shown``: what pages call the person; a name of people is not to stay in topics.
    """

    name: str
    right: Literal["look", "act"]
    shown: str = ""

    @property
    def may_act(self) -> bool:
        return self.right == "act"


@dataclass(frozen=True, slots=True)
class Token:
    person: Person
    text: str


def read_tokens(file: Path) -> list[Token]:
    """Raises OSError, TokensError."""
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match line.split():
            case [name, ("look" | "act") as right, text] if len(text) >= SHORTEST_TOKEN:
                found.append(Token(Person(name, right), text))
            case _:
                raise TokensError(
                    f"line {number}: write name, look or act, and a token of {SHORTEST_TOKEN} characters or more"
                )
    if not found:
        raise TokensError("it has no token; without one nobody can sign in")
    return found


@dataclass(frozen=True, slots=True)
class Session:
    """``until`` by the monotonic clock. ``form_token`` stands in every form: other sites cannot know it."""

    person: Person
    until: float
    form_token: str

    def sent(self, form: Mapping[str, str]) -> bool:
        """Whether a form is one of this session's pages."""
        return hmac.compare_digest(self.form_token.encode(), form.get("form", "").encode())


class Doors:
    """Sessions are kept in memory: after a restart everybody signs in again.

    A sign-in by another way than a token (an OpenID provider) ends in ``begin``. ``secure``: browsers come by https, through
    a proxy perhaps.
    """

    def __init__(
        self, tokens: Sequence[Token], clock: Callable[[], float] = time.monotonic, *, secure: bool = False
    ) -> None:
        self._tokens = tokens
        self._clock = clock
        self._secure = secure
        self._cookie = f"__Host-{COOKIE}" if secure else COOKIE
        self._sessions: dict[str, Session] = {}

    @property
    def take_tokens(self) -> bool:
        return bool(self._tokens)

    def person_of(self, text: str) -> Person | None:
        """Whose token this is. Compares with each, in the same time whatever is wrong with it."""
        found = [one.person for one in self._tokens if hmac.compare_digest(one.text.encode(), text.strip().encode())]
        return found[0] if found else None

    def begin(self, person: Person, request: Request, answer: Response, *, seconds: int = SESSION_SECONDS) -> None:
        """Give the browser a new session. An older one of this browser is over."""
        now = self._clock()
        self.end(request, answer)
        self._sessions = {id: one for id, one in self._sessions.items() if one.until > now}
        id = secrets.token_urlsafe(32)
        self._sessions[id] = Session(person, now + seconds, secrets.token_urlsafe(24))
        # Lax: with strict, the browser would keep it back when identity leads it here.
        answer.set_cookie(
            self._cookie, id, max_age=seconds, httponly=True, samesite="lax", secure=self._is_secure(request)
        )

    def end(self, request: Request, answer: Response) -> None:
        self._sessions.pop(request.cookies.get(self._cookie, ""), None)
        answer.delete_cookie(self._cookie, httponly=True, samesite="lax", secure=self._is_secure(request))

    def remember(self, name: str, value: str, request: Request, answer: Response) -> None:
        """A cookie for the way to identity and back."""
        secure = self._is_secure(request)
        answer.set_cookie(name, value, max_age=AWAY_SECONDS, httponly=True, samesite="lax", secure=secure)

    def session(self, request: Request) -> "Session | None":
        """Of the browser, with who is signed in."""
        session = self._sessions.get(request.cookies.get(self._cookie, ""))
        return session if session is not None and session.until > self._clock() else None

    def _is_secure(self, request: Request) -> bool:
        return self._secure or request.url.scheme == "https"


def from_here(request: Request) -> bool:
    """Whether a form was sent from a page of this console. Browsers name the origin of every form."""
    origin = request.headers.get("origin", "")
    return bool(origin) and urlsplit(origin).netloc == request.headers.get("host")
