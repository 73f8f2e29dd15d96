"""``python -m enrollment [migrate]``."""

import sys

from chassis import load, run
from enrollment.app import build
from enrollment.settings import Settings

if __name__ == "__main__":
    run(load(Settings), build, sys.argv[1:])
