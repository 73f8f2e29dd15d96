"""``python -m notifications [migrate]``."""

import sys

import chassis.lean  # noqa: F401  before anything else of ours
from chassis.app import run
from notifications.app import build
from notifications.settings import Settings

if __name__ == "__main__":
    run(Settings(), build, sys.argv[1:])
