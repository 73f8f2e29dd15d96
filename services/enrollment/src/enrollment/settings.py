"""The settings of enrollment, in addition to those of every service."""

from typing import ClassVar

from pydantic import Field

import chassis
from chassis.configuration import HashSecretFile


class Settings(chassis.Settings):
    SERVICE: ClassVar[str] = "enrollment"

    hash_secret_file: HashSecretFile = Field(description="the file with the secret of keyed hashes")
    """The secret of the hashes of access codes: 32 characters or more, never in the database. To replace it, add a new line
    before the old one."""
    contact_link_days: int = Field(default=7, ge=1, le=30)
    """How long the link in the mail to the primary contact is valid."""
    mail_domains_refused: frozenset[str] = frozenset()
    """Public mail services that are on no list; a JSON list in the environment."""
    mail_domains_allowed: frozenset[str] = frozenset()
    """Companies' own domains that are on a public list by mistake; stronger than every list."""
