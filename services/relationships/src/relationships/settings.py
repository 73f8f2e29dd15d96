"""The settings of relationships, in addition to those of every service."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field

import chassis
from chassis.configuration import SecretLinesFile, readable
from relationships import portals


class Settings(chassis.Settings):
    SERVICE: ClassVar[str] = "relationships"

    link_secret_file: SecretLinesFile = Field(
        description="the file with the secret that invitation links are derived from"
    )
    """Secrets of 32 characters or more, one a line: the first makes links, the others still open theirs.

    Read again when the file changes."""
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
