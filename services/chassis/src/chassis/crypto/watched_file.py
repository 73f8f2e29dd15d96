"""A file with secrets that may change while the service runs, as a mounted secret does."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import structlog
from joserfc.errors import JoseError

log = structlog.get_logger("chassis.crypto.watched_file")

T = TypeVar("T")
LOOK_SECONDS = 1.0


class WatchedFile(Generic[T]):
    """What ``read`` makes of the file, looked at again each second.

    Raises what is wrong with the file when built. Later a file that cannot be read changes nothing, and is logged as an error.
    """

    def __init__(self, file: Path, read: Callable[[Path], T]) -> None:
        self._file = file
        self._read = read
        self._mark = _mark(file)
        self._found = read(file)
        self._looked = time.monotonic()

    def current(self) -> T:
        if time.monotonic() - self._looked >= LOOK_SECONDS:
            self.look()
        return self._found

    def look(self) -> T:
        """The same, looked at now."""
        self._looked = time.monotonic()
        try:
            mark = _mark(self._file)
            if mark != self._mark:
                self._found = self._read(self._file)
                self._mark = mark
                log.info("secret_file_read", file=str(self._file))
        except (OSError, ValueError, JoseError) as error:
            log.error("secret_file_unreadable", file=str(self._file), error=type(error).__name__)  # noqa: TRY400
        return self._found


def _mark(file: Path) -> tuple[int, int, int]:
    found = os.stat(file)  # noqa: PTH116  follows the link that a mounted secret is, as Path.stat does
    return found.st_ino, found.st_mtime_ns, found.st_size
