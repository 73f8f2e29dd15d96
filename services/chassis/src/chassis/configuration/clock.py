"""The service's clock, which tests may move: by a fixed skew, or by a file that all services of a run share."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

MOVABLE_IN = ("development", "local", "test", "compose")
"""Environments in which the clock may be moved. Everywhere else the setting ends the service at its start."""


def moved_by(file: Path) -> float:
    """The seconds in the file. Replace the file as a whole: it is read at each look at the clock. Never move it back."""
    return float(file.read_text(encoding="ascii"))


def now(skew: float, file: Path | None) -> datetime:
    seconds = skew + moved_by(file) if file else skew
    moment = datetime.now(UTC)
    return moment + timedelta(seconds=seconds) if seconds else moment
