"""The settings of relationships, in addition to those of every service."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field

import chassis
from chassis.configuration import readable
from relationships import portals
from relationships.links import MIN_SECRET, secret


class Settings(chassis.Settings):
    SERVICE: ClassVar[str] = "relationships"

    link_secret_file: Annotated[Path, readable(secret, f"a secret of {MIN_SECRET} characters or more")] = Field(
        description="the file with the secret that invitation links are derived from"
    )
    """At least 32 characters. A new secret voids every link sent before."""
    portals_file: Annotated[Path, readable(portals.read, "portals as JSON (docs/portals.md)")] | None = None
    """The portals that may import customers. Without a file every portal may; in production none may."""
    check_documents: int = Field(default=20_000, ge=0)
    """Customers and partners, together, that the read cache of authorization checks holds; 0: no cache."""
    check_bound: float = Field(default=5.0, ge=0.0)
    """Seconds: the greatest age of an answer from the read cache (ADR 20)."""

    def portals(self) -> Mapping[str, portals.Portal] | None:
        """None: every portal may import."""
        if self.portals_file is not None:
            return portals.read(self.portals_file)
        return {} if self.environment == "production" else None
