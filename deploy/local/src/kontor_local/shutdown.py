"""Ending in good order, whichever way the end is asked for."""

import fcntl
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType


class BusyError(RuntimeError):
    """Another process has what we need."""


@contextmanager
def sigterm_as_interrupt() -> Iterator[None]:
    """Inside, SIGTERM does what Ctrl-C does, so that one way out (cancel, clean up, KeyboardInterrupt) serves both."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may change handlers
        return
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def only_one(directory: Path) -> Iterator[None]:
    """Keep `directory` to this process; BusyError if another one that still lives has it."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(f"another Kontor runs in {directory}; stop that one first") from None
        yield


def _interrupt(_signal: int, frame: FrameType | None) -> None:
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler):  # a shell's background job is started with Ctrl-C ignored
        raise KeyboardInterrupt
    handler(signal.SIGINT, frame)
