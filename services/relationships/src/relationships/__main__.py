"""``python -m relationships``: serve; ``python -m relationships migrate``: create the indexes."""

import sys

from chassis import load, run
from relationships.app import build
from relationships.settings import Settings

if __name__ == "__main__":
    run(load(Settings), build, sys.argv[1:])
