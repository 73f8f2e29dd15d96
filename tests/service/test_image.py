"""What the Dockerfile installs is enough to start each service: its own steps, into an empty folder, without an engine."""

from pathlib import Path
from typing import Any

import pytest
from harness.image import build

from kontor_contracts.topics import SERVICES
from kontor_local.processes import spawn


@pytest.mark.parametrize("name", SERVICES)
async def test_a_service_starts_from_what_its_image_holds(service: Any, tmp_path: Path, name: str) -> None:
    python = build(name, tmp_path)
    async with service(name, start=False, starter=spawn) as running:
        running.process.args[0] = str(python)
        await running.start()
        assert await running.is_ready()
        assert not [line for line in running.logs() if line.get("level") == "error"]
        assert await running.stop() == 0
