"""``python -m notifications [migrate]``."""

import sys

from chassis import load, run
from notifications.app import build
from notifications.settings import Settings

if __name__ == "__main__":
    run(load(Settings), build, sys.argv[1:])
