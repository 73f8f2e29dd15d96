"""Who may look at the console, and who may act. Signed in by a token; another way in makes a session in the same place."""

import hmac
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

COOKIE = "kontor-console"
SESSION_SECONDS = 8 * 3600
SHORTEST_TOKEN = 20
RIGHTS = ("look", "act")


class TokensError(ValueError):
    """A line of the file that is no token; the text names the line, never the token."""


@dataclass(frozen=True, slots=True)
class Person:
    """``act``: may replay dead letters and see people's data in them. ``name`` stays with what is done."""

    name: str
    right: Literal["look", "act"]

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


class Doors:
    """Sessions are kept in memory: after a restart everybody signs in again.

    A sign-in by another way than a token (an OpenID provider) ends in ``begin``.
    """

    def __init__(self, tokens: Sequence[Token], clock: Callable[[], float] = time.monotonic) -> None:
        self._tokens = tokens
        self._clock = clock
        self._sessions: dict[str, tuple[Person, float]] = {}

    def person_of(self, text: str) -> Person | None:
        """Whose token this is. Compares with each, in the same time whatever is wrong with it."""
        found = [one.person for one in self._tokens if hmac.compare_digest(one.text.encode(), text.strip().encode())]
        return found[0] if found else None

    def begin(self, person: Person, request: Request, answer: Response) -> None:
        """Give the browser a session."""
        now = self._clock()
        self._sessions = {id: one for id, one in self._sessions.items() if one[1] > now}
        id = secrets.token_urlsafe(32)
        self._sessions[id] = (person, now + SESSION_SECONDS)
        answer.set_cookie(
            COOKIE,
            id,
            max_age=SESSION_SECONDS,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )

    def end(self, request: Request, answer: Response) -> None:
        self._sessions.pop(request.cookies.get(COOKIE, ""), None)
        answer.delete_cookie(COOKIE)

    def visitor(self, request: Request) -> Person | None:
        """Who is signed in."""
        person, until = self._sessions.get(request.cookies.get(COOKIE, ""), (None, 0.0))
        return person if until > self._clock() else None


def from_here(request: Request) -> bool:
    """Whether a form was sent from a page of this console. Browsers name the origin of every form."""
    origin = request.headers.get("origin", "")
    return bool(origin) and urlsplit(origin).netloc == request.headers.get("host")
