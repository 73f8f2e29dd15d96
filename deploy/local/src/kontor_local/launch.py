"""Becomes the program named in its arguments, after tying that program's life to its parent's.

Run as a file by `processes`: ``python -I -S launch.py <pid of the parent> <program> <arguments>``. A program of its own
and no `preexec_fn`, because a fork of a process with threads may run no Python before it execs.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, program: list[str]) -> None:
    if sys.platform == "linux":
        # SIGKILL, not SIGTERM: a child that ignores a polite signal would outlive a parent that can no longer insist.
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit(1)  # the parent died before the tie was made, so no signal will come
    os.execvp(program[0], program)  # noqa: S606 - becoming that program is the point


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
