"""``python -m enrollment [migrate]``."""

import os
import signal
import sys

# First of all: process 1 of a container hears no signal that it has not asked for, and the imports below take a second.
signal.signal(signal.SIGTERM, lambda *_: os._exit(143 if sys.argv[-1] == "migrate" else 0))

from chassis import load, run  # noqa: E402
from enrollment.app import build  # noqa: E402
from enrollment.settings import Settings  # noqa: E402

if __name__ == "__main__":
    run(load(Settings), build, sys.argv[1:])
