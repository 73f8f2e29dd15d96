"""The sample service (docs/write-a-service.md) as benchmarks run it: ``python -m benchmarks.tally``.

``TALLY_STORE=memory`` takes the database out, ``TALLY_STAGES=1`` measures the stages. What else is measured is set as in
production: without ``KONTOR_MIRROR`` the service follows no topic of its own.
"""

import os
import sys

from reliability.patching import patch
from service.chassis.tally.app import build
from service.chassis.tally.settings import Settings

import chassis.service
from benchmarks.memory_store import MemoryStore
from benchmarks.stages.watching import watched
from chassis import load, run

if __name__ == "__main__":
    if os.environ.get("TALLY_STORE") == "memory":
        patch(chassis.service, "MongoStore", MemoryStore)
    run(load(Settings), watched(build) if os.environ.get("TALLY_STAGES") else build, sys.argv[1:])
