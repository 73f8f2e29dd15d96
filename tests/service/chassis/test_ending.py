"""SIGTERM is obeyed in every moment of a process, also as process 1, with a bound and with an exit code that tells the truth."""

import asyncio
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from harness.running import Running
from support import eventually

from kontor_local.backends import AnyBroker
from kontor_local.environment import Surroundings, environment, topics_environment
from kontor_local.ports import HOST, Port
from kontor_local.processes import Process, spawn
from kontor_local.servers import Database

NOT_DONE = 128 + signal.SIGTERM
MODULES = ["identity", "enrollment", "relationships", "notifications", "chassis"]
ARGUMENTS = {"chassis": ["topics"]}
JOBS = {
    "create-operator": ["identity", "create-operator", "--email", "a@b.example", "--full-name", "A B"],
    "migrate": ["identity", "migrate"],
    "topics": ["chassis", "topics"],
}


def _answers_sigterm(pid: int) -> bool:
    """Whether the process has a handler for it (Linux)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    caught = next(int(line.split()[1], 16) for line in lines if line.startswith("SigCgt"))
    return bool(caught >> (signal.SIGTERM - 1) & 1)


def _away(keys: Path) -> Surroundings:
    """No server is there, and never will be."""
    port = Port()
    number = port.release()
    return Surroundings(
        kafka=f"{HOST}:{number}",
        mongo=f"mongodb://{HOST}:{number}/?directConnection=true",
        smtp_port=number,
        urls=dict.fromkeys(MODULES, f"http://{HOST}:{number}"),
        management=dict.fromkeys(MODULES, number),
        keys=keys,
    )


def _env(module: str, keys: Path) -> dict[str, str]:
    around = _away(keys)
    return topics_environment(around) if module == "chassis" else environment(module, around)


async def test_a_service_that_ends_in_order_ends_with_0(tally: Any) -> None:
    async with tally() as running:
        assert await running.stop() == 0
        assert _says(running, "ended")


@pytest.mark.parametrize("seconds", [0.0, 0.5, 1.5])
async def test_a_service_that_is_starting_ends_with_0(tally: Any, seconds: float) -> None:
    async with tally(start=False, starter=spawn) as running:
        await running.start(ready=False)
        await eventually(lambda: _answers_sigterm(running.process.pid or 0), every=0.001)
        await asyncio.sleep(seconds)
        assert await running.stop() == 0
        assert "Traceback" not in running.process.tail()


@pytest.mark.parametrize("module", MODULES)
def test_sigterm_is_obeyed_before_anything_else_is_loaded(module: str, keys: Path) -> None:
    """SIGTERM while a process imports, also as process 1: without a handler, process 1 would ignore the signal."""
    unshare = shutil.which("unshare")
    alone = [unshare, "--pid", "--fork", "--kill-child"] if unshare else []
    if not alone or subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets us have no process 1 of our own: unshare needs root on Linux")
    args = [*alone, sys.executable, "-m", module, *ARGUMENTS.get(module, [])]
    with subprocess.Popen(args, env=_env(module, keys), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as parent:
        child = _only_child(parent.pid)
        while True:
            # In this order: what is loaded by then was loaded before it answers.
            loaded = "pydantic" in Path(f"/proc/{child}/maps").read_text()
            if _answers_sigterm(child):
                break
            assert not loaded, "it loads its libraries before it obeys SIGTERM"
            time.sleep(0.001)
        subprocess.run(["kill", "-TERM", str(child)], check=True)
        parent.communicate(timeout=10)
        assert parent.returncode == (NOT_DONE if module == "chassis" else 0)


def _only_child(pid: int) -> int:
    file = Path(f"/proc/{pid}/task/{pid}/children")
    while not (found := file.read_text().split()):
        time.sleep(0.001)
    return int(found[0])


@pytest.mark.parametrize("job", JOBS)
async def test_a_job_that_waits_for_a_server_is_ended_at_once_and_is_not_done(
    job: str, keys: Path, tmp_path: Path
) -> None:
    module, *arguments = JOBS[job]
    log = tmp_path / "job.log"
    process = Process(job, [sys.executable, "-m", module, *arguments], env=_env(module, keys), log=log)
    process.start()
    try:
        if job != "create-operator":
            await eventually(lambda: log.exists() and "waiting_for_server" in log.read_text())
        else:
            await eventually(lambda: _answers_sigterm(process.pid or 0))
        process.signal(signal.SIGTERM)
        assert await process.wait(5) == NOT_DONE
        assert "Traceback" not in log.read_text()
    finally:
        process.kill()


@pytest.mark.parametrize("job", ["migrate", "topics"])
async def test_a_job_that_waited_long_enough_says_for_what(job: str, keys: Path, tmp_path: Path) -> None:
    module, *arguments = JOBS[job]
    env = _env(module, keys) | {"KONTOR_START_TIMEOUT": "1"}
    process = Process(job, [sys.executable, "-m", module, *arguments], env=env, log=tmp_path / "job.log")
    process.start()
    assert await process.wait(30) == 1
    said = (tmp_path / "job.log").read_text()
    assert ("database" if job == "migrate" else "broker") in said
    assert "Traceback" not in said


async def test_the_end_has_a_bound_while_the_broker_is_away(tally: Any, own_broker: AnyBroker) -> None:
    async with tally(KONTOR_KAFKA_BOOTSTRAP=own_broker.url, KONTOR_SHUTDOWN_TIMEOUT=6) as running:
        await own_broker.stop()
        await eventually(lambda: _says(running, "dependency_unavailable"))
        began = time.monotonic()
        assert await running.stop() == 0
        assert time.monotonic() - began < 6 + 6 / 2 + 3


async def test_the_end_has_a_bound_while_the_database_is_away(tally: Any, own_database: Database) -> None:
    async with tally(KONTOR_MONGO_URL=own_database.url, KONTOR_SHUTDOWN_TIMEOUT=6) as running:
        await own_database.stop()
        await eventually(lambda: _says(running, "dependency_unavailable"))
        assert await running.stop() == 0


async def test_a_service_that_drains_serves_and_says_that_it_is_not_ready(tally: Any) -> None:
    async with tally(KONTOR_DRAIN_DELAY=3) as running:
        running.signal(signal.SIGTERM)
        await eventually(lambda: _drains(running))
        assert (await running.client.get("/v1/counters")).status_code == 401, "it still serves"
        assert (await running.management.get("/livez")).status_code == 200
        assert await running.process.wait(30) == 0


async def _drains(running: Running) -> bool:
    answer = await running.management.get("/readyz")
    return answer.status_code == 503 and "draining" in answer.json()["reason"]


def _says(running: Running, event: str) -> bool:
    return any(line.get("event") == event for line in running.logs())
