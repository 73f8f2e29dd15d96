"""The state of the sign-in page between steps: sealed in the page, for one browser, for a limited time. Nothing is stored."""

import json
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from chassis import Language
from chassis.crypto import Sealer, UnsealableError
from identity.credentials.tokens import digest
from identity.domain.user.state import User

REQUEST_FOR = timedelta(hours=1)
"""Long enough to fetch a mail and choose a new password in between."""
PROOF_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The authorization request that the sign-in answers. Empty ``redirect_uri``: the page was opened directly.

    ``portal``: the path of the portal to which the sign-in leads instead.
    ``ends``: it is a sign-out, and ``redirect_uri`` is where that leads to.
    """

    client_id: str = ""
    redirect_uri: str = ""
    state: str = ""
    scope: tuple[str, ...] = ()
    challenge: str = ""
    nonce: str = ""
    ends: bool = False
    language: Language = "en"
    portal: str = ""


def led_back(request: Request, **said: str) -> str:
    """The address that the request leads back to, with what is said there and the request's state."""
    query = urlencode({**said, **({"state": request.state} if request.state else {})})
    joint = "&" if "?" in request.redirect_uri else "?"
    return f"{request.redirect_uri}{joint}{query}" if query else request.redirect_uri


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Proof that this user's password was right. ``password``: a digest of the stored hash."""

    user_id: str
    epoch: int
    password: str

    @classmethod
    def of(cls, user: User) -> "Proof":
        return cls(user_id=user.user_id, epoch=user.session_epoch, password=digest(user.password_hash))

    def holds(self, user: User) -> bool:
        """Whether the user's password and access are unchanged since."""
        return self == Proof.of(user)


class Carrier:
    """Seals and opens the state in a page. Returns None for another browser, an expired or a forged state."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def seal(self, carried: Request | Proof, browser: str, at: datetime) -> str:
        until = at + (REQUEST_FOR if isinstance(carried, Request) else PROOF_FOR)
        kept = {
            "kind": type(carried).__name__,
            "browser": digest(browser),
            "until": until.timestamp(),
            "carried": asdict(carried),
        }
        return self._sealer.seal(json.dumps(kept))

    def request(self, sealed: str, browser: str, at: datetime) -> Request | None:
        found = self._open(sealed, "Request", browser, at)
        return None if found is None else replace(Request(**found), scope=tuple(found["scope"]))

    def proof(self, sealed: str, browser: str, at: datetime) -> Proof | None:
        found = self._open(sealed, "Proof", browser, at)
        return None if found is None else Proof(**found)

    def _open(self, sealed: str, kind: str, browser: str, at: datetime) -> dict[str, Any] | None:
        try:
            kept = json.loads(self._sealer.open(sealed))
        except (UnsealableError, ValueError):
            return None
        if not isinstance(kept, dict) or kept.get("kind") != kind or at.timestamp() >= kept["until"]:
            return None
        same = bool(browser) and secrets.compare_digest(kept["browser"], digest(browser))
        return dict(kept["carried"]) if same else None
