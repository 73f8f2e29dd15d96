"""The parts of a bundle: each is asked for by itself, and one that cannot be had leaves a note instead."""

import json
import platform
from collections import deque
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from kontor_cli.bundle import scrubbing
from kontor_cli.connection import Connection
from kontor_cli.console.measuring import Measuring
from kontor_cli.letters import piles
from kontor_cli.reading import Reader
from kontor_cli.showing import pile_document
from kontor_cli.topics import drift

SECONDS = 10
PACKAGES = (
    "kontor-cli",
    "kontor-contracts",
    "kontor-chassis",
    "aiokafka",
    "faststream",
    "motor",
    "pymongo",
    "pydantic",
    "fastapi",
)
OF_PILES = (
    "group",
    "fingerprint",
    "topic",
    "stage",
    "error_class",
    "count",
    "waiting",
    "settled",
    "first_seen",
    "last_seen",
)
"""Of dead letters that failed alike. Neither what the error said nor the records themselves."""


def versions() -> dict[str, Any]:
    return {
        "packages": {name: _version(name) for name in PACKAGES},
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


async def topics_and_lag(connection: Connection) -> dict[str, Any]:
    async with connection.consumer() as consumer, connection.admin() as admin:
        return await Measuring(connection).measure(consumer, admin)


async def differences(connection: Connection, replicas: int, min_insync: int) -> list[dict[str, str]]:
    async with connection.admin() as admin:
        found = await drift(admin, connection.prefix, replicas, min_insync)
    return [{"topic": one.topic, "what": one.what, "found": str(one.found), "wanted": str(one.wanted)} for one in found]


async def dead_letters(connection: Connection) -> list[dict[str, Any]]:
    async with connection.consumer() as consumer, connection.admin() as admin:
        boxes = await Reader(consumer, admin, connection).read(None)
    found = [pile_document(pile) for box in boxes.values() for pile in piles(box)]
    return [{name: pile[name] for name in OF_PILES} for pile in found]


def management(url: str) -> Mapping[str, str]:
    """By file name, what a service tells on its management port."""
    about = {name: _asked(url, name) for name in ("version", "status", "metrics")}
    texts = {name: json.dumps(scrubbing.report(json.loads(about[name])), indent=2) for name in ("version", "status")}
    return {
        "version.json": texts["version"],
        "status.json": texts["status"],
        "metrics.txt": scrubbing.metrics(about["metrics"]),
    }


def _asked(url: str, path: str) -> str:
    with urlopen(f"{url.rstrip('/')}/{path}", timeout=SECONDS) as answer:  # noqa: S310  the operator names it
        text: str = answer.read().decode()
    return text


def log(file: Path, lines: int) -> str:
    """The last lines."""
    with file.open(encoding="utf-8", errors="replace") as text:
        kept, left_out = scrubbing.log_lines(deque(text, maxlen=lines))
    note = [json.dumps({"event": "lines_left_out", "lines": left_out})] if left_out else []
    return "".join(f"{line}\n" for line in [*(json.dumps(one) for one in kept), *note])


def settings_file(file: Path) -> dict[str, str]:
    """What ``python -m SERVICE check`` printed: one ``NAME=value`` a line, a star behind what is not the default."""
    pairs = (line.partition("=") for line in file.read_text(encoding="utf-8", errors="replace").splitlines())
    return scrubbing.settings({name: value.removesuffix(" *").strip('"') for name, _, value in pairs})
