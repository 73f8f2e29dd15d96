"""Relationships' settings: those of every service, and the secret from which invitation links are derived."""

from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field

import chassis
from chassis import readable
from relationships.links import MIN_SECRET, secret


class Settings(chassis.Settings):
    SERVICE: ClassVar[str] = "relationships"

    link_secret_file: Annotated[Path, readable(secret, f"a secret of {MIN_SECRET} characters or more")] = Field(
        description="the file with the secret that invitation links are derived from"
    )
    """At least 32 characters. Another secret makes every link void that was sent before."""
    check_documents: int = Field(default=20_000, ge=0)
    """Customers and partners, together, of whom the process remembers what authorization checks ask for; 0: none."""
    check_bound: float = Field(default=5.0, ge=0.0)
    """Seconds: no check is answered from what the documents said longer ago (ADR 20)."""
