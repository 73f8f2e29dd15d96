"""The operators' command line, as a process."""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from typing import Any

from harness.running import Running

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
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "kontor_cli",
        *arguments,
        env=env,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(WITHIN):
        out, err = await process.communicate()
    assert process.returncode is not None
    return Said(process.returncode, out.decode(), err.decode())
