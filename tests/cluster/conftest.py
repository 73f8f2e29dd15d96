"""One release for all scenarios. `make test-cluster` runs them inside a cluster of its own."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kontor_local.cluster.release import Release
from kontor_local.journey.play import Stage, play, stage
from kontor_local.journey.report import Report
from kontor_local.journey.steps import STEPS


@pytest.fixture(scope="session")
async def kontor() -> AsyncIterator[Release]:
    inside = os.environ.get("KONTOR_CLUSTER")
    if inside is None:
        pytest.skip("NOT RUN: there is no cluster here; use `make test-cluster`")
    async with Release(Path(inside) / "kontor") as release:
        yield release


@pytest.fixture(scope="session")
async def played(kontor: Release) -> AsyncIterator[tuple[Report, Stage]]:
    """The journey has been played: what came of it, and who took part."""
    report = Report()
    async with stage(kontor) as on:
        await play(on, STEPS, report)
        yield report, on
