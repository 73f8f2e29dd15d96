"""``python -m enrollment [migrate]``."""

import sys

import chassis.lean  # noqa: F401  before anything else of ours
from chassis.app import run
from enrollment.app import build
from enrollment.settings import Settings

if __name__ == "__main__":
    run(Settings(), build, sys.argv[1:])
