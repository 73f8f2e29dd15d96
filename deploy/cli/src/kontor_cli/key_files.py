"""Files with secrets: written complete or not at all, because a service may read them at any moment."""

import json
import os
import secrets
import stat
from pathlib import Path
from typing import Any, NoReturn

from kontor_cli.connection import fail

CANNOT = 1


def write_text(file: Path, text: str) -> None:
    """Keeps the file's mode. Ends the command where it cannot be written."""
    place = file.resolve()
    draft = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    try:
        mode = stat.S_IMODE(place.stat().st_mode)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as secret:
            secret.write(text)
            secret.flush()
            os.fsync(secret.fileno())
        draft.chmod(mode)
        draft.replace(place)
    except OSError as error:
        draft.unlink(missing_ok=True)
        refuse(f"{file}: {error}")


def write_keys(file: Path, keys: list[dict[str, Any]]) -> None:
    write_text(file, json.dumps({"keys": keys}, indent=2) + "\n")


def refuse(text: str) -> NoReturn:
    """Say what stands against it, and end with 1."""
    fail(text, CANNOT)
