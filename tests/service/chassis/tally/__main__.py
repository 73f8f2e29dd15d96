import os
import signal
import sys

# As every service does it.
signal.signal(signal.SIGTERM, lambda *_: os._exit(143 if sys.argv[-1] == "migrate" else 0))

from service.chassis.tally.app import build  # noqa: E402
from service.chassis.tally.faults import put_in  # noqa: E402
from service.chassis.tally.settings import Settings  # noqa: E402

from chassis import load, run  # noqa: E402

if __name__ == "__main__":
    if sys.argv[1:] != ["migrate"]:
        put_in(os.environ.get("TALLY_FAULT", ""))
    run(load(Settings), build, sys.argv[1:])
