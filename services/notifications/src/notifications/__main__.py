"""``python -m notifications [migrate]``."""

import sys

from chassis import run
from notifications.app import build
from notifications.settings import Settings

if __name__ == "__main__":
    run(Settings(), build, sys.argv[1:])
