"""Free TCP ports of this machine, each kept from everyone else until its server starts, and from other Kontors for longer.

Between the moment that a port is let go and the moment that its server has it, and again while a server is restarted, the
system would give it to anybody who asks. So every Kontor on the machine claims a port by a lock on a file before it takes it.
"""

import fcntl
import os
import random
import socket
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from typing import TextIO

HOST = os.environ.get("KONTOR_LOCAL_HOST") or "127.0.0.1"
"""Another one for those who cannot reach this machine's loopback, such as the pods of a cluster on it."""
# Below the range that the system hands to outgoing connections (from 32768 on Linux, 49152 on macOS): a server that is
# killed and started again must find its port, and not somebody's connection, there.
CHOICE = range(20_000, 30_000)
ATTEMPTS = 100


class Port:
    """A port's number, held by a listening socket until `release`, and claimed among Kontors as long as this object lives.

    `preferred` is taken if it is free; otherwise, and without it, any free port is.
    """

    def __init__(self, preferred: int | None = None, *, host: str = HOST) -> None:
        self.host = host
        self._holder: socket.socket | None
        self._holder, self._claim = _hold(preferred, host)
        self.number: int = self._holder.getsockname()[1]

    def release(self) -> int:
        """Let a server have the port now, and return its number. Later calls only return the number."""
        if self._holder is not None:
            self._holder.close()
            self._holder = None
        return self.number

    def take(self) -> socket.socket:
        """The listening socket itself, for a server in this process. Closing it is the taker's business."""
        taken = self._holder or socket.create_server((self.host, self.number))
        self._holder = None
        return taken

    def __del__(self) -> None:
        self.release()
        self._claim.close()


def is_open(port: int) -> bool:
    """Whether something listens there."""
    with closing(socket.socket()) as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def _hold(preferred: int | None, host: str) -> tuple[socket.socket, TextIO]:
    candidates = [] if preferred is None else [preferred]
    candidates += random.sample(CHOICE, ATTEMPTS)
    for number in candidates:
        if (claim := _claimed(number)) is None:
            continue
        try:
            return socket.create_server((host, number)), claim
        except OSError:
            claim.close()
    raise RuntimeError(f"no free port on {host} in {ATTEMPTS} attempts")


def _claimed(number: int) -> TextIO | None:
    """A lock that ends with its file or with this process, however that ends; None where another Kontor has it."""
    folder = Path(tempfile.gettempdir()) / f"kontor-ports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    claim = (folder / str(number)).open("w")
    with suppress(BlockingIOError):
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return claim
    claim.close()
    return None
