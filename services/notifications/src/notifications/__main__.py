"""``python -m notifications [migrate]``."""

import os
import signal
import sys

# Before the imports, which take a second: process 1 of a container gets no signal without a handler for it.
signal.signal(signal.SIGTERM, lambda *_: os._exit(143 if sys.argv[-1] == "migrate" else 0))

from chassis import load, run  # noqa: E402
from notifications.app import build  # noqa: E402
from notifications.settings import Settings  # noqa: E402

if __name__ == "__main__":
    run(load(Settings), build, sys.argv[1:])
