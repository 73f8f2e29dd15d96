import os
import sys

from reliability.patching import patch

import chassis.command_line
import chassis.service
from benchmarks.ledger.app import Settings, build
from benchmarks.ledger.memory import MemoryStore
from benchmarks.stages.watching import watched
from chassis import load

if __name__ == "__main__":
    if os.environ.get("LEDGER_STORE") == "memory":
        patch(chassis.service, "MongoStore", MemoryStore)
    service = watched(build) if os.environ.get("LEDGER_STAGES") else build
    chassis.command_line.run(load(Settings), service, sys.argv[1:])
