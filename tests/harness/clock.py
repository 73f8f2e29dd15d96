"""A clock that services of a test share (``KONTOR_CLOCK_FILE``), and that the test moves forward."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from harness.tokens import Tokens


class Clock:
    """The services read the file at each look at the clock, so it is replaced as a whole."""

    def __init__(self, file: Path, tokens: Tokens | None = None) -> None:
        """``tokens``: an issuer whose clock goes with it."""
        self.file, self._tokens = file, tokens
        self.ahead = timedelta()
        self.forward()

    def forward(self, **how_far: float) -> None:
        """As ``timedelta`` takes it: ``days=91``."""
        self.ahead += timedelta(**how_far)
        if self._tokens:
            self._tokens.ahead = self.ahead.total_seconds()
        written = self.file.with_suffix(".new")
        written.write_text(str(self.ahead.total_seconds()), encoding="ascii")
        written.replace(self.file)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead
