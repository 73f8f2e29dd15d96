"""``python -m identity [migrate | create-operator --email E --full-name N]``."""

import asyncio
import sys
from collections.abc import Sequence

from chassis import configure, load, run
from identity.app import build, connect
from identity.cli import NotCreatedError, create_operator, parse
from identity.credentials.password_hashing import Passwords
from identity.settings import Settings


def main(arguments: Sequence[str]) -> None:
    if arguments[:1] == ["create-operator"]:
        _create_operator(arguments[1:])
    else:
        run(load(Settings), build, arguments)


def _create_operator(arguments: Sequence[str]) -> None:
    """The temporary password is the last line on standard output."""
    wish = parse(arguments)
    settings = load(Settings)
    configure(settings)
    passwords = Passwords(threads=1, queue=0, memory=settings.password_memory)
    try:
        temporary = asyncio.run(create_operator(connect(settings), settings, passwords, wish))
    except NotCreatedError as error:
        sys.exit(str(error))
    print(temporary)


if __name__ == "__main__":
    main(sys.argv[1:])
