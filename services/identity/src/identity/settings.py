"""What identity is told by its environment, besides what every service is told."""

import os
from pathlib import Path
from typing import ClassVar

from pydantic import Field

import chassis.settings


class Settings(chassis.settings.Settings):
    SERVICE: ClassVar[str] = "identity"

    signing_key_file: Path
    """The private Ed25519 key (JWK) that access tokens are signed with."""
    access_token_lifetime: int = Field(default=600, ge=60)
    session_lifetime: int = Field(default=14 * 24 * 3600, ge=600)
    """From sign-in on, however often the refresh token is used."""
    password_threads: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1)
    """Hashing a password keeps one core busy for tens of milliseconds, and 19 MiB of memory."""
    password_queue: int = Field(default=64, ge=0)
    """Passwords that may wait for a thread; the next request is answered 429."""

    # -- people and organizations
    restorable_for: int = Field(default=30 * 24 * 3600, ge=1)
    """Seconds in which a deleted user can be restored. Shorter than the longest retention of a topic, and names of purged
    users may still stand in topics for a while (ADR 13)."""
    invitation_lifetime: int = Field(default=7 * 24 * 3600, ge=60)
    dns_server: str | None = None
    """``address`` or ``address:port`` of the resolver that domains are proved with; else the system's own."""
