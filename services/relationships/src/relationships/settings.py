"""Relationships' settings: those of every service, and the secret from which invitation links are derived."""

from pathlib import Path
from typing import ClassVar

import chassis.settings


class Settings(chassis.settings.Settings):
    SERVICE: ClassVar[str] = "relationships"

    link_secret_file: Path
    """At least 32 characters. Another secret makes every link void that was sent before."""
