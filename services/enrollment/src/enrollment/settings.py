"""Enrollment's own settings; the shared ones are the chassis'."""

from typing import ClassVar

from pydantic import Field

import chassis


class Settings(chassis.Settings):
    SERVICE: ClassVar[str] = "enrollment"

    contact_link_days: int = Field(default=7, ge=1, le=30)
    """How long the link in the mail to the primary contact holds."""
    mail_domains_refused: frozenset[str] = frozenset()
    """Mail services for everybody that no list has; a JSON list in the environment."""
    mail_domains_allowed: frozenset[str] = frozenset()
    """Domains that are companies' own although a public list says otherwise; stronger than every list."""
