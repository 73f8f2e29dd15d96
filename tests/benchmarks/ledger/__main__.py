import os
import sys

import chassis.app
from benchmarks.ledger.app import Settings, build
from benchmarks.ledger.memory import MemoryStore

if __name__ == "__main__":
    if os.environ.get("LEDGER_STORE") == "memory":
        chassis.app.MongoStore = MemoryStore  # type: ignore[misc, assignment]
    chassis.app.run(Settings(), build, sys.argv[1:])
