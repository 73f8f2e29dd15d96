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
