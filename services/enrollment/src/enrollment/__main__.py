"""``python -m enrollment [migrate]``."""

import sys

from chassis import run
from enrollment.app import build
from enrollment.settings import Settings

if __name__ == "__main__":
    run(Settings(), build, sys.argv[1:])
