"""SIGTERM while nothing is begun yet that would have to end in order: while modules load, and in jobs.

Process 1 of a container has no default action for a signal: without a handler SIGTERM would be lost, and SIGKILL follows.
So each ``__main__`` of a service sets a handler in its first line, and ``python -m chassis`` sets this one.
"""

import os
import signal
import sys
from types import FrameType

ENDED = 0
NOT_DONE = 128 + signal.SIGTERM
"""Of a job that was told to end before it was done: nobody may take it for done."""


def end_job(_number: int, _frame: FrameType | None) -> None:
    """At once: what a job has done so far stands, and it is safe to run again."""
    os.write(2, b"ended by SIGTERM before it was done; run it again\n")
    os._exit(NOT_DONE)


def obey_in_job() -> None:
    signal.signal(signal.SIGTERM, end_job)


def obey_before_serving() -> None:
    """A service that has begun nothing ends at once, and in order. `chassis.lifecycle.serving` takes over from here."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(ENDED))


# Here and not in ``__main__``: the package loads all of its public names first.
if sys.orig_argv[1:3] == ["-m", "chassis"]:
    obey_in_job()
