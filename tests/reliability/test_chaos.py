"""A short run of the rig, and a look whether it would have seen anything. `make chaos` runs it for longer.

Its processes are forked here, which takes a sixth of the CPU time of a new interpreter, as `make chaos` starts them.
"""

import os
from pathlib import Path

import pytest
from harness.forkserver import fork
from reliability.bugs import BUGS
from reliability.rig import Plan, run

EMBEDDED = os.environ.get("KONTOR_TEST_BACKEND", "embedded") == "embedded"
FAULTS = ("crash", "kill", "smtp-network", "poison", "reread")
OF_A_CLUSTER = ("broker", "rebalance", "broker-stop", "rolling", "broker-network")
"""What the embedded broker does not stand, and one process per service cannot show."""
FIRST = set[str]() if EMBEDDED else {"broker:kill", "rebalance"}
"""Those that come first come to their turn on a slow machine, too."""
COMMANDS = 40
CRASHES = 3
"""Fewer commands, or kinds of crashes, would prove little."""


@pytest.mark.timeout(600)
async def test_nothing_is_lost_doubled_or_seen_by_strangers_whatever_dies(tmp_path: Path) -> None:
    seconds, faults = (30.0, FAULTS) if EMBEDDED else (75.0, OF_A_CLUSTER + FAULTS)
    result = await run(tmp_path, Plan("short", seconds, faults, commands=COMMANDS, crashes=CRASHES), starter=fork)
    stories = [f"{verdict.invariant}: {story}" for verdict in result.verdicts for story in verdict.stories]
    assert (stories, result.surprises) == ([], [])
    assert [verdict.invariant for verdict in result.verdicts if not verdict.checked] == []
    assert len([kind for kind in result.faults if kind.startswith("crash:")]) >= CRASHES
    assert result.commands.total() >= COMMANDS
    assert set(result.faults) >= FIRST


@pytest.mark.parametrize("name", ["dead-letters-vanish"])
async def test_a_seeded_bug_is_found(name: str, tmp_path: Path) -> None:
    """One of them; `make chaos-bugs` tries all."""
    bug = BUGS[name]
    result = await run(tmp_path, Plan("bug", 10.0, bug.faults, bug=name), starter=fork)
    assert set(result.broken) & set(bug.breaks)
