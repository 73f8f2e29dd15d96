"""Child processes that never outlive us.

Three nets, each for the case that the one before cannot catch: the owner stops them (`terminate`), the interpreter
stops them when it exits, and on Linux the kernel kills them when we are killed (`launch`).
"""

import asyncio
import atexit
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from kontor_local import launch

GRACE = 10.0
"""Seconds between asking a process to stop and killing it."""
LOOK_EVERY = 0.05
START_SECONDS = 180.0
"""How long a server or a service may take to start: long, because a busy machine or much data takes its time, and one that
cannot start ends by itself."""

_running: "set[Process]" = set()


def start_within() -> float:
    """Seconds; ``KONTOR_TEST_START_SECONDS`` sets another limit."""
    return float(os.environ.get("KONTOR_TEST_START_SECONDS") or START_SECONDS)


class ProcessError(RuntimeError):
    """A child process did not do what it was started for. The text ends with the tail of its log."""


class Child(Protocol):
    """A started program, as `subprocess.Popen` shows it."""

    pid: int

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...


Starter = Callable[[Sequence[str], Mapping[str, str] | None, Path, Path], Child]
"""Starts a command with this environment in a session of its own; standard error goes to the first file, output to the other."""


def spawn(command: Sequence[str], env: Mapping[str, str] | None, log: Path, output: Path) -> Child:
    """Start it as a new program that the kernel kills when this process ends."""
    args = [sys.executable, "-I", "-S", launch.__file__, str(os.getpid()), *command]
    with log.open("ab") as errors, output.open("ab") as out:
        return subprocess.Popen(
            args, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=errors, start_new_session=True
        )


class Process:
    """One program with its own process group and its output appended to a log file.

    Start it from the main thread: the kernel ties a child's life to the thread that started it.
    """

    def __init__(
        self,
        name: str,
        args: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        log: Path,
        output: Path | None = None,
        starter: Starter = spawn,
    ) -> None:
        self.name = name
        self.args = list(args)
        self.env = env
        self.log = log
        self.output = output
        self._starter = starter
        self._child: Child | None = None

    @property
    def pid(self) -> int | None:
        return None if self._child is None else self._child.pid

    @property
    def alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    @property
    def stopped(self) -> bool:
        """Whether it stands still by a signal, somebody's or its own (Linux)."""
        with suppress(OSError):
            state = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2]
            return state.split()[0] == "T"
        return False

    def poll(self) -> int | None:
        """The exit code (negative: the signal), or None while it runs or before it was started."""
        return None if self._child is None else self._child.poll()

    def start(self) -> None:
        if self.alive:
            raise ProcessError(f"{self.name} runs already")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._child = self._starter(self.args, self.env, self.log, self.output or self.log)
        _running.add(self)

    async def terminate(self, grace: float = GRACE) -> None:
        """Ask it to stop; kill it if it has not within `grace` seconds, or if we are cancelled. Gone afterwards."""
        try:
            if self.alive:
                self.signal(signal.SIGTERM)
                await self.wait(grace)
        except TimeoutError:
            pass  # the kill below is the answer
        finally:
            self.kill()

    async def restart(self) -> None:
        await self.terminate()
        self.start()

    def kill(self) -> None:
        """SIGKILL, and wait for the end, which is immediate."""
        self.signal(signal.SIGKILL)
        if self._child is not None:
            self._child.wait()
        _running.discard(self)

    async def wait(self, within: float) -> int:
        """The exit code; TimeoutError after `within` seconds."""
        assert self._child is not None, f"{self.name} was never started"
        try:
            return await asyncio.to_thread(self._child.wait, within)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"{self.name} still runs after {within} s") from None

    async def until(self, answers: Callable[[], Awaitable[bool]], within: float) -> None:
        """Return when it `answers`; ProcessError if it ends before that, or takes longer than `within` seconds."""
        try:
            async with asyncio.timeout(within):
                while self.alive and not await answers():  # noqa: ASYNC110 - another process sets no event of ours
                    await asyncio.sleep(LOOK_EVERY)
        except TimeoutError:
            raise self.failure(f"was not ready within {within} s") from None
        if not self.alive:
            raise self.failure("did not start")

    def tail(self, lines: int = 30) -> str:
        """The last lines of its log."""
        if not self.log.exists():
            return "(no log)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def failure(self, what: str) -> ProcessError:
        """The error to raise when it did not do its job: what, how it ended, and the tail of its log."""
        end = "it still runs" if self.alive else f"it ended with {self.poll()}"
        return ProcessError(f"{self.name} {what}; {end}. The end of {self.log}:\n{self.tail()}")

    def signal(self, number: int) -> None:
        """Send it to the whole process group; nothing happens where it does not run."""
        # Only while the leader is not reaped: its process group's number cannot belong to somebody else until then.
        if self._child is not None and self._child.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._child.pid, number)


async def run(
    name: str,
    args: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    log: Path,
    within: float = 60.0,
    starter: Starter = spawn,
) -> str:
    """Run a program to its end and return what it printed; ProcessError if it fails or takes longer than `within` s."""
    output = log.with_name(f"{log.name}.out-{time.monotonic_ns()}")
    process = Process(name, args, env=env, log=log, output=output, starter=starter)
    process.start()
    try:
        code = await process.wait(within)
        if code != 0:
            raise process.failure("failed")
        return output.read_text()
    except TimeoutError:
        raise process.failure(f"took longer than {within} s") from None
    finally:
        process.kill()
        output.unlink(missing_ok=True)


@atexit.register
def _kill_all() -> None:
    for process in list(_running):
        process.kill()
