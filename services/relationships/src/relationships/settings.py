"""Relationships' settings: those of every service, and the secret from which invitation links are derived."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field

import chassis
from chassis import readable
from relationships import portals
from relationships.links import MIN_SECRET, secret


class Settings(chassis.Settings):
    SERVICE: ClassVar[str] = "relationships"

    link_secret_file: Annotated[Path, readable(secret, f"a secret of {MIN_SECRET} characters or more")] = Field(
        description="the file with the secret that invitation links are derived from"
    )
    """At least 32 characters. Another secret makes every link void that was sent before."""
    portals_file: Annotated[Path, readable(portals.read, "portals as JSON (docs/portals.md)")] | None = None
    """The portals whose imports are believed. Without it every portal is, except in production: there none is."""
    check_documents: int = Field(default=20_000, ge=0)
    """Customers and partners, together, of whom the process remembers what authorization checks ask for; 0: none."""
    check_bound: float = Field(default=5.0, ge=0.0)
    """Seconds: no check is answered from what the documents said longer ago (ADR 20)."""

    def portals(self) -> Mapping[str, portals.Portal] | None:
        """None: every portal is believed."""
        if self.portals_file is not None:
            return portals.read(self.portals_file)
        return {} if self.environment == "production" else None
