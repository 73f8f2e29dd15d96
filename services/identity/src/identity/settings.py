"""Settings of identity, besides those of every service."""

import os
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field

import chassis
from chassis.configuration import PrivateKeyFile, SecretLinesFile, readable
from identity.configuration.oidc_issuers import read_issuers
from identity.configuration.sign_in_clients import SignInClient
from identity.credentials.signing_keys import KeyRing


class Settings(chassis.Settings):
    SERVICE: ClassVar[str] = "identity"

    signing_key_file: Annotated[Path, readable(KeyRing, "private Ed25519 keys as JWK or JWK set")] = Field(
        description="the file with the keys that access tokens are signed with"
    )
    """The private Ed25519 keys that access tokens are signed with: a JWK, or a JWK set as ``kontor keys`` writes it."""
    factor_key_file: PrivateKeyFile = Field(description="the file with the private X25519 key of second factors")
    """Private X25519 key (JWK) with which the secrets of second factors and of sign-ins under way are sealed."""
    hash_secret_file: SecretLinesFile = Field(description="the file with the secret of keyed hashes")
    """Secret of the hashes of recovery codes and of the marks of wrong passwords: 32 characters or more, never in the database.
    To replace it, put a new line before the old one."""
    access_token_lifetime: int = Field(default=600, ge=60, le=3000)
    """Less than an hour: that is how long every service keeps revocations."""
    portal_token_lifetime: int = Field(default=3000, ge=60, le=3000)
    """Seconds for which the portal's cookie signs in. It is renewed while its user opens pages, and lasts for long forms."""
    session_lifetime: int = Field(default=14 * 24 * 3600, ge=600)
    """Seconds from sign-in. Using the refresh token does not extend it."""
    session_idle: int = Field(default=7 * 24 * 3600, ge=600)
    """A session ends when it was not refreshed for this many seconds."""
    refresh_grace: int = Field(default=30, ge=0, le=300)
    """Seconds in which a used refresh token gives the same successor again: for two tabs, or for a lost answer."""
    second_factor_grace: int = Field(default=14 * 24 * 3600, ge=0)
    """Seconds from the first sign-in in which nothing asks for a second factor. After that, customers' pages do."""
    external_issuers_file: Annotated[Path, readable(read_issuers, "a JSON list of issuers")] | None = None
    """JSON list of OpenID Connect issuers that companies sign in with; see docs/sign-in.md."""
    sign_in_clients: tuple[SignInClient, ...] = ()
    """The pages and tools that send people here to sign in (JSON list; docs/sign-in.md)."""
    reset_lifetime: int = Field(default=30 * 60, ge=60)
    """Seconds for which the link for a new password is valid."""
    password_threads: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1)
    """Hashing a password keeps one core busy for tens of milliseconds, and 19 MiB of memory."""
    password_queue: int = Field(default=64, ge=0)
    """Passwords that may wait for a thread. The next request gets status 429."""
    password_memory: int = Field(default=19 * 1024, ge=8)
    """KiB that hashing a password takes (argon2id, two passes). Only tests use less than the default."""

    # -- people and organizations
    restorable_for: int = Field(default=30 * 24 * 3600, ge=1)
    """Seconds in which a deleted user can be restored. If it is shorter than the longest retention of a topic, topics may
    still hold names of purged users for a while (ADR 13)."""
    sign_up_lifetime: int = Field(default=24 * 3600, ge=60)
    """Seconds for which the link that proves a sign-up's address is valid. After that, the sign-up's data is erased."""
    invitation_lifetime: int = Field(default=7 * 24 * 3600, ge=60)
    """Seconds for which the link in an invitation to an account is valid."""
    dns_server: str | None = None
    """``address`` or ``address:port`` of the resolver for the TXT records of domains. Default: the system's resolver."""
