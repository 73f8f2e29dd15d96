"""Starts service processes by a fork of one process that has imported all services.

The imports take most of the CPU time of a start. `multiprocessing` brings the fork server; what this module adds is a process
that behaves like ``python -m <module>`` in a session of its own. Tests of the start itself use a new interpreter instead.
"""

import multiprocessing
import os
import runpy
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from multiprocessing.forkserver import ensure_running
from pathlib import Path
from threading import Lock

from kontor_local.processes import Child, spawn

PRELOADED = "harness.preloaded"
_forking = multiprocessing.get_context("forkserver")


@dataclass(frozen=True, slots=True)
class Program:
    module: str
    arguments: Sequence[str]
    env: Mapping[str, str]
    log: str
    output: str


def fork(command: Sequence[str], env: Mapping[str, str] | None, log: Path, output: Path) -> Child:
    """A starter for `kontor_local.processes.Process`, for commands that are ``python -m <module>`` with arguments.

    Systems other than Linux get a new interpreter.
    """
    if sys.platform != "linux":
        return spawn(command, env, log, output)
    python, option, module, *arguments = command
    assert (python, option) == (sys.executable, "-m"), command
    _ensure_running()
    began, begins = _forking.Pipe(duplex=False)
    program = Program(module, arguments, dict(os.environ if env is None else env), str(log), str(output))
    process = _forking.Process(target=_become, args=(begins, program), daemon=True)
    process.start()
    begins.close()
    with began:
        began.poll(None)  # the process has its own group from then on, so that signals reach it
    return Forked(process)


class Forked:
    """A process as `subprocess.Popen` shows it, for several threads."""

    def __init__(self, process: ForkServerProcess) -> None:
        assert process.pid is not None
        self.pid = process.pid
        self._process = process
        self._lock = Lock()

    def poll(self) -> int | None:
        with self._lock:
            return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, negative for a signal; `subprocess.TimeoutExpired` after ``timeout`` seconds."""
        wait([self._process.sentinel], timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        return code


def _ensure_running() -> None:
    """The fork server finds modules by PYTHONPATH alone, where pytest has its own list of folders."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)
    try:
        _forking.set_forkserver_preload(["__main__", PRELOADED])
        ensure_running()
    finally:
        del os.environ["PYTHONPATH"]
        if before is not None:
            os.environ["PYTHONPATH"] = before


def _become(begins: Connection, program: Program) -> None:
    """In the new process: what ``python -m`` does, with this environment and these files as standard streams."""
    from harness.preloaded import end_with_parent  # noqa: PLC0415 - loads the services, which only this process needs

    os.setsid()
    end_with_parent(os.getppid())
    for path, stream in ((program.output, 1), (program.log, 2)):
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        os.dup2(file, stream)
        os.close(file)
    os.environ.clear()
    os.environ.update(program.env)
    sys.argv = [program.module, *program.arguments]
    begins.close()
    runpy.run_module(program.module, run_name="__main__", alter_sys=True)
