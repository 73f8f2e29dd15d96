"""``python -m identity [migrate | create-operator --email E --full-name N [--role R]]``."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence

# First: process 1 of a container ignores signals without a handler, and the imports below take a second.
signal.signal(
    signal.SIGTERM, lambda *_: os._exit(143 if "create-operator" in sys.argv or sys.argv[-1] == "migrate" else 0)
)

from chassis import UnavailableError, configure, load, run  # noqa: E402
from identity.app import build, connect  # noqa: E402
from identity.cli import NotCreatedError, create_operator, parse  # noqa: E402
from identity.credentials.password_hashing import Passwords  # noqa: E402
from identity.settings import Settings  # noqa: E402


def main(arguments: Sequence[str]) -> None:
    if arguments[:1] == ["create-operator"]:
        _create_operator(arguments[1:])
    else:
        run(load(Settings), build, arguments)


def _create_operator(arguments: Sequence[str]) -> None:
    """The temporary password is the last line on standard output."""
    operator = parse(arguments)
    settings = load(Settings)
    configure(settings)
    passwords = Passwords(threads=1, queue=0, memory=settings.password_memory)
    try:
        temporary = asyncio.run(create_operator(connect(settings), settings, passwords, operator))
    except (NotCreatedError, UnavailableError) as error:
        sys.exit(str(error))
    print(temporary)


if __name__ == "__main__":
    main(sys.argv[1:])
