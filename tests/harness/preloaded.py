"""Imports what service processes import. The fork server of the tests loads this module once (`harness.forkserver`)."""

import ctypes
import gc
import importlib
import os
import signal
import sys

from kontor_contracts.topics import SERVICES

PR_SET_PDEATHSIG = 1
MODULES = [f"{service}.app" for service in SERVICES]
MODULES += ["identity.cli", "kontor_cli.app", "service.chassis.tally.app", "service.chassis.tally.faults"]


def end_with_parent(parent: int) -> None:
    """Let the kernel kill this process when its parent ends (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


for module in MODULES:
    importlib.import_module(module)
# The collector would touch, and so copy, the memory that forked processes share.
gc.collect()
gc.freeze()
