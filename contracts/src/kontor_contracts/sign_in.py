"""What every service, and any other one that takes access tokens, knows of the sign-in: its endpoints, and what voids a token.

Services verify tokens with the published keys alone, so none has to ask the service that issues them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from kontor_contracts.identity import voids_tokens
from kontor_contracts.topics import BY_NAME, Topic

__all__ = [
    "AUTHORIZE_PATH",
    "PASSWORD_REMEDY",
    "STEP_UP_REMEDY",
    "TOKEN_PATH",
    "VOIDING_TOPICS",
    "subjects_of",
    "voids_tokens",
]

AUTHORIZE_PATH = "/authorize"
"""OAuth 2.0 authorization endpoint (RFC 6749, 3.1), under the public address of the sign-in page."""
TOKEN_PATH = "/token"  # noqa: S105  a path
"""OAuth 2.0 token endpoint (RFC 6749, 3.2)."""

STEP_UP_REMEDY = (
    "POST /v1/token with grant_type step_up, your refresh token and a code; "
    "who has no second factor yet sets one up with POST /v1/me/second-factor"
)
PASSWORD_REMEDY = "choose a password of your own first: PUT /v1/me/password"  # noqa: S105  a sentence

VOIDING_TOPICS: tuple[Topic, ...] = (BY_NAME["identity.events"],)
"""The topics whose events `voids_tokens` judges."""


def subjects_of(claims: Mapping[str, Any]) -> Iterator[str]:
    """The subjects of the events that may void a token with these claims: its session, where it has one, and its user."""
    if (session := claims.get("sid")) is not None:
        yield f"session:{session}"
    yield f"user:{claims['sub']}"
