"""The operators' command line, as a process."""

import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.forkserver import fork
from harness.running import Running

from kontor_local.processes import Process

VARIABLES = ("KONTOR_KAFKA_BOOTSTRAP", "KONTOR_TOPIC_PREFIX")
WITHIN = 120


@dataclass(frozen=True, slots=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def outcomes(self) -> list[str]:
        """Of a replay, in the order told."""
        return [result["outcome"] for result in self.document["results"]]


async def kontor(running: Running, *arguments: str, **variables: str) -> Said:
    """Run ``kontor`` against the broker of a service, with its topic prefix."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("KONTOR_")}
    env |= {name: running.env[name] for name in VARIABLES} | {"KONTOR_OPERATOR": "olga", "COLUMNS": "400"} | variables
    command = [sys.executable, "-m", "kontor_cli", *arguments]
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        process = Process("kontor", command, env=env, log=err, output=out, starter=fork)
        process.start()
        try:
            code = await process.wait(WITHIN)
        finally:
            process.kill()
        return _said(code, out, err)


def _said(code: int, out: Path, err: Path) -> Said:
    return Said(code, out.read_text(), err.read_text())
