"""``kontor support-bundle``: one archive with what helps others to see what ails an installation.

Exit codes: 0 all that was asked for is in it · 1 something could not be had, and `contents.json` says what · 2 wrong usage.
"""

import asyncio
import io
import json
import os
import sys
import tarfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from kontor_cli import showing
from kontor_cli.bundle import collecting, scrubbing
from kontor_cli.connection import Connection, fail

INCOMPLETE, USAGE = 1, 2


class Bundle:
    """The archive's files in memory, and what became of each part."""

    def __init__(self) -> None:
        self.files: dict[str, str] = {}
        self.parts: list[dict[str, str]] = []

    def add(self, name: str, ask: Callable[[], Any]) -> None:
        """``ask`` answers with a text, a document, or several files by name below this one."""
        sys.stderr.write(f"{name} ...\n")
        try:
            found = ask()
        except Exception as error:  # noqa: BLE001  a part that cannot be had does not stop the others
            # Its kind alone: what it says may name addresses and people.
            self.parts.append({"part": name, "outcome": f"could not be had: {type(error).__name__}"})
            return
        self.parts.append({"part": name, "outcome": "ok"})
        if isinstance(found, str):
            self.files[name] = found
        elif isinstance(found, Mapping) and name.endswith("/"):
            self.files |= {f"{name}{file}": text for file, text in found.items()}
        else:
            self.files[name] = json.dumps(found, indent=2)

    @property
    def complete(self) -> bool:
        return all(part["outcome"] == "ok" for part in self.parts)

    def write(self, file: Path) -> None:
        contents = {"made_at": datetime.now(UTC).isoformat(timespec="seconds"), "parts": self.parts}
        with tarfile.open(file, "w:gz") as archive:
            for name, text in {"contents.json": json.dumps(contents, indent=2), **self.files}.items():
                body = text.encode()
                info = tarfile.TarInfo(f"kontor-support/{name}")
                info.size, info.mtime, info.mode = len(body), int(time.time()), 0o600
                archive.addfile(info, io.BytesIO(body))
        file.chmod(0o600)


def support_bundle(
    context: typer.Context,
    *,
    out: Annotated[Path, typer.Option(help="The archive to write, .tar.gz.")] = Path("kontor-support.tar.gz"),
    management: Annotated[
        list[str] | None,
        typer.Option(help="A service's management port, such as http://localhost:9000; several times."),
    ] = None,
    log: Annotated[list[Path] | None, typer.Option(help="A service's log; several times.")] = None,
    lines: Annotated[int, typer.Option(min=1, help="The last lines of each log.")] = 2000,
    settings: Annotated[
        list[Path] | None, typer.Option(help="What python -m SERVICE check printed; several times.")
    ] = None,
    replication_factor: Annotated[int, typer.Option(envvar="KONTOR_REPLICATION_FACTOR", min=1)] = 3,
    min_insync_replicas: Annotated[int, typer.Option(envvar="KONTOR_MIN_INSYNC_REPLICAS", min=1)] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: archive, parts.")] = False,
) -> None:
    """Collect versions, settings, topics, lag, dead letters, states and logs, without secrets and without people."""
    connection: Connection = context.obj
    bundle = Bundle()
    bundle.add("versions.json", collecting.versions)
    bundle.add("settings.json", lambda: scrubbing.settings(os.environ))
    if connection.bootstrap:
        wanted = (connection, replication_factor, min_insync_replicas)
        bundle.add("topics-and-lag.json", lambda: asyncio.run(collecting.topics_and_lag(connection)))
        bundle.add("topic-differences.json", lambda: asyncio.run(collecting.differences(*wanted)))
        bundle.add("dead-letters.json", lambda: asyncio.run(collecting.dead_letters(connection)))
    for number, url in enumerate(management or [], 1):
        bundle.add(f"services/{number}-{urlsplit(url).port}/", partial(collecting.management, url))
    for number, file in enumerate(log or [], 1):
        bundle.add(f"logs/{number}.jsonl", partial(collecting.log, file, lines))
    for number, file in enumerate(settings or [], 1):
        bundle.add(f"settings/{number}.json", partial(collecting.settings_file, file))
    try:
        bundle.write(out)
    except OSError as error:
        fail(f"--out: {error}", USAGE)
    if as_json:
        showing.print_json({"archive": str(out), "parts": bundle.parts})
    else:
        showing.print_lines([f"{part['part']}: {part['outcome']}" for part in bundle.parts] + [f"wrote {out}"])
    if not bundle.complete:
        raise typer.Exit(INCOMPLETE)
