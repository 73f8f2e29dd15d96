import os
import sys

from service.tally.app import build
from service.tally.faults import put_in
from service.tally.settings import Settings

from chassis import load
from chassis.service import run

if __name__ == "__main__":
    if sys.argv[1:] != ["migrate"]:
        put_in(os.environ.get("TALLY_FAULT", ""))
    run(load(Settings), build, sys.argv[1:])
