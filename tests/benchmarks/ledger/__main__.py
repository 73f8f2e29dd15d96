import os
import sys

from reliability.patching import patch

import chassis.app
from benchmarks.ledger.app import Settings, build
from benchmarks.ledger.memory import MemoryStore

if __name__ == "__main__":
    if os.environ.get("LEDGER_STORE") == "memory":
        patch(chassis.app, "MongoStore", MemoryStore)
    if os.environ.get("LEDGER_STAGES"):
        from benchmarks.stages.watching import watched

        build = watched(build)
    chassis.app.run(Settings(), build, sys.argv[1:])
