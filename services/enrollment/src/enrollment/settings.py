"""Enrollment's own settings; the shared ones are the chassis'."""

from typing import ClassVar

from pydantic import Field

import chassis
from chassis import HashSecretFile


class Settings(chassis.Settings):
    SERVICE: ClassVar[str] = "enrollment"

    hash_secret_file: HashSecretFile = Field(description="the file with the secret of keyed hashes")
    """Secret of the hashes of access codes and of the marks of wrong ones: 32 characters or more, never in the database. To
    replace it, put a new line in front of the old one."""
    contact_link_days: int = Field(default=7, ge=1, le=30)
    """How long the link in the mail to the primary contact holds."""
    mail_domains_refused: frozenset[str] = frozenset()
    """Mail services for everybody that no list has; a JSON list in the environment."""
    mail_domains_allowed: frozenset[str] = frozenset()
    """Domains that are companies' own although a public list says otherwise; stronger than every list."""
